"""The life of one open stream, as a table.

    LIVE          every entry was written: the next one is written at once, without a task
    CATCHING_UP   something was not written yet: one short task reads the log until it is
    BLOCKED       the transport takes nothing for now, or was not attached yet: nothing is read,
                  opened or kept until it does
    ENDED         the stream is over; nothing follows

A stream begins as BLOCKED. An event that is not in the row of the present state is a bug.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class StreamState(Enum):
    """Where a stream is in its life."""

    LIVE = "live"
    CATCHING_UP = "catching-up"
    BLOCKED = "blocked"
    ENDED = "ended"


class StreamEvent(Enum):
    """What moves a stream on."""

    NEWS = "news"
    """There may be something to read: entries, notices, or an end."""

    CAUGHT_UP = "caught-up"
    """A read found nothing more."""

    PAUSED = "paused"
    """No more may be written for now."""

    RESUMED = "resumed"
    """More may be written; what was missed meanwhile is in the log."""

    CLOSED = "closed"
    """The transport is gone, or was told to finish."""


TRANSITIONS: Mapping[StreamState, Mapping[StreamEvent, StreamState]] = {
    StreamState.LIVE: {
        StreamEvent.NEWS: StreamState.CATCHING_UP,
        StreamEvent.PAUSED: StreamState.BLOCKED,
        StreamEvent.CLOSED: StreamState.ENDED,
    },
    StreamState.CATCHING_UP: {
        StreamEvent.NEWS: StreamState.CATCHING_UP,
        StreamEvent.CAUGHT_UP: StreamState.LIVE,
        StreamEvent.PAUSED: StreamState.BLOCKED,
        StreamEvent.CLOSED: StreamState.ENDED,
    },
    StreamState.BLOCKED: {
        StreamEvent.NEWS: StreamState.BLOCKED,
        StreamEvent.PAUSED: StreamState.BLOCKED,
        StreamEvent.RESUMED: StreamState.CATCHING_UP,
        StreamEvent.CLOSED: StreamState.ENDED,
    },
    StreamState.ENDED: {
        # A transport may report what happened to it after it was told to finish.
        StreamEvent.NEWS: StreamState.ENDED,
        StreamEvent.PAUSED: StreamState.ENDED,
        StreamEvent.RESUMED: StreamState.ENDED,
        StreamEvent.CLOSED: StreamState.ENDED,
    },
}


class RatePhase(Enum):
    """Which part of a constant-rate stream is being written."""

    OPENING = "opening"
    """What is there already, as fast as the transport takes it."""

    TICKING = "ticking"
    """One cell a tick."""

    ENDING = "ending"
    """The cells that are left, one a tick; the last one ends the stream."""


NEXT_PHASE: Mapping[RatePhase, RatePhase] = {
    RatePhase.OPENING: RatePhase.TICKING,
    RatePhase.TICKING: RatePhase.ENDING,
}
