"""One hostile visitor: does one thing as fast as it can, on a number of circuits, until SIGTERM.

    python -m bench.attack.hostile KIND CIRCUITS SOCKS ONION

prints a line when its circuits stand, and at its end one JSON object: how often each answer was
received, by status (0: none).
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

from onion import OnionError, open_socks_stream
from server.demo.text_browser import Reply, TextBrowser

LANES = 8
"""Requests at once on one circuit: more than a browser makes."""

ALL_LANES = 200
"""Requests at once over all circuits, unless there are more circuits than that."""

STREAMS = 1_500
"""Silent streams in all."""

ROOM = "common"
FAILED = (OnionError, OSError, EOFError, LookupError, ValueError, RuntimeError)
PAUSE_S = 0.05
"""After a request without an answer, so that a circuit that is gone is not hammered."""

WORST = "\u0345" * 3_900 + "\u0334" * 3_900
"""A form full of marks of falling combining classes: the slowest text known to normalise."""


class Hostile:
    """One attacker.

    Args:
        circuits: how many it holds.
        socks: the SOCKS port of its tor.
        onion: the address of the service.
    """

    def __init__(self, circuits: int, socks: str, onion: str) -> None:
        self._circuits, self._socks, self._onion = circuits, socks, onion
        self.answers: Counter[int] = Counter()

    def browser(self, circuit: int) -> TextBrowser:
        """A new visitor without a session on one of the circuits."""
        name = f"hostile {os.getpid()} {circuit}"
        return TextBrowser(
            lambda: open_socks_stream(self._socks, self._onion, 80, isolation=name), self._onion
        )

    async def build(self) -> None:
        """Build every circuit, a few at a time; one that cannot be built now is built later."""
        few = asyncio.Semaphore(LANES)

        async def first_page(circuit: int) -> None:
            async with few:
                with suppress(*FAILED):
                    await self.browser(circuit).get("/")

        await asyncio.gather(*map(first_page, range(self._circuits)))

    async def run(self, kind: str) -> None:
        """Repeat an act in every lane of every circuit, until it is cancelled."""
        act = KINDS[kind]
        lanes = max(1, min(LANES, ALL_LANES // self._circuits))
        if act is Hostile.streams:
            lanes = STREAMS // self._circuits
        async with asyncio.TaskGroup() as tasks:
            for circuit in range(self._circuits):
                for _ in range(lanes):
                    tasks.create_task(self._repeat(act, circuit))

    async def _repeat(self, act: Callable[[Hostile, int], Awaitable[None]], circuit: int) -> None:
        while True:
            try:
                await act(self, circuit)
            except FAILED:
                self.answers[0] += 1
                await asyncio.sleep(PAUSE_S)

    def note(self, reply: Reply) -> Reply:
        """Count an answer."""
        self.answers[reply.status] += 1
        return reply

    async def text(self, circuit: int) -> None:
        """Send the worst text where no session is needed."""
        browser = self.browser(circuit)
        form = (await browser.get("/rooms")).page.form("/invite")
        for _ in range(100):
            self.note(await self.browser(circuit).submit(form, code=WORST))

    async def sessions(self, circuit: int) -> None:
        """Open sessions that wait for nobody, and keep them."""
        await self._session(circuit)

    async def rooms(self, circuit: int) -> None:
        """Open private rooms, and leave them unused."""
        browser = self.browser(circuit)
        page = (await browser.get("/rooms/new")).page
        self.note(
            await browser.post("/rooms/new", {**page.form("/rooms/new").fields, "title": "x"})
        )

    async def streams(self, circuit: int) -> None:
        """Open silent streams, and keep them."""
        browser = await self._session(circuit)
        if browser is None:
            return
        async with browser.stream("/wait/live") as stream:
            self.answers[stream.status] += 1
            async for _ in stream.chunks():
                pass

    async def codes(self, circuit: int) -> None:
        """Guess invitations, each with a new session."""
        browser = self.browser(circuit)
        form = (await browser.get("/rooms")).page.form("/invite")
        for _ in range(4):
            self.note(
                await browser.post(form.action, {**form.fields, "code": "acid acorn acre act"})
            )

    async def tickets(self, circuit: int) -> None:
        """Wait for a match with wishes that never fit the attacker's own; never say a word."""
        browser = self.browser(circuit)
        form = (await browser.get("/pair")).page.form("/pair")
        reply = self.note(await browser.post("/pair", {**form.fields, "intent": "listen"}))
        here = reply.headers.get("location", "/wait")
        if here.startswith("/wait"):
            async with browser.stream("/wait/live") as stream:
                async for _ in stream.chunks():
                    pass
        here = (await browser.get("/wait")).path
        if here.startswith("/chat/"):
            await browser.get(here)
            await asyncio.sleep(1)
            page = (await browser.get(here)).page
            await browser.submit(page.form("/next"))

    async def flood(self, circuit: int) -> None:
        """Write as fast as it is let, in a public room, with one session."""
        browser = self.browser(circuit)
        listing = await browser.get("/rooms")
        joined = await browser.submit(listing.page.form(f"/rooms/{ROOM}/join"))
        for number in range(1_000):
            composer = (await browser.get(f"{joined.path}/composer")).page
            text = f"{number} {os.urandom(4).hex()} " + "x" * 1_900
            self.note(
                await browser.post(
                    f"{joined.path}/messages", {**composer.form("/messages").fields, "text": text}
                )
            )

    async def _session(self, circuit: int) -> TextBrowser | None:
        browser = self.browser(circuit)
        form = (await browser.get("/")).page.form("/pair")
        reply = self.note(await browser.post("/pair", {**form.fields, "intent": "listen"}))
        return browser if reply.status == 303 else None


KINDS: dict[str, Callable[[Hostile, int], Awaitable[None]]] = {
    "text": Hostile.text,
    "rooms": Hostile.rooms,
    "codes": Hostile.codes,
    "flood": Hostile.flood,
    "sessions": Hostile.sessions,
    "streams": Hostile.streams,
    "tickets": Hostile.tickets,
}
"""What it can do; last what leaves tickets behind, which wait on for half a minute."""


async def attack(kind: str, circuits: int, socks: str, onion: str) -> Counter[int]:
    """Attack until SIGTERM; return the answers by status."""
    hostile = Hostile(circuits, socks, onion)
    await hostile.build()
    print("ready", flush=True)
    running = asyncio.create_task(hostile.run(kind))
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, running.cancel)
    await asyncio.wait([running])
    if not running.cancelled() and (error := running.exception()) is not None:
        raise error
    return hostile.answers


if __name__ == "__main__":
    kind, circuits, socks, onion = sys.argv[1:]
    os.nice(10)
    print(json.dumps(asyncio.run(attack(kind, int(circuits), socks, onion))))
