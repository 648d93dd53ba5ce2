"""Run every measurement and print its tables, the bars last: `make bench`."""

from __future__ import annotations

import time

from . import (
    arrivals,
    bars,
    chatters,
    connections,
    costs,
    freed,
    large_rooms,
    pages,
    sealing,
    talk,
    worst_text,
)
from .children import two_cores
from .circuits import counted_meanwhile

began_s = time.monotonic()
with counted_meanwhile() as cells:
    # The other measurements count processor time and bytes, or run on the other core.
    with two_cores():
        matching = arrivals.run()
    spent = costs.run()
    sealing.run()
    freed.run()
    entrances = worst_text.run()
    by_event = cells()
ready = pages.run()
connections.run()
posts = talk.run()
rooms = large_rooms.run()
pairs = chatters.run()
bars.run(bars.Measured(spent, matching, posts, rooms, pairs, by_event, ready, entrances))
print(f"\n{time.monotonic() - began_s:.0f} s in all")
