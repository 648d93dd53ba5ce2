"""Prepare a request for each route: a server in the right state, a visitor and a form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from server.core.limits import IDLE_QUESTION_S, Capacity
from server.demo.document import WebForm, read_document
from server.demo.text_browser import Reply
from tests.fakes import ChatPair, Talker, join_room, press_intent

from .appbrowser import AppBrowser, AppServer, make_server

HOST = "heron-lamplight.onion:8443"
"""The `Host` header of these requests; no answer may contain it."""


@dataclass(frozen=True, slots=True)
class PreparedRequest:
    """One request that is ready to be sent."""

    server: AppServer
    browser: AppBrowser
    path: str
    fields: Mapping[str, str] = field(default_factory=dict)
    """The fields of its form; empty for a GET."""

    @classmethod
    def press(
        cls, server: AppServer, browser: AppBrowser, form: WebForm, **more: str
    ) -> PreparedRequest:
        """Prepare to send a form with these fields filled in."""
        return cls(server, browser, form.action, {**form.fields, **more})


def a_server(capacity: Capacity | None = None) -> AppServer:
    """Create a server whose visitors send `HOST`."""
    return replace(make_server(capacity), host=HOST)


async def a_pair() -> tuple[AppServer, ChatPair[AppBrowser]]:
    server = a_server()
    return server, await server.pair()


async def of_member(tail: str) -> PreparedRequest:
    """Prepare the request of a page of the visitor's own conversation."""
    server, pair = await a_pair()
    await pair.second.send("some words")
    return PreparedRequest(server, pair.first.browser, f"{pair.first.path}{tail}")


async def of_visitor(path: str) -> PreparedRequest:
    """Prepare the request of a page outside of a conversation, with a session."""
    server, pair = await a_pair()
    return PreparedRequest(server, pair.first.browser, path)


async def of_stylesheet() -> PreparedRequest:
    server, pair = await a_pair()
    return PreparedRequest(server, pair.first.browser, server.services.stylesheet.path)


async def of_pair(form: str, page: str = "", **more: str) -> PreparedRequest:
    """Prepare a form on a page of a pair."""
    server, pair = await a_pair()
    found = (await pair.first.browser.get(f"{pair.first.path}{page}")).page.form(form)
    return PreparedRequest.press(server, pair.first.browser, found, **more)


async def of_page(page: str, form: str, **more: str) -> PreparedRequest:
    """Prepare a form on a page outside of a conversation, with a session."""
    server, pair = await a_pair()
    found = (await pair.first.browser.get(page)).page.form(form)
    return PreparedRequest.press(server, pair.first.browser, found, **more)


async def of_delete() -> PreparedRequest:
    server, pair = await a_pair()
    await pair.first.send("some words")
    form = (await pair.first.browser.get(f"{pair.first.path}/people")).page.form("/delete")
    return PreparedRequest.press(server, pair.first.browser, form, seq="2")


async def of_still_there() -> PreparedRequest:
    server, pair = await a_pair()
    server.clock.advance(IDLE_QUESTION_S)
    page = (await pair.first.browser.get(f"{pair.first.path}/plain?every=10")).page
    return PreparedRequest.press(server, pair.first.browser, page.form("/here"))


async def of_waiter(path: str) -> PreparedRequest:
    server = a_server()
    browser = server.browser()
    await press_intent(browser, "talk")
    return PreparedRequest(server, browser, path)


async def of_waiting(form: str) -> PreparedRequest:
    """Prepare a form on the waiting page."""
    prepared = await of_waiter("/wait")
    page = (await prepared.browser.get("/wait")).page
    return PreparedRequest.press(prepared.server, prepared.browser, page.form(form))


async def of_still_waiting() -> PreparedRequest:
    prepared = await of_waiter("/wait/live")
    async with prepared.browser.watch("/wait/live") as stream:
        prepared.server.clock.advance(IDLE_QUESTION_S)
        await prepared.server.store.sweep()
        form = read_document(await stream.event()).form("/wait/here")
    return PreparedRequest.press(prepared.server, prepared.browser, form)


