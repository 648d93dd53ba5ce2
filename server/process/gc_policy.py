"""Tunes Python's garbage collector for a server with thousands of long-lived objects.

The objects of a conversation are freed at once, by reference counting: none of our objects is in a
reference cycle when the conversation has ended, and tests check that with the collector off. The
collector is left with the cycles that libraries create and drop within one request.

By default Python collects all generations each time that the number of objects has grown by a
quarter. With five thousand people in pairs, that took 15 s of a benchmark of two minutes. Here the
young generations are collected often, and all generations on a timer, so that the memory of an
unknown leak is freed in the end, too.

Source: the documentation of `gc`, and `gcmodule.c` for when the oldest generation is collected.
"""

from __future__ import annotations

import gc

GEN0_THRESHOLD = 20_000
"""New objects since the last collection that start a collection of the youngest generation."""

GEN1_THRESHOLD = 10
"""Collections of the youngest generation, after which the middle one is collected too."""

GEN2_THRESHOLD = 2**31 - 1
"""Collections of the middle generation before Python collects all by itself: practically never."""

COLLECT_ALL_S = 300.0
"""Seconds between two full collections. Each takes 0.05 s for 5,000 conversations."""


def configure_gc() -> None:
    """Exclude all present objects from collection: they live as long as the process."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GEN0_THRESHOLD, GEN1_THRESHOLD, GEN2_THRESHOLD)


async def collect_all() -> None:
    """Free all unreachable reference cycles."""
    gc.collect()
