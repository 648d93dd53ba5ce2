"""The lifecycle of a conversation as state tables: one for pairs, side chats and rooms each.

    OPEN      members can read and write
    CLOSED    members can read, nobody can write
    SHREDDED  no members are left, and everything is deleted

A conversation of two closes when one of them leaves; a room stays open for the remaining members.
An event that is not in the row of the current state is a bug and raises `KeyError`.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum


class RoomState(Enum):
    """The state of a conversation."""

    OPEN = "open"
    CLOSED = "closed"
    SHREDDED = "shredded"


class RoomEvent(Enum):
    """What changes the state of a conversation."""

    MEMBER_GONE = "member-gone"
    """A member left, expired, or never opened the conversation; other members remain."""

    CLOSED = "closed"
    """The opener closed the room."""

    LAST_GONE = "last-gone"
    """The last member left."""


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
"""Equal to a pair's, but a separate object: `Room.is_pair` identifies pairs by their table."""

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
