"""Prepares one request for each route: a server in the right state, a visitor, and a form."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from server.core.limits import IDLE_QUESTION_S, Capacity
from server.demo.document import WebForm, read_document
from server.demo.text_browser import Reply
from tests.fakes import ChatPair, Talker, join_room, knock

from .appbrowser import AppBrowser, AppServer, make_server

HOST = "heron-lamplight.onion:8443"
"""The `Host` of these visitors' requests: no answer may name it."""


@dataclass(frozen=True, slots=True)
class Asked:
    """One request, ready to be sent."""

    server: AppServer
    browser: AppBrowser
    path: str
    fields: Mapping[str, str] = field(default_factory=dict)
    """The fields of its form; a GET has none."""

    @classmethod
    def press(cls, server: AppServer, browser: AppBrowser, form: WebForm, **more: str) -> Asked:
        """Prepare to send a form with these fields filled in."""
        return cls(server, browser, form.action, {**form.fields, **more})


def a_server(capacity: Capacity | None = None) -> AppServer:
    """A server whose visitors write a host name."""
    return replace(make_server(capacity), host=HOST)


async def a_pair() -> tuple[AppServer, ChatPair[AppBrowser]]:
    server = a_server()
    return server, await server.pair()


async def of_member(tail: str) -> Asked:
    """A page of the visitor's own conversation."""
    server, pair = await a_pair()
    await pair.second.send("some words")
    return Asked(server, pair.first.browser, f"{pair.first.path}{tail}")


async def of_visitor(path: str) -> Asked:
    """A page outside of a conversation, with a session."""
    server, pair = await a_pair()
    return Asked(server, pair.first.browser, path)


async def of_stylesheet() -> Asked:
    server, pair = await a_pair()
    return Asked(server, pair.first.browser, server.services.stylesheet.path)


async def of_pair(form: str, page: str = "", **more: str) -> Asked:
    """A form on a page of a conversation between two."""
    server, pair = await a_pair()
    found = (await pair.first.browser.get(f"{pair.first.path}{page}")).page.form(form)
    return Asked.press(server, pair.first.browser, found, **more)


async def of_page(page: str, form: str, **more: str) -> Asked:
    """A form on a page outside of a conversation, with a session."""
    server, pair = await a_pair()
    found = (await pair.first.browser.get(page)).page.form(form)
    return Asked.press(server, pair.first.browser, found, **more)


async def of_delete() -> Asked:
    server, pair = await a_pair()
    await pair.first.send("some words")
    form = (await pair.first.browser.get(f"{pair.first.path}/people")).page.form("/delete")
    return Asked.press(server, pair.first.browser, form, seq="2")


async def of_still_there() -> Asked:
    server, pair = await a_pair()
    server.clock.advance(IDLE_QUESTION_S)
    page = (await pair.first.browser.get(f"{pair.first.path}/plain?every=10")).page
    return Asked.press(server, pair.first.browser, page.form("/here"))


async def of_waiter(path: str) -> Asked:
    server = a_server()
    browser = server.browser()
    await knock(browser, "talk")
    return Asked(server, browser, path)


async def of_waiting(form: str) -> Asked:
    """A form on the waiting page."""
    asked = await of_waiter("/wait")
    page = (await asked.browser.get("/wait")).page
    return Asked.press(asked.server, asked.browser, page.form(form))


async def of_still_waiting() -> Asked:
    asked = await of_waiter("/wait/live")
    async with asked.browser.watch("/wait/live") as stream:
        asked.server.clock.advance(IDLE_QUESTION_S)
        await asked.server.store.sweep()
        form = read_document(await stream.event()).form("/wait/here")
    return Asked.press(asked.server, asked.browser, form)


async def of_go_on() -> Asked:
    """The form of a visitor for whom the queue was full, and has room now."""
    server = a_server(Capacity(tickets=1))
    pair = await server.pair()
    stranger = server.browser()
    form = (await stranger.get("/pair")).page.form("/pair")
    waits = await stranger.submit(form, intent="listen", speak="my")
    full = await pair.first.press("next")
    await stranger.submit(waits.page.form("/wait/cancel"))
    return Asked.press(server, pair.first.browser, full.page.form("/wait/go-on"))


async def of_newcomer(page: str, form: str, **more: str) -> Asked:
    """The first form that a visitor sends, without a session."""
    server = a_server()
    browser = server.browser()
    return Asked.press(server, browser, (await browser.get(page)).page.form(form), **more)


async def of_aside() -> Asked:
    server = a_server()
    talker = await join_room(server.browser())
    await join_room(server.browser())
    form = (await talker.browser.get(f"{talker.path}/people")).page.form("/mute")
    path = f"{talker.path}/aside"
    return replace(Asked.press(server, talker.browser, form, who="2"), path=path)


async def opened(server: AppServer) -> tuple[Talker[AppBrowser], Reply]:
    """Open a private room; its moderator, and the page that shows its invitation."""
    browser = server.browser()
    form = (await browser.get("/rooms/new")).page.form("/rooms/new")
    shown = await browser.submit(form, title="A title")
    return Talker(browser, shown.page.links["To the room"]), shown


async def of_opener(form: str, **more: str) -> Asked:
    """A form of the moderator of a private room."""
    server = a_server()
    opener, _ = await opened(server)
    page = (await opener.browser.get(f"{opener.path}/people")).page
    return Asked.press(server, opener.browser, page.form(form), **more)


async def an_invitation() -> tuple[AppServer, Talker[AppBrowser], str]:
    """A private room, its moderator and its invitation code."""
    server = a_server()
    opener, shown = await opened(server)
    code = re.search(r"<output [^>]*>([a-z-]+)<br>", shown.body.decode())
    assert code is not None
    return server, opener, code[1]


async def of_invited() -> Asked:
    server, _, code = await an_invitation()
    browser = server.browser()
    form = (await browser.get("/rooms")).page.form("/invite")
    return Asked.press(server, browser, form, code=code)


async def a_knocker() -> tuple[AppServer, AppBrowser, str]:
    """A visitor who has knocked at a private room and waits outside."""
    server, opener, code = await an_invitation()
    people = (await opener.browser.get(f"{opener.path}/people")).page
    await opener.browser.submit(people.form("/host"), act="ask-first")
    browser = server.browser()
    form = (await browser.get("/rooms")).page.form("/invite")
    return server, browser, (await browser.submit(form, code=code)).path


async def of_knocker() -> Asked:
    return Asked(*await a_knocker())


async def of_knocking(form: str) -> Asked:
    server, browser, path = await a_knocker()
    server.clock.advance(IDLE_QUESTION_S)
    return Asked.press(server, browser, (await browser.get(path)).page.form(form))
