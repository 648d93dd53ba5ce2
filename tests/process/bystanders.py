"""Two visitors who chat while a server is flooded. Each reads each message exactly once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field

from server.demo.text_browser import Exchange, TextBrowser
from tests.fakes import ChatPair, Talker

from .server_process import ANSWER_S

ROUNDS = 4
"""Messages of each visitor in one talk; below the burst limit of one member."""


class Bystander:
    """A visitor who writes and reads.

    Args:
        talker: their membership in the conversation.
        stream: their open stream.
    """

    def __init__(self, talker: Talker[TextBrowser], stream: Exchange) -> None:
        self._talker = talker
        self._texts = _texts_on(stream)
        self.received: list[str] = []

    async def send(self, text: str) -> None:
        """Send a message, and check that it is accepted at once."""
        assert (await self._talker.send(text)).status == 200

    async def read_until(self, text: str) -> None:
        """Read until this message arrives."""
        async for sent in self._texts:
            self.received.append(sent)
            if sent == text:
                return
        raise AssertionError(f"the stream ended before {text!r} arrived")


async def _texts_on(stream: Exchange) -> AsyncIterator[str]:
    async for piece in stream.lines():
        for line in piece.lines:
            if not line.event:
                yield line.text


@dataclass(slots=True)
class Bystanders:
    """Both visitors, each with an open stream."""

    both: tuple[Bystander, Bystander]
    sent: list[str] = field(default_factory=list)

    async def talk(self) -> None:
        """Let both send in turn. Each message waits until both have read the previous one."""
        async with asyncio.timeout(ANSWER_S):
            for number in range(2 * ROUNDS):
                await self.send_and_read(self.both[number % 2], f"calm {number}")

    async def send_and_read(self, visitor: Bystander, text: str) -> None:
        """Send a message of one visitor, and wait until both have read it."""
        self.sent.append(text)
        await visitor.send(text)
        for other in self.both:
            await other.read_until(text)

    def check(self) -> None:
        """Check that each message reached each visitor once and in order."""
        for visitor in self.both:
            assert [text for text in visitor.received if text in self.sent] == self.sent


@asynccontextmanager
async def chatting_bystanders(pair: ChatPair[TextBrowser]) -> AsyncIterator[Bystanders]:
    """Open the streams of both members of a pair; check what they received at the end."""
    async with AsyncExitStack() as stack:
        both = [
            Bystander(t, await stack.enter_async_context(t.browser.stream(f"{t.path}/live")))
            for t in (pair.first, pair.second)
        ]
        bystanders = Bystanders((both[0], both[1]))
        yield bystanders
        bystanders.check()
