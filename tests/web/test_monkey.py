"""Random visitors click and type for a day: they cause no bug, and nothing of them remains.

They follow only the links and forms on the pages they see, with the values in the forms or odd
ones instead; time advances in leaps; some press Panic.
"""

from __future__ import annotations

import asyncio
import random
from urllib.parse import urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.limits import MAX_ROOMS_OF_SESSION, MAX_SIDE_CHATS
from server.demo.document import WebForm
from server.demo.text_browser import Reply
from server.store.contract.chat import Counts
from server.store.memory.store import MemoryStore

from .appbrowser import AppBrowser, AppServer, make_server

VISITORS, PRESSES = 4, 120
ODD = ("", "0", "1", "2", "-1", "٣", "9" * 30, "x" * 2_001, "/me waves", "@", "\x00\u202e", "no",
       "admit 2", "remove 1", "close", "fa", "10", "60")  # fmt: skip
PLACES = ("/", "/pair", "/rooms", "/rooms/new", "/wait", "/mine")
LEAPS_S = (0.0, 1.0, 3.0, 31.0, 61.0, 130.0, 1_000.0)
DAY_S = 25 * 3_600.0


class Monkey:
    """One visitor, who shares a list of codes with the others."""

    def __init__(self, browser: AppBrowser, chance: random.Random, codes: list[str]) -> None:
        self._browser = browser
        self._chance = chance
        self._codes = codes
        self._page: Reply | None = None
        self._seats: list[str] = []

    async def press(self) -> Reply:
        """Follow a link or send a form of the current page."""
        options = self._options()
        path, form = self._chance.choice(options) if options else ("/", None)
        if form is not None:
            body = urlencode(self._filled(form)).encode()
            reply = await self._browser.request("POST", form.action, body)
        else:
            reply = await self._browser.request(*self._get(path))
        self._learn(reply)
        location = reply.headers.get("location")
        if location:
            reply = await self._browser.request(*self._get(location))
        self._page = reply
        return reply

    def _get(self, path: str) -> tuple[str, str]:
        """Return method and path; HEAD for a stream, which would never end."""
        streams = "/live" in path
        return ("HEAD" if streams else "GET"), path.partition("#")[0]

    def _options(self) -> list[tuple[str, WebForm | None]]:
        if self._page is None or self._chance.random() < 0.3:
            return [(place, None) for place in (*PLACES, *self._seats * 4)]
        page = self._page.page
        links = [*page.links.values(), *page.frames.values()]
        own = [path for path in links if path.startswith(("/chat/", "/knock/"))]
        self._seats = sorted({path for path in (*self._seats, *own) if "?" not in path})[-12:]
        forms = [form for form in page.forms if form.action != "/panic"]
        if self._chance.random() < 0.02:
            forms = page.forms
        return [*((path, None) for path in own), *(("", form) for form in forms * 3)]

    def _filled(self, form: WebForm) -> dict[str, str]:
        """Return the values in the form, one of its buttons, and sometimes an odd value."""
        fields = dict(form.fields)
        for name in fields:
            if name == "code" and self._codes and self._chance.random() < 0.8:
                fields[name] = self._chance.choice(self._codes)
            elif name in {"text", "title"} and self._chance.random() < 0.7:
                fields[name] = "words"
            elif name != "token" and self._chance.random() < 0.2:
                fields[name] = self._chance.choice(ODD)
        if form.buttons:
            name, value = self._chance.choice(form.buttons)
            fields[name] = value if self._chance.random() < 0.9 else self._chance.choice(ODD)
        if self._chance.random() < 0.05:
            fields["token"] = self._chance.choice(ODD)
        return fields

    def _learn(self, reply: Reply) -> None:
        """Share a code that is shown with all visitors."""
        output = reply.body.decode().partition("<output id=")[2].partition(">")[2]
        if output:
            self._codes.append(output.partition("<br>")[0])


def check_tables(store: MemoryStore) -> None:
    """Check the invariants that hold between any two requests."""
    seated = set()
    for session in store._sessions.values():
        assert len(session.rooms) + len(session.knocks) <= MAX_ROOMS_OF_SESSION
        assert len(session.side_chats) <= MAX_SIDE_CHATS
        assert sum(seat.room.is_pair for seat in session.seats.values()) <= 1
        for chat_id, seat in session.seats.items():
            seated.add(seat.room)
            assert seat.member in seat.room.members
            assert (seat.member.handle, seat.member.chat_id) == (session.handle, chat_id)
    assert seated == store._rooms
    for room in store._rooms:
        assert all(member.handle in store._sessions for member in room.members)
        entries = room.log.read(after=0, limit=1_000).entries
        assert all(room.name(entry.sender) for entry in entries)


async def spend_a_day(server: AppServer, chance: random.Random) -> None:
    codes: list[str] = []
    monkeys = [Monkey(server.browser(), chance, codes) for _ in range(VISITORS)]
    store = server.store
    assert isinstance(store, MemoryStore)
    for _ in range(PRESSES):
        reply = await chance.choice(monkeys).press()
        assert reply.status < 500
        assert reply.status != 200 or reply.body or "refresh" in reply.headers
        server.clock.advance(chance.choice(LEAPS_S) if chance.random() < 0.1 else 0.5)
        await server.draw()
        await store.sweep()
        check_tables(store)
    server.clock.advance(DAY_S)
    await store.sweep()
    assert await store.counts() == Counts(sessions=0, waiting=0, conversations=0, streams=0)
    assert not server.services.failures


@pytest.mark.checklist(40)
@pytest.mark.slow  # several thousand requests
@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32))
def test_random_visitors_break_nothing_and_leave_nothing_behind(seed: int) -> None:
    asyncio.run(spend_a_day(make_server(), random.Random(seed)))  # noqa: S311 replays by its seed
