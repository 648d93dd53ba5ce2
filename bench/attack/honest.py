"""Honest visitors beside an attacker: they talk, read, come in, come back; each on its own circuit.

What is measured is what a person notices: how long a page takes, how long a word takes to the
partner, whether a newcomer comes in, whether a line that broke comes back, whether a right
invitation opens its room, and whom a newcomer meets.
"""

from __future__ import annotations

import asyncio
import itertools
import os
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from onion import OnionError, open_socks_stream
from server.demo.text_browser import Reply, TextBrowser
from tests.fakes import ChatPair, Talker, join_room, press_intent

PAIRS = 4
READERS = 4
ROOM_READERS = 2
READ_EVERY_S = 0.5
TALK_EVERY_S = 2.5
"""Slower than the bucket of one session refills, so that no honest message is refused by it."""

NEWCOMER_EVERY_S = 2.0
RETURN_EVERY_S = 3.0
INVITED_EVERY_S = 3.0
NEWCOMER_S = 60.0
"""Within this time a newcomer has to come in."""

GREETING = "good evening"
MEETING_S = 12.0
"""How long a newcomer waits for a partner, and the partner for the greeting."""

ROOM = "common"
FAILED = (OnionError, OSError, EOFError, LookupError, ValueError, RuntimeError)


@dataclass(slots=True)
class Seen:
    """What honest visitors met with, in one run."""

    page_s: list[float] = field(default_factory=list)
    """From the request of the home page to the end of its body, on a circuit that stands."""

    word_s: list[float] = field(default_factory=list)
    """From the post of a message to its line in the partner's stream."""

    came_in: list[bool] = field(default_factory=list)
    """Of newcomers: whether they had a session within a minute."""

    came_back: list[bool] = field(default_factory=list)
    """Of members whose stream broke: whether the next request opened it."""

    entered: list[bool] = field(default_factory=list)
    """Of right invitations: whether they opened the room."""

    met_honest: list[bool] = field(default_factory=list)
    """Of newcomers who were matched: whether the partner was honest."""

    unmatched: int = 0
    """Newcomers whom nobody met."""

    room_bytes: int = 0
    """Bytes that one reader of the public room received."""


