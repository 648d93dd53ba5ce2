"""Passes tor's warnings on to the operator: each once, few of them, and none that says nothing.

A tor that cannot connect repeats a warning with other numbers in it, for hours. Whoever floods a
service can make tor warn, too. So one kind of warning is passed on once an hour, and all kinds
together at most six at once and one each ten minutes. How many were left out is said.

Nothing is written to disk. Tor replaces addresses and names by `[scrubbed]` in what it logs of
visitors (`SafeLogging 1`, which the operator cannot switch off here).
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable

from onion.launch.exit_reason import warning_in

KEPT_LINES = 300
"""Lines of tor's log that are kept in memory. A start has about 30."""

AGAIN_S = 3600.0
BURST = 6
REFILL_S = 600.0
MAX_KINDS = 200
"""Kinds of warnings to remember; the oldest is forgotten."""

_VARIES = re.compile(r"\$?[0-9A-Fa-f]{16,}|\d+|\"[^\"]*\"")


class TorLog:
    """The last lines of tor's log, of one tor after the other.

    Args:
        on_warning: receives the text of a warning that is news, without date and level.
        keeps_lines: whether lines are kept at all.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        on_warning: Callable[[str], None],
        *,
        keeps_lines: bool = True,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._on_warning = on_warning
        self._clock = clock
        self._lines: deque[str] = deque(maxlen=KEPT_LINES if keeps_lines else 0)
        self._said_s: dict[str, float] = {}
        self._budget = float(BURST)
        self._budget_at_s = clock()
        self._left_out = 0

    @property
    def lines(self) -> list[str]:
        """The kept lines, oldest first, without control characters."""
        return list(self._lines)

    def note(self, line: str) -> None:
        """Keep a line of tor's log; pass it on if it is a warning, and news."""
        line = printable(line)
        self._lines.append(line)
        warning = warning_in(line)
        if warning and self._is_news(_VARIES.sub("#", warning)):
            more = f" ({self._left_out} other warnings left out)" if self._left_out else ""
            self._left_out = 0
            self._on_warning(f"{warning}{more}")

    def _is_news(self, kind: str) -> bool:
        now_s = self._clock()
        said_s = self._said_s.get(kind)
        if said_s is not None and now_s - said_s < AGAIN_S:
            return False
        self._budget = min(BURST, self._budget + (now_s - self._budget_at_s) / REFILL_S)
        self._budget_at_s = now_s
        if self._budget < 1:
            self._left_out += 1
            return False
        self._budget -= 1
        self._said_s.pop(kind, None)
        self._said_s[kind] = now_s
        if len(self._said_s) > MAX_KINDS:
            del self._said_s[next(iter(self._said_s))]
        return True


def printable(line: str) -> str:
    """Replace control characters: a line may repeat what another program printed."""
    return "".join(c if c.isprintable() else " " for c in line)
