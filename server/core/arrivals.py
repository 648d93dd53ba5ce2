"""How often a room may be joined: by the sessions of one circuit, and in all.

Each member reads one cell for each join and for each departure, and a message after it takes a new
key. A session has a limit of its own, but sessions are free. So the sessions of one circuit share a
limit for each room. Beside it the room has a common limit: for circuits that have joined it lately,
and for sessions whose circuit is not known. A circuit that has not joined the room lately does not
need the common one, so nobody can keep it out by joining often (see `FairRate`).

A departure needs no limit: everybody who leaves has joined.
"""

from __future__ import annotations

from server.core.fair_rate import FairRate
from server.core.limits import (
    CIRCUIT_JOIN_BURST,
    CIRCUIT_JOIN_EVERY_S,
    ROOM_JOIN_BURST,
    ROOM_JOIN_EVERY_S,
)
from server.core.ratelimit import TokenBucket


def new_arrivals() -> FairRate:
    """Return the limits of a room that nobody has joined yet."""
    common = TokenBucket(burst=ROOM_JOIN_BURST, every_s=ROOM_JOIN_EVERY_S, now_s=0.0)
    return FairRate(burst=CIRCUIT_JOIN_BURST, every_s=CIRCUIT_JOIN_EVERY_S, common=common)
