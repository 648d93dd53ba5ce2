"""Which entries a member may see, and which ones count as unread news."""

from __future__ import annotations

from server.core.room.log import Entry, Kind
from server.core.room.message import OpenEntry
from server.core.room.side_chat import SideChat

from .session import Seat


def is_for_two(seat: Seat) -> bool:
    """Check whether the conversation is a pair or a side chat, and not a room."""
    return seat.room.is_pair or isinstance(seat.room, SideChat)


def is_shown(entry: Entry | OpenEntry, seat: Seat) -> bool:
    """Check whether an entry is visible to this member."""
    return seat.room.is_shown(entry, seat.member)


def is_news(entry: Entry, seat: Seat) -> bool:
    """Check whether an entry is worth a notice to a member who is on another page."""
    me = seat.member
    if entry.sender == me.number or entry.sender in me.muted:
        return False
    return entry.kind is Kind.MESSAGE
