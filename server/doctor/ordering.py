"""Checks how long Python needs to put combining marks into canonical order.

Python sorts a run of marks by their combining class before it composes letters. Up to the summer of
2026 it did so in time that is quadratic in the length of the run: a form full of marks kept the
process for a fifth of a second. The web process cuts such runs before it normalises anything (see
`core/text.py`), so no promise depends on the version. An operator can see here that it does.

Source: CPython, `nfd_nfkd` in Modules/unicodedata.c; Unicode Standard Annex 15, section 13.
"""

from __future__ import annotations

import time
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from server.core.limits import MAX_BODY_BYTES
from server.core.text import clean

from .findings import Finding, State

NAME = "combining marks"
SHORT_RUN, LONG_RUN = MAX_BODY_BYTES // 16, MAX_BODY_BYTES // 2
"""Marks in a run: as many as fill a form at two bytes each, and an eighth of it."""

QUADRATIC_RATIO = 24
"""The long run takes 8 times as long as the short one in linear time, 64 times in quadratic time;
this lies between the two."""

REPEATED = 3


@dataclass(frozen=True, slots=True)
class OrderingTimes:
    """How long each took in seconds; the shortest of a few attempts."""

    short_s: float
    """To normalise `SHORT_RUN` marks."""

    long_s: float
    """To normalise `LONG_RUN` marks."""

    cleaned_s: float
    """To clean `LONG_RUN` marks as the web process does, which includes normalising."""

    @property
    def is_quadratic(self) -> bool:
        """Whether this Python takes quadratic time."""
        return self.long_s > QUADRATIC_RATIO * self.short_s


def worst_run(length: int) -> str:
    """Return combining marks in falling order of their classes, the slowest to sort.

    Args:
        length: marks; each has two bytes in UTF-8.
    """
    by_class = {unicodedata.combining(chr(code)): chr(code) for code in range(0x300, 0x800)}
    marks = [by_class[number] for number in sorted(by_class, reverse=True) if number]
    return "".join(marks[at * len(marks) // length] for at in range(length))


def time_ordering() -> OrderingTimes:
    """Measure it in this process; takes half a second where the time is quadratic."""
    short, long = worst_run(SHORT_RUN), worst_run(LONG_RUN)
    return OrderingTimes(
        _shortest_s(lambda: unicodedata.normalize("NFC", short)),
        _shortest_s(lambda: unicodedata.normalize("NFC", long)),
        _shortest_s(lambda: clean(long)),
    )


def check_ordering(times: OrderingTimes) -> Finding:
    """Find whether a form full of combining marks is cleaned in little time."""
    long_ms, cleaned_ms = round(1_000 * times.long_s, 1), round(1_000 * times.cleaned_s, 1)
    if not times.is_quadratic:
        sentence = f"this Python orders a form full of combining marks in {long_ms} ms"
        return Finding(NAME, State.HOLDS, sentence)
    if times.cleaned_s > times.long_s / 4:
        sentence = f"a form full of combining marks keeps the web process for {cleaned_ms} ms"
        return Finding(NAME, State.FAILS, sentence, "use the newest Python of your system")
    sentence = (
        f"this Python needs {long_ms} ms for a form full of combining marks, in quadratic time;"
        f" the web process cuts long runs first and needs {cleaned_ms} ms"
    )
    return Finding(NAME, State.HOLDS, sentence)


def _shortest_s(work: Callable[[], object]) -> float:
    found = []
    for _ in range(REPEATED):
        began_s = time.perf_counter()
        work()
        found.append(time.perf_counter() - began_s)
    return min(found)
