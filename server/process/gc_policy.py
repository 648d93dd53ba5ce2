"""When Python's garbage collector looks at what, in a house of thousands of long-lived objects.

What a conversation leaves is freed at once, without the collector: nothing of ours stands in a
circle once it has ended, and tests hold that with the collector off. What is left for it are the
circles that a library makes and drops within one request.

By itself Python looks at everything each time that a quarter more is there, and with five thousand
people in pairs that took 15 s of a benchmark of two minutes. Here the young are looked at often,
and everything on a turn of its own, so that a leak that nobody knows of still has an end.

Source: the documentation of `gc`, and `gcmodule.c` for when the oldest generation is looked at.
"""

from __future__ import annotations

import gc

YOUNG = 20_000
"""Objects that have come since the last look, from which on the youngest are looked at."""

MIDDLE = 10
"""Looks at the youngest, after which what has outlived one of them is looked at too."""

NEVER = 2**31 - 1
"""As many looks at these until Python would look at everything by itself."""

COLLECT_ALL_S = 300.0
"""Seconds between two looks at everything: each takes a twentieth of a second for 5,000 talks."""


def configure_gc() -> None:
    """What was made so far lives as long as the process: the collector need not look at it."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, NEVER)


async def collect_all() -> None:
    """Free whatever stands in a circle that nobody knows of."""
    gc.collect()
