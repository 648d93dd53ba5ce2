"""The life of one open stream, as a table.

    LIVE          every entry was written: the next one is written at once, without a task
    CATCHING_UP   something was not written yet: one short task reads the log until it is
    BLOCKED       the transport takes nothing for now, or was not attached yet, or, at a constant
                  rate, cells are left to be written: nothing is read or opened until then
    ENDED         the stream is over; nothing follows

A stream begins as BLOCKED. An input that is not in the row of the present state is a bug.
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


class StreamInput(Enum):
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


TRANSITIONS: Mapping[StreamState, Mapping[StreamInput, StreamState]] = {
    StreamState.LIVE: {
        StreamInput.NEWS: StreamState.CATCHING_UP,
        StreamInput.PAUSED: StreamState.BLOCKED,
        StreamInput.CLOSED: StreamState.ENDED,
    },
    StreamState.CATCHING_UP: {
        StreamInput.NEWS: StreamState.CATCHING_UP,
        StreamInput.CAUGHT_UP: StreamState.LIVE,
        StreamInput.PAUSED: StreamState.BLOCKED,
        StreamInput.CLOSED: StreamState.ENDED,
    },
    StreamState.BLOCKED: {
        StreamInput.NEWS: StreamState.BLOCKED,
        StreamInput.PAUSED: StreamState.BLOCKED,
        StreamInput.RESUMED: StreamState.CATCHING_UP,
        StreamInput.CLOSED: StreamState.ENDED,
    },
    StreamState.ENDED: {
        # A transport may report what happened to it after it was told to finish.
        StreamInput.NEWS: StreamState.ENDED,
        StreamInput.PAUSED: StreamState.ENDED,
        StreamInput.RESUMED: StreamState.ENDED,
        StreamInput.CLOSED: StreamState.ENDED,
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
