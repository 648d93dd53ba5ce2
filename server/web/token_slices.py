"""The time slices of first-form tokens, at moments that show no clock.

    a slice begins    when a token is wanted and the slice before has ended
            ends      20 to 30 minutes later: a moment that is drawn when it begins
            expires   at another such moment: 60 minutes after its end at the earliest, 90 minutes
                      after its begin at the latest

Slices of equal length would change at multiples of it on the machine's clock. Whoever watches the
home page would read the machine's uptime modulo that length, and over days how fast its clock runs
(see `core/durations.py`). Here the moments form a random walk that begins at the first request.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from server.core.durations import drawn_between
from server.core.limits import (
    FIRST_FORM_TOKEN_MAX_S,
    FIRST_FORM_TOKEN_MIN_S,
    FIRST_FORM_TOKEN_SLICE_S,
)

KEY_BYTES = 16


@dataclass(frozen=True, slots=True)
class _Slice:
    key: bytes
    ends_s: float
    """No token is issued in it any more from then on."""

    expires_s: float
    """No token of it is accepted any more from then on."""


class TokenSlices:
    """The slice of now, and those whose tokens are still accepted.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._slices: deque[_Slice] = deque()

    def current(self) -> bytes:
        """Return the key of the slice of now: 16 bytes.

        What was made with it may be issued as long as it does not change.
        """
        now_s = self._clock()
        if not self._slices or now_s >= self._slices[-1].ends_s:
            self._slices.append(_draw_slice(now_s))
        return self._slices[-1].key

    def accepted(self) -> list[bytes]:
        """Return the keys whose tokens are accepted now, oldest first; at most five."""
        now_s = self._clock()
        while self._slices and now_s >= self._slices[0].expires_s:
            self._slices.popleft()
        return [kept.key for kept in self._slices]


def _draw_slice(now_s: float) -> _Slice:
    ends_s = now_s + drawn_between(FIRST_FORM_TOKEN_SLICE_S * 2 / 3, FIRST_FORM_TOKEN_SLICE_S)
    # The last token of the slice has its hour, and the first one no more than an hour and a half.
    expires_s = drawn_between(ends_s + FIRST_FORM_TOKEN_MIN_S, now_s + FIRST_FORM_TOKEN_MAX_S)
    return _Slice(secrets.token_bytes(KEY_BYTES), ends_s, expires_s)
