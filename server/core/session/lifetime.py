"""One person's time here: how long, at what cost, when to ask, when it ends.

Seen by that person alone. A stream that is open keeps a session alive for hours: so that a seized
telephone does not stay open all night, whoever has neither sent nor pressed anything for a while
is asked whether they are still there, and is forgotten if nothing comes back. What reloads by
itself is no answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from server.core.limits import END_TOLD_S, SESSION_LIFE_S, STILL_ANSWER_S, STILL_USUAL_S


class LifetimeNotice(Enum):
    """What somebody is told about their own time."""

    STILL_THERE = "still-there"
    """The question; without an answer within `STILL_ANSWER_S` the session is forgotten."""

    ENDS_SOON = "ends-soon"
    """The session is nearly as old as a session may be."""

    OWN_LIMIT = "own-limit"
    """A limit that they have set themselves is reached. Nothing follows from it."""


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """When somebody wants to be told that it is enough; zero is never."""

    after_s: int = 0
    """Seconds since the session began."""

    after_bytes: int = 0
    """Bytes up and down since it began."""

    def is_reached(self, here_s: float, traffic_bytes: int) -> bool:
        """Whether one of the two is."""
        long_enough = 0 < self.after_s <= here_s
        return long_enough or 0 < self.after_bytes <= traffic_bytes


@dataclass(slots=True)
class Lifetime:
    """The time of one session, from its first moment."""

    started_s: float
    touched_s: float
    """When something was last sent or pressed."""

    still_after_s: float = STILL_USUAL_S
    """Seconds without anything sent or pressed until the question."""

    limit: OwnLimit = field(default_factory=OwnLimit)
    traffic_bytes: int = 0
    """Bytes up and down, heads included, cells and what tor adds not."""

    _asked_s: float | None = None
    _notified: set[LifetimeNotice] = field(default_factory=set)

    @property
    def ends_s(self) -> float:
        """The moment at which the session is too old."""
        return self.started_s + SESSION_LIFE_S

    def touch(self, now_s: float) -> None:
        """Something was sent or pressed: whoever was asked has answered."""
        self.touched_s = now_s
        self._asked_s = None
        self._notified.discard(LifetimeNotice.STILL_THERE)

    def ask_after(self, still_after_s: float, now_s: float) -> None:
        """Want to be asked after another time; a question that is not due any more is let go."""
        self.still_after_s = still_after_s
        if now_s - self.touched_s < still_after_s:
            self._asked_s = None
            self._notified.discard(LifetimeNotice.STILL_THERE)

    def set_limit(self, limit: OwnLimit) -> None:
        """Want to be told at another limit; at one that is reached already, at once."""
        self.limit = limit
        self._notified.discard(LifetimeNotice.OWN_LIMIT)

    def due(self, now_s: float, traffic_bytes: int) -> frozenset[LifetimeNotice]:
        """Everything that holds now, told or not."""
        here_s = now_s - self.started_s
        holds = {
            LifetimeNotice.STILL_THERE: now_s - self.touched_s >= self.still_after_s,
            LifetimeNotice.ENDS_SOON: now_s >= self.ends_s - END_TOLD_S,
            LifetimeNotice.OWN_LIMIT: self.limit.is_reached(here_s, traffic_bytes),
        }
        return frozenset(told for told, is_so in holds.items() if is_so)

    def take_notices(self, now_s: float, traffic_bytes: int) -> list[LifetimeNotice]:
        """What is to be told on a stream now, each thing once; the question begins its time."""
        if self._has_none_due(now_s, traffic_bytes):
            return []
        due = self.due(now_s, traffic_bytes) - self._notified
        new = [told for told in LifetimeNotice if told in due]
        self._notified.update(new)
        if LifetimeNotice.STILL_THERE in new:
            self._asked_s = now_s
        return new

    def _has_none_due(self, now_s: float, traffic_bytes: int) -> bool:
        """Whether nothing holds: for nearly everybody, each time that all are looked at."""
        calm_until_s = min(self.touched_s + self.still_after_s, self.ends_s - END_TOLD_S)
        return now_s < calm_until_s and not self.limit.is_reached(
            now_s - self.started_s, traffic_bytes
        )

    def standing_question(self) -> list[LifetimeNotice]:
        """The question, while it stands: for a stream that opens after it was told."""
        return [LifetimeNotice.STILL_THERE] if self._asked_s is not None else []

    def has_ended(self, now_s: float) -> bool:
        """Whether the session is too old, or was asked in vain."""
        in_vain = self._asked_s is not None and now_s - self._asked_s > STILL_ANSWER_S
        return in_vain or now_s > self.ends_s
