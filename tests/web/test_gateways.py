"""On every route, a visitor behind a gateway is asked to use Tor Browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from server.core.limits import FIRST_FORM_TOKEN_SLICE_S
from server.store.contract.chat import Counts
from tests.failures import Failures
from tests.fakes import press_intent

from .appbrowser import AppServer, make_server
from .asking import PreparedRequest, a_server
from .routes import ROUTES
from .snapshot import snapshot_of
from .ways import WAYS, ask

pytestmark = pytest.mark.checklist(8)

ADDED: tuple[dict[str, str], ...] = (
    {"x-tor2web": "1"},
    {"X-Tor2Web": ""},
    {"x-forwarded-for": "192.0.2.1"},
    {"X-Forwarded-Host": "x"},
    {"x-forwarded-proto": "https"},
    {"x-forwarded-server": "x"},
    {"forwarded": "for=192.0.2.1"},
    {"FORWARDED": ""},
    {"via": "1.1 gateway"},
    {"Via": ""},
    {"x-real-ip": "192.0.2.1"},
    {"cdn-loop": "cloudflare"},
    {"cf-connecting-ip": "192.0.2.1"},
    {"cf-ray": "x"},
)
ALTERED: tuple[dict[str, str], ...] = (
    {"accept-encoding": "gzip, chunked"},
    {"accept-encoding": "Chunked"},
    {"sec-fetch-site": "same-origin", "referer": "https://x.gateway.example/"},
    {"sec-fetch-site": "same-origin", "origin": "https://x.gateway.example"},
)
OF_A_BROWSER: tuple[dict[str, str], ...] = (
    {"accept-encoding": "gzip, deflate, br, zstd"},
    {"sec-fetch-site": "same-origin", "referer": "http://sottovoce/"},
    {"sec-fetch-site": "same-origin", "origin": "http://sottovoce"},
    {"sec-fetch-site": "cross-site", "referer": "https://elsewhere.example/"},
    {"referer": "https://elsewhere.example/"},
    {"te": "trailers", "dnt": "1", "upgrade-insecure-requests": "1", "priority": "u=0, i"},
    {"user-agent": "via x-forwarded-for"},
)
SENTENCE = "Please use Tor Browser"


async def test_gateway_gets_one_page_on_every_route_and_changes_nothing() -> None:
    with Failures() as failures:
        for route in ROUTES:
            with failures.of(route):
                prepared = await WAYS[route].prepare()
                # A changed time of the last activity would then be visible, too.
                prepared.server.clock.advance(1)
                before = snapshot_of(prepared.server.store)
                await check_all_refused(route, prepared, failures)
                assert snapshot_of(prepared.server.store) == before
                assert (await ask(route, prepared)).status == WAYS[route].status


async def check_all_refused(route: str, prepared: PreparedRequest, failures: Failures) -> None:
    """Check that each sign of a gateway gets the same page, with and without a session."""
    pages = set()
    for browser in (prepared.browser, prepared.server.browser()):
        for headers in (*ADDED, *ALTERED):
            with failures.of(f"{route}, {headers}"):
                reply = await ask(route, replace(prepared, browser=browser), headers)
                assert reply.status == 403
                assert not {"set-cookie", "location", "refresh"} & set(reply.headers)
                pages.add((reply.body, str(sorted(reply.headers.items()))))
    assert len(pages) == 1


async def test_page_names_tor_browser_and_has_no_links() -> None:
    with Failures() as failures:
        for path in ("/", "/nothing/here", "/style.css", "/chat/abcdefghijkl/live"):
            for headers in (*ADDED, *ALTERED):
                with failures.of(f"{path}, {headers}"):
                    await check_page(path, headers)


async def check_page(path: str, headers: dict[str, str]) -> None:
    server = make_server()
    reply = await server.browser().request("GET", path, headers=headers)
    assert (reply.status, reply.page.title) == (403, "Empty")
    assert SENTENCE in reply.page.text
    assert not [*reply.page.links, *reply.page.forms, *reply.page.frames]
    head = await server.browser().request("HEAD", path, headers=headers)
    assert (head.status, set(head.headers)) == (403, set(reply.headers))
    assert not server.services.failures


async def test_page_is_in_the_language_of_the_url() -> None:
    browser = make_server().browser(via="")
    assert b"<html lang=fa dir=rtl>" in (await browser.request("GET", "/?lang=fa")).body
    assert b"<html lang=en>" in (await browser.request("GET", "/")).body


async def test_page_is_the_same_with_a_session() -> None:
    """The gateway has read the cookie, so the session is not used, not even for the language."""
    server = make_server()
    browser = server.browser()
    form = (await browser.get("/pair?lang=fa")).page.form("/pair?lang=fa")
    await browser.submit(form, intent="any")
    assert b"lang=fa" in (await browser.get("/mine")).body
    one = await browser.request("GET", "/mine", headers={"via": ""})
    other = await server.browser().request("GET", "/mine", headers={"via": ""})
    assert (one.body, one.headers) == (other.body, other.headers)


async def test_browser_without_a_gateway_is_admitted() -> None:
    with Failures() as failures:
        for headers in OF_A_BROWSER:
            with failures.of(headers):
                server = make_server()
                assert (await server.browser(**headers).get("/")).status == 200
                if headers.get("sec-fetch-site") != "cross-site":
                    browser = server.browser(**headers)
                    assert (await press_intent(browser, "talk")).path == "/wait"


FIRST_FORMS = [route for route, way in WAYS.items() if way.is_first]
REWRITTEN: dict[str, Callable[[bytes], bytes]] = {
    # How three gateways rewrite an onion address on a page; see `server/web/form_tokens.py`.
    "onion2web": lambda page: re.sub(rb"(\w{16})\.onion", rb"\1.onion.example", page),
    "zwiebelproxy": lambda page: page.replace(b".onion/", b".gateway.example/"),
    "onion.ly": lambda page: page.replace(b".onion", b".onion.example"),
}


async def test_first_form_rewritten_by_a_gateway_gets_the_same_page() -> None:
    with Failures() as failures:
        for gateway, rewrite in REWRITTEN.items():
            for route in FIRST_FORMS:
                with failures.of(f"{route}, {gateway}"):
                    await check_rewritten(route, rewrite)


async def check_rewritten(route: str, rewrite: Callable[[bytes], bytes]) -> None:
    prepared = await WAYS[route].prepare()
    before = snapshot_of(prepared.server.store)
    token = rewrite(b"value=" + prepared.fields["token"].encode()).decode()
    fields = {**prepared.fields, "token": token.removeprefix("value=")}
    assert fields["token"] != prepared.fields["token"]
    reply = await ask(route, replace(prepared, fields=fields))
    assert reply.status == 403
    assert SENTENCE in reply.page.text
    assert "set-cookie" not in reply.headers
    assert snapshot_of(prepared.server.store) == before


async def test_every_possible_first_form_has_the_canary() -> None:
    server, seen = a_server(), set()
    for path in ("/", "/pair", "/rooms", "/rooms/new"):
        for form in (await server.browser().get(path)).page.forms:
            if form.action != "/panic":
                assert re.fullmatch(r"[a-z2-7]{16}\.onion/", form.fields["token"])
                seen.add(re.sub(r"/rooms/\w+/join", "/rooms/<name>/join", form.action))
    assert seen == {route.removeprefix("POST ") for route in FIRST_FORMS}


async def test_expired_form_is_not_attributed_to_a_gateway() -> None:
    server = make_server()
    form = (await server.browser().get("/")).page.form("/pair")
    server.clock.advance(3 * FIRST_FORM_TOKEN_SLICE_S)
    for token in (form.fields["token"], form.fields["token"].replace(".onion", ".example")):
        reply = await server.browser().post("/pair", {"token": token, "intent": "talk"})
        assert reply.status == 403
        assert "This form is no longer valid" in reply.page.text
    assert await is_empty(server)


async def is_empty(server: AppServer) -> bool:
    nothing = Counts(sessions=0, waiting=0, conversations=0, streams=0)
    return await server.store.counts() == nothing
