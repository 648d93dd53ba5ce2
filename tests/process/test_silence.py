"""Nothing that a visitor sends is written to any output, log or file."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from server.core.ids import ChatId, Secret
from server.demo.text_browser import TextBrowser
from server.http.listener import serve_http
from server.process.sockets import listen_on
from server.serve import build_services
from server.store.contract.chat import EntryPage
from server.store.memory.store import MemoryStore
from server.web.app import create_web
from tests.everything import do_everything
from tests.fakes import ChatPair, DrawsAtOnce

from .crowd import CONVERSATIONS, hold_a_thousand_conversations
from .needles import Needles
from .private_folders import PrivateFolders
from .provocations import invalid_requests, misuse_forms, misuse_talk, routes, send
from .server_process import ServerProcess, running_server
from .witnesses import Witness, marked_headers

CANARY = "heron-lamplight-quartz"

NOBODY = {"sessions": 0, "waiting": 0, "conversations": 0, "streams": 0, "failures": 0}


@pytest.mark.checklist(12, 23, 27)
@pytest.mark.slow  # a thousand conversations, and three thousand requests that are wrong
async def test_data_of_visitors_reaches_no_output_and_no_file(tmp_path: Path) -> None:
    folders, needles = PrivateFolders(tmp_path), Needles()
    traces = folders.traces()
    launch = folders.launch_options("tests.process.trusting")
    with running_server(folders.run, launch=launch) as server:
        hold_a_thousand_conversations(server, needles)
        assert server.ask_admin(b"status\n").items() >= NOBODY.items()
        statuses = await provoke_every_route(server, needles)
        await do_everything(visitor_factory(server, needles))
        server.ask_admin(f"{needles.mark('command')}\n".encode())
        assert server.ask_admin(b"status\n")["failures"] == 0
        assert not traces.found(needles)
        code, out, err = server.stop()
    assert not traces.found(needles, out=out, err=err)
    assert (code, out, err) == (0, '{"event": "ready"}\n', "")
    assert folders.files() == []
    assert set(statuses) >= {200, 303, 400, 403, 404, 405, 410, 429}
    check_needle_counts(needles.counts())


def visitor_factory(server: ServerProcess, needles: Needles) -> Callable[[], Witness]:
    """Return a factory of visitors whose browsers send marked headers."""
    headers = marked_headers(needles)
    return lambda: Witness(server.connect, needles, headers=headers)


async def provoke_every_route(server: ServerProcess, needles: Needles) -> Counter[int]:
    """Send invalid requests to every route as a member of a conversation; return the statuses."""
    new_visitor, word = visitor_factory(server, needles), needles.mark("error")
    statuses: Counter[int] = Counter()
    for method, path in routes():
        pair = await ChatPair.meet(new_visitor(), new_visitor())
        requests = invalid_requests(method, path, pair, word)
        answers = [send(server, needles, invalid) for invalid in requests]
        assert any(answers), path
        statuses.update(status for status in answers if status)
    pair = await ChatPair.meet(new_visitor(), new_visitor())
    statuses.update(await misuse_forms(pair.first.browser, pair.first.path, word))
    statuses.update(await misuse_talk(await ChatPair.meet(new_visitor(), new_visitor()), word))
    return statuses


def check_needle_counts(kinds: Counter[str]) -> None:
    """Check that needles of each kind were collected, enough for the number of visitors."""
    people = 2 * CONVERSATIONS
    assert kinds["cookie"] >= 2 * people, "as text and as bytes"
    assert min(kinds[kind] for kind in ("chat id", "circuit id")) >= people
    assert min(kinds[kind] for kind in ("token", "word")) >= CONVERSATIONS
    # There may be fewer names than visitors: two visitors may draw the same name.
    assert kinds["name"] > CONVERSATIONS
    assert min(kinds[kind] for kind in ("title", "code in words", "code in digits")) >= 40


class BrokenStore(MemoryStore):
    """Fails when it is read, with a visitor's message in the exception."""

    async def read(
        self, secret: Secret, chat_id: ChatId, after: int, limit: int, until: int | None = None
    ) -> EntryPage:
        """Raise an exception that contains a message, as a bug could."""
        page = await super().read(secret, chat_id, after, limit, until)
        if any(entry.message and CANARY in entry.message.text for entry in page.entries):
            raise RuntimeError(f"could not read {CANARY}")
        return page


@pytest.mark.checklist(10, 23)
async def test_exception_in_a_stream_is_not_written_anywhere(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    path, stop = tmp_path / "web.sock", asyncio.Event()
    services = build_services(store := BrokenStore())
    services.draws = DrawsAtOnce(store)
    serving = asyncio.ensure_future(serve_http(create_web(services, None), listen_on(path), stop))

    async def connect() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_unix_connection(str(path))

    pair = await ChatPair.meet(TextBrowser(connect), TextBrowser(connect))
    # Sent before the stream opens: only a new stream reads entries from the store.
    await pair.first.send(CANARY)
    async with pair.second.browser.stream(f"{pair.second.path}/live") as stream:
        chunks = [chunk async for chunk in stream.chunks()]
    plain = await pair.first.browser.get(f"{pair.first.path}/plain")
    stop.set()
    await serving
    assert plain.status == 500
    for text in (str(chunks), plain.body.decode(), *capfd.readouterr(), caplog.text):
        assert CANARY not in text
    # One failure in the stream, which then ended, and one on the page.
    assert services.failures == {"RuntimeError": 2}