class Honest:
    """All honest visitors.

    Args:
        socks: the SOCKS port of their tor.
        onion: the address of the service.
    """

    def __init__(self, socks: str, onion: str) -> None:
        self._socks, self._onion = socks, onion
        self._numbers = itertools.count()
        self._talking: list[ChatPair[TextBrowser]] = []
        self._readers: list[TextBrowser] = []
        self._room_readers: list[Talker[TextBrowser]] = []
        self._host: Talker[TextBrowser] | None = None
        self._code = ""

    def browser(self) -> TextBrowser:
        """A new visitor on a circuit of their own."""
        name = f"honest {os.getpid()} {next(self._numbers)}"
        return TextBrowser(
            lambda: open_socks_stream(self._socks, self._onion, 80, isolation=name), self._onion
        )

    async def gather(self) -> None:
        """Come in while it is quiet: pairs and readers."""
        for _ in range(PAIRS):
            self._talking.append(await _pair(self.browser(), self.browser()))
        for _ in range(ROOM_READERS):
            self._room_readers.append(await join_room(self.browser(), ROOM))
        self._readers = [self.browser() for _ in range(READERS)]
        for reader in self._readers:
            await reader.get("/")

    async def invite(self) -> None:
        """Open a private room with a new invitation: one of them lasts for 20 guests."""
        if self._host is not None:
            await self._host.browser.post("/panic", {})
        # In a server that the attack before has filled, the invitation before is all there is.
        with suppress(AssertionError, *FAILED):
            self._host = await self._open_room()

    async def live(self, for_s: float) -> Seen:
        """Do what people do for a while, and return what they met with."""
        seen = Seen()
        async with asyncio.TaskGroup() as tasks:
            running = [
                *(tasks.create_task(self._talk(pair, seen)) for pair in self._talking),
                *(tasks.create_task(self._read(reader, seen)) for reader in self._readers),
                tasks.create_task(self._read_room(self._room_readers[0], seen)),
                tasks.create_task(_every(RETURN_EVERY_S, lambda: self._come_back(seen))),
                tasks.create_task(_every(INVITED_EVERY_S, lambda: self._enter(seen))),
                tasks.create_task(self._newcomers(seen)),
            ]
            await asyncio.sleep(for_s)
            for task in running:
                task.cancel()
        return seen

    async def _talk(self, pair: ChatPair[TextBrowser], seen: Seen) -> None:
        """Post again and again; the partner's stream shows when it came."""
        due: dict[str, float] = {}
        listening = asyncio.create_task(_listen(pair.second, due, seen))

        async def say() -> None:
            text = os.urandom(6).hex()
            composer = (await pair.first.browser.get(f"{pair.first.path}/composer")).page
            due[text] = time.monotonic()
            await pair.first.browser.submit(composer.form("/messages"), text=text)

        try:
            await asyncio.sleep(1)
            await _every(TALK_EVERY_S, say)
        finally:
            listening.cancel()
            # A word that never came counts as long as it was awaited.
            seen.word_s += [time.monotonic() - since_s for since_s in due.values()]

    async def _read(self, reader: TextBrowser, seen: Seen) -> None:
        async def read() -> None:
            began_s = time.monotonic()
            try:
                assert (await reader.get("/")).status == 200
            finally:
                seen.page_s.append(time.monotonic() - began_s)

        await _every(READ_EVERY_S, read)

    async def _read_room(self, reader: Talker[TextBrowser], seen: Seen) -> None:
        while True:
            with suppress(*FAILED):
                async with reader.browser.stream(f"{reader.path}/live") as stream:
                    async for chunk in stream.chunks():
                        seen.room_bytes += len(chunk)
            await asyncio.sleep(1)

    async def _come_back(self, seen: Seen) -> None:
        """Break a member's line, and open it again from a new circuit."""
        member = self._room_readers[1]
        through = self.browser()
        through.cookie = member.browser.cookie
        is_back = False
        with suppress(*FAILED):
            async with through.stream(f"{member.path}/live?after=0") as stream:
                is_back = stream.status == 200
        seen.came_back.append(is_back)

    async def _newcomers(self, seen: Seen) -> None:
        """Let newcomers come, in twos, so that each could meet the other."""
        coming: set[asyncio.Task[None]] = set()
        try:
            while True:
                for _ in range(2):
                    task = asyncio.create_task(self._newcomer(seen))
                    coming.add(task)
                    task.add_done_callback(coming.discard)
                await asyncio.sleep(2 * NEWCOMER_EVERY_S)
        finally:
            for task in coming:
                task.cancel()

    async def _newcomer(self, seen: Seen) -> None:
        browser, until_s = self.browser(), time.monotonic() + NEWCOMER_S
        reply: Reply | None = None
        try:
            while time.monotonic() < until_s:
                try:
                    reply = await press_intent(browser, "any")
                except FAILED:
                    reply = None
                if reply is not None and reply.path.startswith(("/wait", "/chat/")):
                    break
                reply = None
                await asyncio.sleep(1)
        except asyncio.CancelledError:
            # The run has ended; somebody who was kept out for less than a minute counts not.
            return
        seen.came_in.append(reply is not None)
        if reply is None:
            return
        with suppress(*FAILED):
            await self._meet(browser, reply, seen)
            await browser.post("/panic", {})

    async def _meet(self, browser: TextBrowser, reply: Reply, seen: Seen) -> None:
        deadline_s = time.monotonic() + MEETING_S
        while not reply.path.startswith("/chat/"):
            if time.monotonic() > deadline_s:
                seen.unmatched += 1
                return
            await asyncio.sleep(1)
            reply = await browser.get("/wait")
        talker = Talker(browser, reply.path)
        await talker.send(GREETING)
        until_s = time.monotonic() + MEETING_S / 2
        while time.monotonic() < until_s:
            if (await talker.texts()).count(GREETING) == 2:
                seen.met_honest.append(True)
                # Leave the other one the time to read it as well.
                await asyncio.sleep(2)
                return
            await asyncio.sleep(1)
        seen.met_honest.append(False)

    async def _open_room(self) -> Talker[TextBrowser]:
        browser = self.browser()
        form = (await browser.get("/rooms/new")).page.form("/rooms/new")
        reply = await browser.submit(form, title="evening", uses="20")
        html = reply.body.decode()
        self._code = html.partition("<output id=invitation")[2].partition(">")[2].partition("<")[0]
        assert self._code, "no invitation was shown"
        (path,) = {link for link in reply.page.links.values() if link.startswith("/chat/")}
        return Talker(browser, path)

    async def _enter(self, seen: Seen) -> None:
        """Enter the private room with a right invitation, and leave it again."""
        guest = self.browser()
        reply: Reply | None = None
        with suppress(*FAILED):
            form = (await guest.get("/rooms")).page.form("/invite")
            reply = await guest.submit(form, code=self._code)
        seen.entered.append(reply is not None and reply.path.startswith("/chat/"))
        if reply is not None and seen.entered[-1]:
            await Talker(guest, reply.path).press("leave")
            await guest.post("/panic", {})


async def _pair(first: TextBrowser, second: TextBrowser) -> ChatPair[TextBrowser]:
    """Match two visitors, whichever of them is matched first."""
    await press_intent(first, "talk")
    await press_intent(second, "listen")
    paths = []
    for browser in (first, second):
        reply = await browser.get("/wait")
        while not reply.path.startswith("/chat/"):
            await asyncio.sleep(0.5)
            reply = await browser.get("/wait")
        paths.append(reply.path)
    return ChatPair(Talker(first, paths[0]), Talker(second, paths[1]))


async def _listen(talker: Talker[TextBrowser], due: dict[str, float], seen: Seen) -> None:
    """Read a stream, and open it again when it breaks; note how long each message took."""
    while True:
        with suppress(*FAILED):
            async with talker.browser.stream(f"{talker.path}/live?after=0") as stream:
                async for update in stream.lines():
                    for line in update.lines:
                        if line.text in due:
                            seen.word_s.append(time.monotonic() - due.pop(line.text))
        await asyncio.sleep(1)


async def _every(pause_s: float, act: Callable[[], Awaitable[None]]) -> None:
    """Repeat an act; one that fails is only over."""
    while True:
        began_s = time.monotonic()
        with suppress(AssertionError, *FAILED):
            await act()
        await asyncio.sleep(max(0.0, began_s + pause_s - time.monotonic()))
