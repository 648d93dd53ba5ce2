"""A bug becomes a static page and a count; its text reaches neither page nor log."""

from __future__ import annotations

import logging
import traceback
from collections import Counter
from collections.abc import MutableMapping, Set
from typing import Any

import pytest

from server.core.errors import VisitorError
from server.core.ids import ChatId, CircuitKey, Secret
from server.core.nudge.kind import PersonalKind
from server.core.room.spent_tokens import ComposerToken
from server.http.asgi import App, Receive, Scope, Send
from server.store.contract.matching import MatchState
from server.store.contract.session import Settings
from server.store.memory.store import MemoryStore
from server.web.edge.asgi_guard import Guard, ResponseAbortedError
from server.web.edge.error_pages import BROKEN, FAILURES
from server.web.edge.headers import EVERYWHERE
from tests.fakes import FakeClock

from .appbrowser import make_server

CANARY = "heron-lamplight-quartz"


class BrokenStore(MemoryStore):
    """A store with two bugs, whose exceptions contain a visitor's text."""

    def __init__(self) -> None:
        super().__init__(clock=FakeClock())

    async def visit(
        self,
        secret: Secret,
        *,
        is_pressed: bool,
        circuit: CircuitKey | None = None,
        is_issued: bool = False,
    ) -> Settings | None:
        """Accept every secret, so that the start page calls `match_state`."""
        return Settings()

    async def is_known(self, secret: Secret | None) -> bool:
        """Accept every secret."""
        return secret is not None

    async def match_state(self, secret: Secret) -> MatchState:
        """Raise with the cookie in the text."""
        raise KeyError(f"{CANARY} {secret.to_cookie()}")

    async def post(
        self,
        secret: Secret,
        chat_id: ChatId,
        text: str,
        token: ComposerToken,
        asked: Set[PersonalKind] = frozenset(),
    ) -> None:
        """Raise with the message in the text."""
        raise RuntimeError(f"{CANARY} {text}")


@pytest.mark.checklist(10)
async def test_bug_becomes_a_static_page_and_a_count_of_its_type(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    server = make_server(store=BrokenStore())
    cookie = "A" * 42 + "E"
    reply = await server.browser(cookie=f"__Host-s={cookie}").get("/")
    assert reply.status == 500
    assert reply.body.decode() == server.services.broken_page
    assert BROKEN.sentence in reply.page.text
    assert server.services.failures == {"KeyError": 1}
    for output in (reply.body.decode(), str(reply.headers), caplog.text, *capfd.readouterr()):
        assert CANARY not in output
        assert cookie not in output


@pytest.mark.checklist(10)
async def test_bug_in_a_post_reveals_no_typed_text(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    server = make_server()
    pair = await server.pair()
    form = (await pair.first.browser.get(f"{pair.first.path}/composer")).page.form("/messages")
    server.services.store = BrokenStore()
    reply = await pair.first.browser.submit(form, text="private words")
    assert reply.status == 500
    assert server.services.failures == {"RuntimeError": 1}
    assert "private words" not in reply.body.decode() + caplog.text


class BrokenCounter(Counter[str]):
    """Raises where a bug is counted."""

    def __setitem__(self, name: str, count: int) -> None:
        """Raise with a text that must not appear anywhere."""
        raise OverflowError(CANARY)


@pytest.mark.checklist(10)
async def test_bug_while_answering_a_bug_is_not_logged(
    caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.DEBUG)
    server = make_server(store=BrokenStore())
    server.services.failures = BrokenCounter()
    reply = await server.browser(cookie="__Host-s=" + "A" * 43).get("/")
    assert reply.status == 500
    for output in (reply.body.decode(), caplog.text, *capfd.readouterr()):
        assert CANARY not in output


async def test_server_continues_after_a_bug() -> None:
    server = make_server(store=BrokenStore())
    visitor = server.browser(cookie="__Host-s=" + "A" * 43)
    assert (await visitor.get("/")).status == 500
    assert (await visitor.get("/help")).status == 200


def test_every_refusal_has_an_error_status() -> None:
    for error, failure in FAILURES.items():
        assert issubclass(error, VisitorError)
        assert 400 <= failure.status <= 503


ODD_HEADERS = [
    {"cookie": "__Host-s=" + "A" * 42 + "="},
    {"referer": "http://["},
    {"host": ".."},
    {"host": "a" * 300},
    {"host": "\xe9"},
    {"origin": "http://["},
    {"sec_fetch_site": "\xff"},
    {"content_type": "x" * 500},
]


@pytest.mark.parametrize("headers", ODD_HEADERS)
@pytest.mark.parametrize("path", ["/", "/wait", "/chat/abcdefghijkl", "/nothing"])
async def test_odd_header_causes_no_bug(headers: dict[str, str], path: str) -> None:
    server = make_server()
    for method in ("GET", "POST"):
        reply = await server.browser(**headers).request(method, path)
        assert reply.status < 500
        assert set(EVERYWHERE) <= set(reply.headers)
    assert not server.services.failures


Sent = list[MutableMapping[str, Any]]


async def ask_guarded(app: App, failures: Counter[str], sent: Sent) -> None:
    """Send one request through the guard to an application."""

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request"}

    scope = {"type": "http", "method": "GET", "path": "/", "headers": []}
    await Guard(app, None, failures)(scope, receive, send)


@pytest.mark.checklist(10)
async def test_exception_during_a_response_aborts_it_without_details() -> None:
    async def half_sent(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        raise KeyError(CANARY)

    failures = Counter[str]()
    with pytest.raises(ResponseAbortedError) as caught:
        await ask_guarded(half_sent, failures, [])
    assert CANARY not in "".join(traceback.format_exception(caught.value))
    assert failures == {"KeyError": 1}


@pytest.mark.checklist(10)
async def test_escaped_exception_is_answered_with_an_empty_500() -> None:
    async def broken(scope: Scope, receive: Receive, send: Send) -> None:
        raise KeyError(CANARY)

    sent: Sent = []
    failures = Counter[str]()
    await ask_guarded(broken, failures, sent)
    assert [message.get("status", message.get("body")) for message in sent] == [500, b""]
    names = {name.decode() for name, _ in sent[0]["headers"]}
    assert {*EVERYWHERE, "cache-control", "content-length"} == names
    assert failures == {"KeyError": 1}
