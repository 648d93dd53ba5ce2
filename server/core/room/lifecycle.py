"""The life of a conversation as tables: for a pair, for a room, for two of a room beside it.

    OPEN      may be written to and read
    CLOSED    what is there may be read, nobody may write
    SHREDDED  nobody is left: nothing is there any more

A talk between two is over when one of them is gone; a room goes on for whoever stays. An event
that is not in the row of the present state is a bug and raises.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class RoomState(Enum):
    """Where a conversation is in its life."""

    OPEN = "open"
    CLOSED = "closed"
    SHREDDED = "shredded"


class RoomEvent(Enum):
    """What moves a conversation on."""

    MEMBER_GONE = "member-gone"
    """Somebody left, was forgotten, or never came; others are left."""

    CLOSED = "closed"
    """A room was closed by whose room it is."""

    LAST_GONE = "last-gone"
    """Nobody is left."""


Life = Mapping[RoomState, Mapping[RoomEvent, RoomState]]

PAIR_LIFE: Life = {
    RoomState.OPEN: {
        RoomEvent.MEMBER_GONE: RoomState.CLOSED,
        RoomEvent.LAST_GONE: RoomState.SHREDDED,
    },
    RoomState.CLOSED: {RoomEvent.LAST_GONE: RoomState.SHREDDED},
    RoomState.SHREDDED: {},
}

SIDE_CHAT_LIFE: Life = dict(PAIR_LIFE)
"""As a pair's; a table of its own, because a conversation is told by its life."""

ROOM_LIFE: Life = {
    RoomState.OPEN: {
        RoomEvent.MEMBER_GONE: RoomState.OPEN,
        RoomEvent.CLOSED: RoomState.CLOSED,
        RoomEvent.LAST_GONE: RoomState.SHREDDED,
    },
    RoomState.CLOSED: {
        RoomEvent.MEMBER_GONE: RoomState.CLOSED,
        RoomEvent.LAST_GONE: RoomState.SHREDDED,
    },
    RoomState.SHREDDED: {},
}
