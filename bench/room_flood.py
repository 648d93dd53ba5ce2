"""Hostile sessions flood a room of twenty honest people: `python -m bench.room_flood`.

The store is the real one, on a clock that this driver sets; nothing is timed, so the figures are
the same on each machine. Honest people write for a minute; then every hostile session, a member for
a minute already, tries to write four times a second, for another minute.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import product

from server.core.cells import Event
from server.core.errors import RateLimitedError, ServerFullError
from server.core.ids import ChatId, CircuitKey, Secret
from server.core.limits import CELL_BYTES, CIRCUIT_JOIN_EVERY_S
from server.core.room.public import PublicRoom
from server.core.room.spent_tokens import ComposerToken
from server.locales.language import load_language
from server.store.memory.store import MemoryStore
from server.stream.broadcast import NewEntry
from server.web.render.entries import render_entry
from tests.fakes import FakeClock
from tests.subscriber import FakeSubscriber

from .table import print_table

HONEST = 20
QUIET_S = 60
"""Seconds of ordinary conversation before the flood."""

FLOOD_S = 60
STEPS_PER_S = 4
PAUSE_S = 15.0
"""Seconds between two messages of an honest person, on average."""

LINK_CELL_BYTES = 514
"""Bytes of a cell on the line."""

TEXTS = {"short": "x", "2,000 characters": "x" * 1_990}
"""What hostile sessions write: a message of one cell, and one of eight."""


class Reader(FakeSubscriber):
    """Counts what a live reader of English is sent; in no broadcast group, for the same is sent."""

    def __init__(self) -> None:
        super().__init__()
        self.cells = 0
        self._language = load_language("en")

    def receive(self, new: NewEntry) -> bool:
        """See `Subscriber`."""
        event = Event(render_entry(new.entry, new.names, self._language))
        self.cells += len(event.chunk) // CELL_BYTES
        return self.skip(new.seq)

    def skip(self, seq: int) -> bool:
        """See `Subscriber`; the reader begins wherever the room is."""
        self.cursor = seq
        return True


@dataclass
class Member:
    """One session in the room."""

    secret: Secret
    chat_id: ChatId
    posts: int = 0
    due_s: float = 0.0
    """When an honest person writes next, or tries again."""

    is_retry: bool = False


@dataclass
class Outcome:
    """What the flood did."""

    bytes_per_s: float = 0.0
    """On the line of one reader, while the flood lasted."""

    kept: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Seconds after its begin -> the share of the honest words that the ring still holds: of those
    written before it, and of those written since."""

    tried: int = 0
    """Messages that honest people wanted to send while it lasted."""

    refused: int = 0
    """How many of them were refused at the first attempt."""

    longest_wait_s: int = 0