async def of_go_on() -> PreparedRequest:
    """Prepare the form of a visitor for whom the queue was full and now has room."""
    server = a_server(Capacity(tickets=2))
    pair = await server.pair()
    for language in ("my", "ti"):
        stranger = server.browser()
        form = (await stranger.get("/pair")).page.form("/pair")
        waits = await stranger.submit(form, intent="listen", speak=language)
    full = await pair.first.press("next")
    await stranger.submit(waits.page.form("/wait/cancel"))
    return PreparedRequest.press(server, pair.first.browser, full.page.form("/wait/go-on"))


async def of_newcomer(page: str, form: str, **more: str) -> PreparedRequest:
    """Prepare the first form of a visitor, who has no session yet."""
    server = a_server()
    browser = server.browser()
    return PreparedRequest.press(server, browser, (await browser.get(page)).page.form(form), **more)


async def of_aside() -> PreparedRequest:
    server = a_server()
    talker = await join_room(server.browser())
    await join_room(server.browser())
    form = (await talker.browser.get(f"{talker.path}/people")).page.form("/mute")
    path = f"{talker.path}/aside"
    return replace(PreparedRequest.press(server, talker.browser, form, who="2"), path=path)


def room_of(shown: Reply) -> str:
    """The path of the room that a page with an invitation leads to, in any language."""
    return next(path for path in shown.page.links.values() if path.startswith("/chat/"))


async def opened(server: AppServer) -> tuple[Talker[AppBrowser], Reply]:
    """Open a private room; return its moderator and the page that shows its invitation."""
    browser = server.browser()
    form = (await browser.get("/rooms/new")).page.form("/rooms/new")
    shown = await browser.submit(form, title="A title")
    return Talker(browser, room_of(shown)), shown


async def of_opener(form: str, **more: str) -> PreparedRequest:
    """Prepare a form of the moderator of a private room."""
    server = a_server()
    opener, _ = await opened(server)
    page = (await opener.browser.get(f"{opener.path}/people")).page
    return PreparedRequest.press(server, opener.browser, page.form(form), **more)


async def of_invitation() -> PreparedRequest:
    server = a_server()
    opener, _ = await opened(server)
    return PreparedRequest(server, opener.browser, f"{opener.path}/invitation")


async def of_rematch_code() -> PreparedRequest:
    prepared = await of_pair("/again", "/people")
    await prepared.browser.send(prepared.path, prepared.fields)
    return PreparedRequest(prepared.server, prepared.browser, prepared.path)


async def an_invitation() -> tuple[AppServer, Talker[AppBrowser], str]:
    """Create a private room; return its server, its moderator and its invitation code."""
    server = a_server()
    opener, shown = await opened(server)
    code = re.search(r"<output [^>]*>([a-z-]+)<br>", shown.body.decode())
    assert code is not None
    return server, opener, code[1]


async def of_invited() -> PreparedRequest:
    server, _, code = await an_invitation()
    browser = server.browser()
    form = (await browser.get("/rooms")).page.form("/invite")
    return PreparedRequest.press(server, browser, form, code=code)


async def a_knocker() -> tuple[AppServer, AppBrowser, str]:
    """Create a visitor who has knocked at a private room and waits to be admitted."""
    server, opener, code = await an_invitation()
    people = (await opener.browser.get(f"{opener.path}/people")).page
    await opener.browser.submit(people.form("/host"), act="ask-first")
    browser = server.browser()
    form = (await browser.get("/rooms")).page.form("/invite")
    return server, browser, (await browser.submit(form, code=code)).path


async def of_knocker() -> PreparedRequest:
    return PreparedRequest(*await a_knocker())


async def of_knocking(form: str) -> PreparedRequest:
    server, browser, path = await a_knocker()
    server.clock.advance(IDLE_QUESTION_S)
    return PreparedRequest.press(server, browser, (await browser.get(path)).page.form(form))
