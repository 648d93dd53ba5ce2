"""A queue of visitors with one-word names, for the tests of the matching."""

from __future__ import annotations

from server.core.ids import CircuitKey, Handle
from server.core.limits import MAX_SCANNED_ENTRIES
from server.core.matching.matchmaker import FOREVER, Matchmaker
from server.core.matching.preferences import Intent, Preferences
from tests.fakes import SeededChance

TALK, LISTEN, ANY = Preferences(Intent.TALK), Preferences(Intent.LISTEN), Preferences(Intent.ANY)


def handle(name: str) -> Handle:
    return Handle(name.encode())


def about(topics: str, *, limits: str = "") -> Preferences:
    """Make preferences with topics of one letter each."""
    return Preferences(Intent.ANY, topics=frozenset(topics), limits=frozenset(limits))


def speaks(*codes: str) -> Preferences:
    return Preferences(Intent.ANY, speak=frozenset(codes))


class Queue:
    """A matchmaker that leaves nobody out unless a test wants it, and draws repeatably.

    Args:
        left_out: the chance that a ticket is left out of its first draw.
        seed: of the chance.
        max_tickets: most tickets waiting at once.
        max_scanned: most index entries that one search examines.
    """

    def __init__(
        self,
        *,
        left_out: float = 0,
        seed: int = 0,
        max_tickets: int = 99,
        max_scanned: int = MAX_SCANNED_ENTRIES,
    ) -> None:
        self.matchmaker = Matchmaker(
            max_tickets=max_tickets,
            chance=SeededChance(seed),
            left_out=left_out,
            max_scanned=max_scanned,
        )

    def enter(
        self,
        name: str,
        preferences: Preferences = ANY,
        now_s: float = 0,
        until_s: float = FOREVER,
        *,
        never: str = "",
        last: str = "",
        circuit: str = "",
        waives_language: bool = False,
    ) -> str | None:
        """Let a visitor wait, and return the name of whom they displaced."""
        displaced = self.matchmaker.enter(
            handle(name),
            preferences,
            now_s,
            until_s,
            circuit=CircuitKey(circuit.encode()) if circuit else None,
            never=frozenset(map(handle, never.split())),
            last=handle(last) if last else None,
            waives_language=waives_language,
        )
        return None if displaced is None else displaced.handle.decode()

    def draw(self, now_s: float = 0) -> list[str]:
        """Make one draw; return the pairs in the order of their older tickets."""
        pairs = [pair for pairs in self.matchmaker.draw(now_s) for pair in pairs]
        pairs.sort(key=lambda pair: pair[0].order)
        return [f"{older.handle.decode()} and {other.handle.decode()}" for older, other in pairs]

    def waits(self, name: str) -> bool:
        """Return whether a visitor waits."""
        return self.matchmaker.ticket(handle(name)) is not None

    @property
    def entry_count(self) -> int:
        """How many entries the tables have."""
        return self.matchmaker._waiting.entry_count
