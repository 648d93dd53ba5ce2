"""Two who stand by while a house is flooded: they talk, and hear each word once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from server.demo.text_browser import Exchange, TextBrowser
from tests.fakes import ChatPair, Talker

from .server_process import ANSWER_S

ROUNDS = 4
"""Messages of each in one talk: fewer than one may say at once."""


class Bystander:
    """Somebody who talks, and reads along.

    Args:
        talker: where they sit.
        stream: what they read, open.
    """

    def __init__(self, talker: Talker[TextBrowser], stream: Exchange) -> None:
        self._talker = talker
        self._words = _words_on(stream)
        self.heard: list[str] = []

    async def say(self, text: str) -> None:
        """Say something, which is taken at once."""
        assert (await self._talker.say(text)).status == 200

    async def hear(self, text: str) -> None:
        """Read on until this was said."""
        async for said in self._words:
            self.heard.append(said)
            if said == text:
                return
        raise AssertionError(f"the stream ended before {text!r} was said")


async def _words_on(stream: Exchange) -> AsyncIterator[str]:
    async for piece in stream.lines():
        for line in piece.lines:
            if not line.event:
                yield line.text


@dataclass(slots=True)
class Bystanders:
    """Both of them, each with a stream open."""

    both: tuple[Bystander, Bystander]
    said: list[str] = field(default_factory=list)

    async def talk(self) -> None:
        """Say something in turn; the next word waits until both have heard the one before."""
        async with asyncio.timeout(ANSWER_S):
            for number in range(2 * ROUNDS):
                await self.say(self.both[number % 2], f"calm {number}")

    async def say(self, one: Bystander, text: str) -> None:
        """Let one say something, and both hear it."""
        self.said.append(text)
        await one.say(text)
        for other in self.both:
            await other.hear(text)

    def check(self) -> None:
        """Each word of theirs came to each of them once, in order."""
        for one in self.both:
            assert [text for text in one.heard if text in self.said] == self.said


@asynccontextmanager
async def standing_by(pair: ChatPair[TextBrowser]) -> AsyncIterator[Bystanders]:
    """Let two read along, wherever they sit together; in the end their talk is checked."""
    async with AsyncExitStack() as stack:
        both = [
            Bystander(who, await stack.enter_async_context(who.browser.stream(f"{who.chat}/live")))
            for who in (pair.first, pair.second)
        ]
        talking = Bystanders((both[0], both[1]))
        yield talking
        talking.check()
