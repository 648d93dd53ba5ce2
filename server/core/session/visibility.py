"""Which entries a member may see, and which ones count as unread news."""

from __future__ import annotations

from server.core.room.log import Entry, Kind
from server.core.room.message import OpenEntry
from server.core.room.private import PrivateRoom
from server.core.room.side_chat import SideChat

from .session import Seat

HIDDEN_IF_MUTED = frozenset({Kind.MESSAGE, Kind.ERASED, Kind.ASKED})
"""Kinds that are hidden if the sender is muted. Joins and departures are shown, and so are
deletions, because the message may have been on the screen before."""


def is_for_two(seat: Seat) -> bool:
    """Check whether the conversation is a pair or a side chat, and not a room."""
    return seat.room.is_pair or isinstance(seat.room, SideChat)


def is_shown(entry: Entry | OpenEntry, seat: Seat) -> bool:
    """Check whether an entry is visible to this member."""
    if entry.kind is Kind.KNOCKED:
        return isinstance(seat.room, PrivateRoom) and seat.member.number == seat.room.opener
    if entry.kind is Kind.ASKED and entry.about != seat.member.number:
        return False
    return entry.sender not in seat.member.muted or entry.kind not in HIDDEN_IF_MUTED


def is_news(entry: Entry, seat: Seat) -> bool:
    """Check whether an entry is worth a notice to a member who is on another page."""
    if entry.sender == seat.member.number or entry.sender in seat.member.muted:
        return False
    if entry.kind is Kind.ASKED:
        return entry.about == seat.member.number
    if entry.kind is Kind.KNOCKED:
        return isinstance(seat.room, PrivateRoom) and seat.room.opener == seat.member.number
    return entry.kind is Kind.MESSAGE
