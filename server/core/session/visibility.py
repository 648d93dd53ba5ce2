"""What a member may read of a conversation from their seat, and what is news to them."""

from __future__ import annotations

from server.core.room.log import Entry, Kind
from server.core.room.message import OpenEntry
from server.core.room.side_chat import SideChat

from .session import Seat


def is_for_two(seat: Seat) -> bool:
    """Whether it is a conversation of two, and not a room."""
    return seat.room.is_pair or isinstance(seat.room, SideChat)


def is_shown(entry: Entry | OpenEntry, seat: Seat) -> bool:
    """Whether an entry is shown to this member."""
    return seat.room.is_shown(entry, seat.member)


def is_news(entry: Entry, seat: Seat) -> bool:
    """Whether a member who reads elsewhere is notified of an entry."""
    me = seat.member
    if entry.sender == me.number or entry.sender in me.muted:
        return False
    return entry.kind is Kind.MESSAGE or seat.room.only_for(entry) == me.number
