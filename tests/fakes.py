"""What all tests share: a clock set by hand, chance by seed, and both ends of a conversation."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Generic, TypeVar

from server.demo.document import Line
from server.demo.text_browser import Reply, TextBrowser
from server.store.contract.chat import Store

Browser = TypeVar("Browser", bound=TextBrowser)


class FakeClock:
    """A monotonic clock that moves only when a test advances it."""

    def __init__(self, now_s: float = 1_000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        """Return the time, as `time.monotonic` would."""
        return self.now_s

    def advance(self, seconds: float) -> None:
        """Move the clock forward."""
        self.now_s += seconds


class SeededChance:
    """A `Chance` that decides the same every time.

    Args:
        seed: chooses one course of events.
    """

    def __init__(self, seed: int = 0) -> None:
        self._generator = random.Random(seed)  # noqa: S311 a draw that can be repeated

    def below(self, stop: int, /) -> int:
        """See `Chance`."""
        return self._generator.randrange(stop)

    def happens(self, probability: float, /) -> bool:
        """See `Chance`."""
        return self._generator.random() < probability


class DrawsAtOnce:
    """Draws that are made when a request waits for them: no test waits for a clock.

    Args:
        store: draws the matches.
    """

    def __init__(self, store: Store) -> None:
        self._store = store

    async def next_one(self) -> None:
        """See `Draws`."""
        await self._store.draw_matches()


@dataclass(frozen=True, slots=True)
class Talker(Generic[Browser]):
    """One end of a conversation: a browser, and the path of its chat."""

    browser: Browser
    path: str
    """`/chat/ID`, with this member's chat id."""

    async def send(self, text: str) -> Reply:
        """Load a new composer, type a message and send it."""
        composer = await self.browser.get(f"{self.path}/composer")
        return await self.browser.submit(composer.page.form("/messages"), text=text)

    async def send_as_is(self, text: str) -> Reply:
        """Send a message, and once more if this server asks whether to send it."""
        sent = await self.send(text)
        if b"data-problem=personal>" not in sent.body:
            return sent
        return await self.browser.submit(sent.page.form("/messages"))

    async def press(self, action: str) -> Reply:
        """Press the button `next` or `leave` on the chat page."""
        page = (await self.browser.get(self.path)).page
        return await self.browser.submit(page.form(f"/{action}"))

    async def lines(self, query: str = "") -> list[Line]:
        """Return the lines of the plain view."""
        return (await self.browser.get(f"{self.path}/plain{query}")).page.lines

    async def texts(self) -> list[str]:
        """Return the messages of the plain view, without events."""
        return [line.text for line in await self.lines() if not line.event]


@dataclass(frozen=True, slots=True)
class ChatPair(Generic[Browser]):
    """Both ends of one pair, so that a test can check either."""

    first: Talker[Browser]
    """The visitor who waited."""

    second: Talker[Browser]
    """The visitor who arrived second."""

    @classmethod
    async def meet(cls, first: Browser, second: Browser) -> ChatPair[Browser]:
        """Match two browsers that have no session yet."""
        waiting = await press_intent(first, "talk")
        assert waiting.path == "/wait"
        matched = await press_intent(second, "listen")
        first_matched = await first.get("/wait")
        return cls(Talker(first, first_matched.path), Talker(second, matched.path))


async def join_room(browser: Browser, room: str = "common") -> Talker[Browser]:
    """Open the list of rooms and join one."""
    listing = await browser.get("/rooms")
    joined = await browser.submit(listing.page.form(f"/rooms/{room}/join"))
    return Talker(browser, joined.path)


async def press_intent(browser: TextBrowser, intent: str) -> Reply:
    """Open the front page, press one of its buttons and follow the redirect."""
    door = await browser.get("/")
    return await browser.submit(door.page.form("/pair"), intent=intent)
