"""What the operator has ordered about coming in: nobody new for some time, or a restart soon.

    open       everybody may come in
    closed     nobody new may come in until a time; those inside may do all that they could
    draining   nobody new may come in and nothing new begins: the server restarts by a time

A value without a clock: whoever asks passes the time. A server can be both closed and draining; a
restart ends the draining, and what is left of the closing goes on after it.

Between processes it travels as durations, so that no process learns another one's clock.
"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass

from server.core.durations import whole

COMMAND = b"closing "
"""Begins the line on the admin socket with which a supervisor passes it on; JSON follows."""

MINUTE_S = 60

MAX_WORDS_CHARS = 300
"""The operator's words on the closed page, as long as those on the start page."""

MAX_JSON_BYTES = 12 * MAX_WORDS_CHARS + 200
"""JSON has twelve bytes for a character beyond 65,535."""

LAST_LOOK_S = 60
"""In a drain, whoever is left alone in a conversation has so long to read what was said."""

LAST_CALLS_MIN = (5, 1)
"""Minutes before the end of a drain at which those inside are told once more."""


@dataclass(frozen=True, slots=True)
class Closing:
    """What the operator has ordered; by default nothing: the server is open."""

    closed_until_s: float = -math.inf
    """Nobody new may come in before this time, in monotonic seconds."""

    words: str = ""
    """The operator's, for the closed page: one line of cleaned text."""

    restart_by_s: float | None = None
    """When the server restarts at the latest, in monotonic seconds; `None` if it does not."""

    @property
    def is_draining(self) -> bool:
        """Whether it restarts soon. It stays so after its time: only the restart ends it."""
        return self.restart_by_s is not None

    def is_closed(self, now_s: float) -> bool:
        """Whether nobody new may come in because the server is closed."""
        return now_s < self.closed_until_s

    def admits(self, now_s: float) -> bool:
        """Whether somebody new may come in."""
        return not self.is_draining and not self.is_closed(now_s)

    def opens_in_s(self, now_s: float) -> float:
        """Return in how many seconds somebody new may come in, as far as is known."""
        return max(self.closed_until_s - now_s, self.restarts_in_s(now_s), 0.0)

    def restarts_in_s(self, now_s: float) -> float:
        """Return how many seconds a drain still lasts at most; 0 if there is none."""
        return 0.0 if self.restart_by_s is None else max(0.0, self.restart_by_s - now_s)

    def restarts_in_min(self, now_s: float) -> int:
        """Return the same in minutes, rounded up, as those inside are told. At least 1."""
        return max(1, math.ceil(whole(self.restarts_in_s(now_s), 1) / MINUTE_S))

    def closed(self, until_s: float, words: str = "") -> Closing:
        """Return it closed until a time, instead of what was said about that before."""
        return Closing(until_s, words, self.restart_by_s)

    def draining(self, restart_by_s: float) -> Closing:
        """Return it draining, instead of a drain that was under way."""
        return Closing(self.closed_until_s, self.words, restart_by_s)

    def restarted(self, now_s: float) -> Closing:
        """Return what is left of it after a restart."""
        return Closing(self.closed_until_s, self.words) if self.is_closed(now_s) else OPEN

    def to_json(self, now_s: float) -> str:
        """Return it as one line of ASCII, at most `MAX_JSON_BYTES`: durations, in seconds."""
        fields = {
            "closed_s": max(0.0, self.closed_until_s - now_s),
            "words": self.words,
            "drain_s": None if self.restart_by_s is None else self.restarts_in_s(now_s),
        }
        return json.dumps(fields)

    @classmethod
    def from_json(cls, text: str | bytes, now_s: float) -> Closing:
        """Read what `to_json` has written.

        Raises:
            ValueError: if it is anything else.
        """
        try:
            fields = json.loads(text)
        except RecursionError:
            raise ValueError("not of this form") from None
        if not isinstance(fields, dict):
            raise ValueError("not of this form")
        closed_s, words, drain_s = (fields.get(name) for name in ("closed_s", "words", "drain_s"))
        if not isinstance(words, str) or len(words) > MAX_WORDS_CHARS:
            raise ValueError("no words of a closed page")
        return cls(
            now_s + read_seconds(closed_s) if closed_s else -math.inf,
            words,
            None if drain_s is None else now_s + read_seconds(drain_s),
        )


OPEN = Closing()


def read_seconds(value: object) -> float:
    """Return a number of seconds.

    Raises:
        ValueError: if it is none.
    """
    # `bool` is a subclass of `int`.
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError("no number of seconds")
    return float(value)