class Flood:
    """A room, twenty honest people and some hostile sessions.

    Args:
        hostile: how many hostile sessions.
        circuits: on how many circuits they come; 0 if no circuit is known, of anybody.
        text: what they write.
    """

    def __init__(self, hostile: int, circuits: int, text: str, seed: int = 1) -> None:
        self._clock = FakeClock()
        self._store = MemoryStore(clock=self._clock, rooms=[PublicRoom("room", {}, {}, {})])
        self._rng = random.Random(seed)  # noqa: S311 the same conversation in each run
        self._sizes = hostile, circuits
        self._text = text
        self._honest: list[Member] = []
        self._hostile: list[Member] = []
        self._reader = Reader()
        self._said_before: set[str] = set()
        self._said_since: set[str] = set()
        self.outcome = Outcome()

    async def run(self) -> Outcome:
        """Play it."""
        hostile, circuits = self._sizes
        known = circuits > 0
        watching = await self._join(b"reader" if known else None)
        self._honest = [
            await self._join(b"honest %d" % n if known else None) for n in range(HONEST)
        ]
        for n in range(hostile):
            # Of one circuit no more come in than it may have sessions, and only slowly.
            self._clock.now_s += CIRCUIT_JOIN_EVERY_S
            with suppress(ServerFullError):
                self._hostile.append(
                    await self._join(b"hostile %d" % (n % circuits) if known else None)
                )
        for person in self._honest:
            person.due_s = self._clock.now_s + self._pause_s()
        self._reader.cursor = (
            await self._store.read(watching.secret, watching.chat_id, 0, 1_000)
        ).cursor
        await self._store.open_stream(watching.secret, watching.chat_id, self._reader)
        for _ in self._steps(QUIET_S):
            await self._honest_turn(self._said_before)
        self.outcome, self._reader.cells = Outcome(), 0
        for step in self._steps(FLOOD_S):
            await self._hostile_turn()
            await self._honest_turn(self._said_since)
            if step in (20 * STEPS_PER_S, FLOOD_S * STEPS_PER_S):
                self.outcome.kept[step // STEPS_PER_S] = await self._kept(watching)
        self.outcome.bytes_per_s = self._reader.cells * LINK_CELL_BYTES / FLOOD_S
        return self.outcome

    def _steps(self, seconds: int) -> Iterator[int]:
        for step in range(1, seconds * STEPS_PER_S + 1):
            self._clock.now_s += 1 / STEPS_PER_S
            yield step

    async def _join(self, circuit: bytes | None) -> Member:
        # Moved to the circuit afterwards: how fast sessions begin there is not what is measured.
        secret = await self._store.open_session()
        if circuit is not None:
            await self._store.visit(secret, is_pressed=True, circuit=CircuitKey(circuit))
        return Member(secret, await self._store.join_room(secret, "room"))

    def _pause_s(self) -> float:
        return self._rng.expovariate(1 / PAUSE_S)

    async def _post(self, member: Member, text: str) -> int:
        """Post; return the seconds to wait if it is refused, else 0."""
        token = ComposerToken(member.posts, b"%d" % member.posts)
        try:
            await self._store.post(member.secret, member.chat_id, text, token)
        except RateLimitedError as error:
            return error.retry_after_s
        member.posts += 1
        return 0

    async def _hostile_turn(self) -> None:
        self._rng.shuffle(self._hostile)
        for member in self._hostile:
            await self._post(member, f"{member.posts} {self._text}")

    async def _honest_turn(self, said: set[str]) -> None:
        for number, person in enumerate(self._honest):
            if person.due_s > self._clock.now_s:
                continue
            text = f"honest {number} {person.posts} " + "w" * self._rng.randrange(200)
            self.outcome.tried += not person.is_retry
            wait_s = await self._post(person, text)
            self.outcome.refused += bool(wait_s) and not person.is_retry
            self.outcome.longest_wait_s = max(self.outcome.longest_wait_s, wait_s)
            person.is_retry = bool(wait_s)
            person.due_s = self._clock.now_s + (wait_s or max(1.0, self._pause_s()))
            if not wait_s:
                said.add(text)

    async def _kept(self, member: Member) -> tuple[float, float]:
        page = await self._store.read(member.secret, member.chat_id, 0, 1_000)
        kept = {entry.message.text for entry in page.entries if entry.message}
        return tuple(  # type: ignore[return-value]
            len(said & kept) / len(said) for said in (self._said_before, self._said_since)
        )


def rows() -> Iterator[tuple[object, ...]]:
    """Play every flood; yield a row of the table for each."""
    nobody = asyncio.run(Flood(0, 1, "").run())
    yield ("nobody", "", "", *_figures(nobody))
    for (name, text), hostile in product(TEXTS.items(), (10, 60)):
        for circuits in (1, hostile, 0):
            outcome = asyncio.run(Flood(hostile, circuits, text).run())
            yield (f"{hostile}", circuits or "unknown", name, *_figures(outcome))


def _figures(outcome: Outcome) -> tuple[object, ...]:
    kept = (100 * share for seconds in (20, 60) for share in outcome.kept[seconds])
    refused = 100 * outcome.refused / outcome.tried
    return (
        round(outcome.bytes_per_s),
        *(f"{share:.0f}" for share in kept),
        f"{refused:.0f}",
        outcome.longest_wait_s,
    )


def run() -> None:
    """Play every flood, and print what each did."""
    print_table(
        f"A flood of {FLOOD_S} s in a room of {HONEST} honest people, each writing every"
        f" {PAUSE_S:.0f} s",
        (
            *("hostile", "circuits", "messages", "bytes/s"),
            *("old, 20 s", "new, 20 s", "old, 60 s", "new, 60 s"),
            *("refused %", "wait s"),
        ),
        rows(),
    )
    print("  bytes a second on the line of one reader; percent of the honest words written before")
    print(
        "  the flood (old) and since (new) that the ring holds so long after its begin; percent of"
    )
    print("  the honest messages that were refused at first, and the longest wait")


if __name__ == "__main__":
    run()
