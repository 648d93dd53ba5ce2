"""What a member may see of a conversation, and what is news to them."""

from __future__ import annotations

from server.core.room.log import Entry, Kind
from server.core.room.message import OpenEntry
from server.core.room.private import PrivateRoom
from server.core.room.side_chat import SideChat

from .session import Seat

NOT_READ = frozenset({Kind.MESSAGE, Kind.ERASED, Kind.ASKED})
"""What is not shown of somebody muted; their coming and going is, and that they deleted something:
it may have stood on the screen before."""


def is_for_two(seat: Seat) -> bool:
    """Whether it is a talk between two, and not a room."""
    return seat.room.is_pair or isinstance(seat.room, SideChat)


def is_shown(entry: Entry | OpenEntry, seat: Seat) -> bool:
    """Whether an entry is for the eyes of this member."""
    if entry.kind is Kind.KNOCKED:
        return isinstance(seat.room, PrivateRoom) and seat.member.number == seat.room.opener
    if entry.kind is Kind.ASKED and entry.about != seat.member.number:
        return False
    return entry.sender not in seat.member.muted or entry.kind not in NOT_READ


def is_news(entry: Entry, seat: Seat) -> bool:
    """Whether an entry is worth a word to a member who looks elsewhere."""
    if entry.sender == seat.member.number or entry.sender in seat.member.muted:
        return False
    if entry.kind is Kind.ASKED:
        return entry.about == seat.member.number
    if entry.kind is Kind.KNOCKED:
        return isinstance(seat.room, PrivateRoom) and seat.room.opener == seat.member.number
    return entry.kind is Kind.MESSAGE
