"""The lifetime of a session: its age and traffic, its notices, and when it ends.

Visible to that visitor only. An open stream keeps a session alive for hours. So that a seized phone
does not stay readable all night, a visitor who has not sent or pressed anything for a while is
asked whether they are still there, and the session is deleted if they do not answer. An automatic
reload is no answer.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from server.core.limits import END_NOTICE_S, IDLE_ANSWER_S, IDLE_QUESTION_S, SESSION_LIFE_S


class LifetimeNotice(Enum):
    """A notice to a visitor about their own session."""

    STILL_THERE = "still-there"
    """The question; without an answer within `IDLE_ANSWER_S` the session is deleted."""

    ENDS_SOON = "ends-soon"
    """The session has nearly reached its maximum age."""

    OWN_LIMIT = "own-limit"
    """The visitor's own limit is reached. It has no other effect."""


@dataclass(frozen=True, slots=True)
class OwnLimit:
    """A visitor's own limit, at which they want to be notified; zero means never."""

    after_s: int = 0
    """Seconds since the session began."""

    after_bytes: int = 0
    """Bytes sent and received since the session began."""

    def is_reached(self, age_s: float, traffic_bytes: int) -> bool:
        """Check whether either of the two limits is reached."""
        return 0 < self.after_s <= age_s or 0 < self.after_bytes <= traffic_bytes


@dataclass(slots=True)
class Lifetime:
    """The lifetime of one session, from its start."""

    started_s: float
    touched_s: float
    """Time of the last user activity: something was sent or pressed."""

    idle_question_after_s: float = IDLE_QUESTION_S
    """Seconds without user activity until the question."""

    limit: OwnLimit = field(default_factory=OwnLimit)
    traffic_bytes: int = 0
    """Bytes sent and received, with HTTP headers, without cells and the overhead of tor."""

    _asked_s: float | None = None
    _notified: set[LifetimeNotice] = field(default_factory=set)

    @property
    def ends_s(self) -> float:
        """The time at which the session reaches its maximum age."""
        return self.started_s + SESSION_LIFE_S

    def touch(self, now_s: float) -> None:
        """Record user activity, which also answers a pending question."""
        self.touched_s = now_s
        self._asked_s = None
        self._notified.discard(LifetimeNotice.STILL_THERE)

    def ask_after(self, still_after_s: float, now_s: float) -> None:
        """Change the time until the question, and drop a pending one that is no longer due."""
        self.idle_question_after_s = still_after_s
        if now_s - self.touched_s < still_after_s:
            self._asked_s = None
            self._notified.discard(LifetimeNotice.STILL_THERE)

    def set_limit(self, limit: OwnLimit) -> None:
        """Set the visitor's own limit. One that is reached already gives its notice at once."""
        self.limit = limit
        self._notified.discard(LifetimeNotice.OWN_LIMIT)

    def due(self, now_s: float, traffic_bytes: int) -> frozenset[LifetimeNotice]:
        """Return all notices that apply now, whether already sent or not."""
        applies = {
            LifetimeNotice.STILL_THERE: now_s - self.touched_s >= self.idle_question_after_s,
            LifetimeNotice.ENDS_SOON: now_s >= self.ends_s - END_NOTICE_S,
            LifetimeNotice.OWN_LIMIT: self.limit.is_reached(now_s - self.started_s, traffic_bytes),
        }
        return frozenset(notice for notice, is_so in applies.items() if is_so)

    def take_notices(self, now_s: float, traffic_bytes: int) -> list[LifetimeNotice]:
        """Return the notices to send on a stream now, each once. Starts the time to answer."""
        if self._has_none_due(now_s, traffic_bytes):
            return []
        due = self.due(now_s, traffic_bytes) - self._notified
        new = [notice for notice in LifetimeNotice if notice in due]
        self._notified.update(new)
        if LifetimeNotice.STILL_THERE in new:
            self._asked_s = now_s
        return new

    def _has_none_due(self, now_s: float, traffic_bytes: int) -> bool:
        """Check quickly whether no notice applies, as for nearly every session in a sweep."""
        none_until_s = min(self.touched_s + self.idle_question_after_s, self.ends_s - END_NOTICE_S)
        return now_s < none_until_s and not self.limit.is_reached(
            now_s - self.started_s, traffic_bytes
        )

    def pending_question(self) -> list[LifetimeNotice]:
        """Return the question while it is pending: for a stream that opens after it was sent."""
        return [LifetimeNotice.STILL_THERE] if self._asked_s is not None else []

    def has_ended(self, now_s: float) -> bool:
        """Check whether the session is too old, or did not answer the question in time."""
        unanswered = self._asked_s is not None and now_s - self._asked_s > IDLE_ANSWER_S
        return unanswered or now_s > self.ends_s
