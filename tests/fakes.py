"""What the tests share: a clock that is set by hand, both ends of a talk."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from server.demo.document import Line
from server.demo.text_browser import Reply, TextBrowser

Browser = TypeVar("Browser", bound=TextBrowser)


class FakeClock:
    """Monotonic seconds that pass only when a test says so."""

    def __init__(self, now_s: float = 1_000.0) -> None:
        self.now_s = now_s

    def __call__(self) -> float:
        """What `time.monotonic` would say."""
        return self.now_s

    def advance(self, seconds: float) -> None:
        """Let time pass."""
        self.now_s += seconds


@dataclass(frozen=True, slots=True)
class Talker(Generic[Browser]):
    """One end of a conversation: a browser, and where the conversation is for it."""

    browser: Browser
    chat: str
    """`/chat/ID`, with the id of this end."""

    async def say(self, text: str) -> Reply:
        """Type into a fresh composer and send."""
        composer = await self.browser.get(f"{self.chat}/composer")
        return await self.browser.submit(composer.page.form("/messages"), text=text)

    async def press(self, way_out: str) -> Reply:
        """Press the button `next` or `leave` under the conversation."""
        page = (await self.browser.get(self.chat)).page
        return await self.browser.submit(page.form(f"/{way_out}"))

    async def lines(self, query: str = "") -> list[Line]:
        """What stands in the plain view."""
        return (await self.browser.get(f"{self.chat}/plain{query}")).page.lines

    async def texts(self) -> list[str]:
        """The messages in the plain view, events left out."""
        return [line.text for line in await self.lines() if not line.event]


@dataclass(frozen=True, slots=True)
class ChatPair(Generic[Browser]):
    """Both ends of one conversation, so that a test can look at either."""

    first: Talker[Browser]
    """Who waited."""

    second: Talker[Browser]
    """Who came."""

    @classmethod
    async def meet(cls, first: Browser, second: Browser) -> ChatPair[Browser]:
        """Let two browsers without a session find each other."""
        waits = await knock(first, "talk")
        assert waits.path == "/wait"
        came = await knock(second, "listen")
        found = await first.get("/wait")
        return cls(Talker(first, found.path), Talker(second, came.path))


async def come_in(browser: Browser, room: str = "common") -> Talker[Browser]:
    """Open the list of rooms and press the button of one."""
    listing = await browser.get("/rooms")
    inside = await browser.submit(listing.page.form(f"/rooms/{room}/join"))
    return Talker(browser, inside.path)


async def knock(browser: TextBrowser, intent: str) -> Reply:
    """Open the door, press one of its buttons, and go where that leads."""
    door = await browser.get("/")
    return await browser.submit(door.page.form("/pair"), intent=intent)
