"""Answers that are ready to send are those of the application, and hold nothing of a visitor.

Each request goes to the application behind its guard, once directly and twice through the ready
pages: when the answer is made, and when it is kept.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.ids import Secret
from server.core.limits import FIRST_FORM_TOKEN_SLICE_S, HEAD_COUNT_MAX_S
from server.http.asgi import EXTENSION, ConnectionExtension, Message, Receive, Scope, Send
from server.web.dull_page import is_conversation
from server.web.edge.asgi_guard import Guard
from server.web.edge.ready_pages import ReadyPages
from server.web.restarted_page import OTHER_COOKIE, WAITING
from server.web.views.static_pages import SOURCE_PATH
from tests.failures import Failures
from tests.fakes import join_room, press_intent

from .appbrowser import AppServer, make_server
from .refusing import broken
from .routes import ROUTES, rule_of

CANARY = "heron-in-a-request"
LANGUAGES = (
    *("", "lang=en", "lang=fa", "lang=xx", "lang=fa&lang=en", "l%61ng=fa", "LANG=fa", "%ff=%"),
)
QUERIES = (*LANGUAGES, "x=1", "after=bad", "steady=7&every=3&before=x", "lines=1", "lang")
OTHER = f"__Host-s={OTHER_COOKIE}".encode()
EARLIER = f"__Host-s={Secret(b'u' * 32).to_cookie()}"
COOKIES = ("", "{}", "__Host-s=short", "a=b; {}", "__Host-s=", "a=\xff", "__Host-s=\xff")
"""Cookies without a session; `{}` stands for one whose session has ended."""

GATEWAYS = ({"via": "1.1 x"}, {"Cf-Ray": "1"}, {"accept-encoding": "gzip, chunked"})
REFERERS = ("http://sottovoce/", "http://sottovoce/rooms?lang=fa", "http://sottovoce/help", "/", "")
PATHS = (
    *("/nowhere", "/-", "//rooms", "/rooms/", "/chat/", "/chat/x/y/z", "/waiting", "/wait/", "/é"),
    *("/0.css", "/about/", "/\x00", "/chat/<b>/composer", "/knock//", "/.", "/rooms/new/new"),
)

LOOK_EVERY_S, DAY_PART_S = 180, 4 * 3_600

Headers = dict[str, str]
Answer = list[Message]


@dataclass
class Layers:
    """The application behind its guard, directly and through the ready pages."""

    server: AppServer = field(default_factory=make_server)
    requests: list[Scope] = field(default_factory=list)
    """What the application was asked through the ready pages."""

    def __post_init__(self) -> None:
        app, failures = self.server.app, self.server.services.failures

        async def seen(scope: Scope, receive: Receive, send: Send) -> None:
            self.requests.append(scope)
            await app.asgi_http_class(app, scope)(receive, send)  # type: ignore[arg-type]

        async def direct(scope: Scope, receive: Receive, send: Send) -> None:
            await app.asgi_http_class(app, scope)(receive, send)  # type: ignore[arg-type]

        self.direct = Guard(direct, None, failures)
        self.ready = ReadyPages(seen, app.url_map, self.server.services)
        self.through = Guard(self.ready, None, failures)

    async def check(self, method: str, target: str, headers: Headers | None = None) -> Answer:
        """Check that all three answers are the same; return one."""
        expected = await ask(self.direct, method, target, headers)
        for time in ("made", "kept"):
            assert await ask(self.through, method, target, headers) == expected, time
        return expected

    async def get(self, target: str, headers: Headers | None = None) -> str:
        """Ask through the ready pages; return the page."""
        _, body = await ask(self.through, "GET", target, headers)
        return bytes(body["body"]).decode()


async def ask(layer: Guard, method: str, target: str, headers: Headers | None = None) -> Answer:
    path, _, query = target.partition("?")
    sent = {"host": "sottovoce", "user-agent": "Firefox", **(headers or {})}
    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.1"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": path,
        "raw_path": path.encode("utf-8"),
        "query_string": query.encode("ascii"),
        "root_path": "",
        "headers": [(n.encode(), v.encode("latin-1")) for n, v in sent.items() if v],
        "client": None,
        "server": None,
        "state": {},
        "extensions": {EXTENSION: ConnectionExtension(lambda _stream: None, lambda: False)},
    }
    sent_back: Answer = []

    async def receive() -> Message:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Message) -> None:
        sent_back.append(dict(message))

    await layer(scope, receive, send)
    return sent_back


def every_path(server: AppServer) -> Iterable[str]:
    """A path on each route that GET may ask for, and paths on none."""
    for route in ROUTES:
        yield re.sub("<[^>]*>", "abcdefghijkl", rule_of(route))
    yield server.services.stylesheet.path
    yield from PATHS


def status_of(answer: Answer) -> int:
    return int(answer[0]["status"])


def token_on(page: str, form: str = "/pair") -> str:
    return page.partition(f"action={form}>")[2].partition("value=")[2].partition(">")[0]


async def test_every_path_is_answered_as_by_the_application() -> None:
    layers, statuses = Layers(), set[int]()
    with Failures() as failures:
        for path in every_path(layers.server):
            for method in ("GET", "HEAD"):
                for query in LANGUAGES if method == "GET" else ("", "lang=fa"):
                    with failures.of(f"{method} {path}?{query}"):
                        answer = await layers.check(method, f"{path}?{query}")
                        statuses.add(status_of(answer))
    assert statuses == {200, 303, 404, 405}


async def test_every_cookie_without_a_session_makes_no_difference() -> None:
    layers = Layers()
    ended = f"__Host-s={layers.server.store.mint.new().to_cookie()}"
    with Failures() as failures:
        for path in every_path(layers.server):
            for cookie in COOKIES:
                with failures.of(f"{path}, {cookie}"):
                    answer = await layers.check("GET", path, {"cookie": cookie.format(ended)})
                    assert answer == await ask(layers.direct, "GET", path)


async def test_cookie_of_an_earlier_start_matters_only_where_a_session_is_needed() -> None:
    layers = Layers()
    with Failures() as failures:
        for path in every_path(layers.server):
            with failures.of(path):
                answer = await layers.check("GET", path, {"cookie": f"a=b; {EARLIER}"})
                is_same = answer == await ask(layers.direct, "GET", path)
                needs_session = is_conversation(path) or path.rstrip("/") in WAITING
                assert is_same != needs_session


async def test_gateways_and_refused_cookies_are_answered_as_by_the_application() -> None:
    layers = Layers()
    with Failures() as failures:
        for path in every_path(layers.server):
            for referer in REFERERS:
                for cookie in ("", EARLIER, "__Host-s="):
                    with failures.of(f"{path} from {referer!r}, {cookie!r}"):
                        await layers.check("GET", path, {"referer": referer, "cookie": cookie})
            for headers in GATEWAYS:
                with failures.of(f"{path}, {headers}"):
                    answer = await layers.check("GET", f"{path}?lang=fa", headers)
                    assert status_of(answer) == 403


@settings(max_examples=60, deadline=None)
@given(
    path=st.one_of(
        st.text(max_size=20).map("/".__add__),
        st.lists(
            st.sampled_from(["chat", "rooms", "new", "wait", "live", "x", ""]), max_size=4
        ).map(lambda parts: "/" + "/".join(parts)),
    ),
    query=st.lists(st.sampled_from(QUERIES), max_size=3).map("&".join),
    method=st.sampled_from(["GET", "HEAD"]),
    referer=st.sampled_from(REFERERS),
    cookie=st.sampled_from(COOKIES),
)
def test_any_request_is_answered_as_by_the_application(
    path: str, query: str, method: str, referer: str, cookie: str
) -> None:
    headers = {"referer": referer, "cookie": cookie}
    asyncio.run(SHARED.check(method, f"{path.replace('?', '')}?{query}", headers))


SHARED = Layers()


async def test_application_is_asked_once_for_each_page_and_language() -> None:
    layers = Layers()
    for _ in range(3):
        for target in ("/", "/?lang=fa", "/?x=1", "/nowhere", "/nothing/here", "/help"):
            await layers.get(target)
    asked = [(scope["path"], scope["query_string"]) for scope in layers.requests]
    assert asked == [("/", b""), ("/", b"lang=fa"), ("/-", b""), ("/help", b"")]


async def test_request_of_a_session_is_always_forwarded() -> None:
    layers = Layers()
    browser = layers.server.browser()
    await press_intent(browser, "talk")
    for path in ("/", "/rooms", "/mine", "/wait", "/nowhere", "/panic"):
        await layers.get(path)
        layers.requests.clear()
        headers = {"cookie": browser.cookie}
        expected = await ask(layers.direct, "GET", path, headers)
        through = await ask(layers.through, "GET", path, headers)
        assert [scope["headers"][-1][0] for scope in layers.requests] == [b"cookie"], path
        assert without_tokens(through) == without_tokens(expected)
    assert "Go back to waiting" in await layers.get("/", headers)
    assert "Go back to waiting" not in await layers.get("/")


def without_tokens(answer: Answer) -> str:
    """The answer without what is new each time: tokens, and the bytes that were used so far."""
    return re.sub(r"value=[\w-]{14,}|\d+ KiB", "", f"{answer}")


@pytest.mark.parametrize("method", ["POST", "PUT"])
async def test_only_get_and_head_are_answered_without_the_application(method: str) -> None:
    layers = Layers()
    await layers.get("/language")
    layers.requests.clear()
    await ask(layers.through, method, "/language")
    assert len(layers.requests) == (method == "POST")


async def test_ready_page_has_the_present_token_at_every_moment() -> None:
    layers = Layers()
    clock, tokens = layers.server.clock, layers.server.services.tokens
    for path, form, name in (("/", "/pair", "pair"), ("/rooms/new", "/rooms/new", "open")):
        seen = dict[str, None]()
        for _ in range(DAY_PART_S // LOOK_EVERY_S):
            token = token_on(await layers.get(path), form)
            assert token == tokens.first_form(name)
            assert tokens.is_first_form(token, name)
            seen[token] = None
            clock.advance(LOOK_EVERY_S)
        # It expires as any other: only the newest ones are accepted.
        accepted = [tokens.is_first_form(token, name) for token in seen]
        assert accepted == sorted(accepted)
        assert accepted.count(False) > 1


async def test_unknown_cookie_gets_a_token_that_expires() -> None:
    layers = Layers()
    browser = layers.server.browser()
    browser.cookie = EARLIER
    form = (await browser.get("/")).page.form("/pair")
    assert form.fields["token"] == layers.server.services.tokens.first_form("pair")
    assert (await browser.submit(form, intent="talk")).path == "/wait"


async def test_rooms_show_the_published_head_counts_at_every_moment() -> None:
    layers = Layers()
    clock, seen = layers.server.clock, list[str]()

    async def look() -> None:
        await layers.check("GET", "/rooms")
        seen.extend(re.findall(r"nobody now|up to about \d+ pe", await layers.get("/rooms"))[:1])

    await look()
    first = await join_room(layers.server.browser())
    await look()
    for _ in range(12):
        await join_room(layers.server.browser())
        clock.advance(1)
    await look()
    clock.advance(HEAD_COUNT_MAX_S)
    await look()
    await first.press("leave")
    await look()
    assert seen == ["nobody now", *["up to about 10 pe"] * 2, *["up to about 20 pe"] * 2]


async def test_start_page_shows_the_published_number_of_people_at_every_moment() -> None:
    layers = Layers()
    clock, seen = layers.server.clock, list[str]()

    async def look() -> None:
        await layers.check("GET", "/")
        seen.extend(re.findall(r"\S+ \S+ people are here", await layers.get("/")))

    await look()
    for _ in range(15):
        await press_intent(layers.server.browser(), "listen")
    await look()
    clock.advance(HEAD_COUNT_MAX_S)
    await look()
    assert [words.split()[-4] for words in seen] == ["ten", "ten", "10"]


async def test_number_of_kept_answers_is_bounded() -> None:
    layers = Layers()
    for number, path in enumerate([*every_path(layers.server)] * 3):
        for query in QUERIES:
            for referer in REFERERS:
                headers = {"referer": referer, "cookie": COOKIES[number % len(COOKIES)]}
                await ask(layers.through, "GET", f"{path}{number}?{query}&n={number}", headers)
                await ask(layers.through, "GET", f"{path}?{query}&n={number}", headers)
    assert 50 < len(layers.ready) <= layers.ready.most < 300
    for _ in range(3):
        layers.server.clock.advance(2 * FIRST_FORM_TOKEN_SLICE_S)
        before = len(layers.ready)
        await layers.get("/")
        assert len(layers.ready) == before


async def test_nothing_of_a_visitor_is_in_what_is_kept() -> None:
    layers = Layers()
    seen = f"/{CANARY}", f"/chat/{CANARY}", f"/?{CANARY}", f"/help?lang={CANARY}", "/"
    for path in seen:
        await layers.get(
            path,
            {
                "user-agent": CANARY,
                "referer": f"http://{CANARY}/",
                "cookie": f"{CANARY}={CANARY}; {EARLIER}",
                "host": f"{CANARY}.example",
            },
        )
    assert len(layers.ready) == 4
    assert CANARY not in repr(vars(layers.ready))
    assert CANARY not in repr(layers.requests)
    assert EARLIER not in repr(vars(layers.ready))
    for scope in layers.requests:
        assert {name for name, _ in scope["headers"]} <= {b"host", b"via", b"referer", b"cookie"}
        assert dict(scope["headers"]).get(b"cookie") in (None, OTHER)


async def test_answer_to_a_bug_is_sent_and_not_kept() -> None:
    layers = Layers()
    services = layers.server.services
    store, services.store = services.store, broken(services.store, "a bug", "list_chats")
    assert await layers.get("/") == services.broken_page
    assert services.failures == {"RuntimeError": 1}
    services.store = store
    assert "I want to talk" in await layers.get("/")


async def test_source_archive_is_not_kept() -> None:
    layers = Layers()
    for _ in range(2):
        await layers.check("HEAD", SOURCE_PATH)
    assert len(layers.ready) == 0
