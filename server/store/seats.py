"""What a member sees from their seat in a conversation."""

from __future__ import annotations

from collections.abc import Sequence

from server.core.aside import Aside
from server.core.ids import ChatId
from server.core.life import RoomState
from server.core.privateroom import PrivateRoom
from server.core.roomlog import Entry, Kind
from server.core.session import Seat

from .base import ChatView, Passage
from .base_private import PrivateView
from .base_rooms import Person, Place

NOT_READ = frozenset({Kind.MESSAGE, Kind.ERASED, Kind.ASKED})
"""What is not shown of somebody muted; their coming and going is, and that they deleted something:
it may have stood on the screen before."""


def is_for_two(seat: Seat) -> bool:
    """Whether it is a talk between two, and not a room."""
    return seat.room.is_pair or isinstance(seat.room, Aside)


def look(seat: Seat, room_id: ChatId | None = None) -> ChatView:
    """The conversation as it is now; looking counts as having opened it.

    Args:
        seat: whose view it is.
        room_id: where the room is that it stands beside, for a private talk.
    """
    room, member = seat.room, seat.member
    member.opened = True
    others = [other for other in room.members if other is not member] if room.is_pair else []
    return ChatView(
        me=member.number,
        names=room.names if is_for_two(seat) else {member.number: room.name(member.number)},
        is_pair=room.is_pair,
        room_id=room_id,
        public_name=room.terms.public_name,
        title=room.terms.title,
        is_open=room.state is RoomState.OPEN,
        joined_seq=member.joined_seq,
        last_seq=room.log.last_seq,
        nonce=room.nonce,
        posts=member.receipts.posts,
        my_wish=member.wish,
        other_wish=next((other.wish for other in others), None),
    )


def read(seat: Seat, after: int, limit: int, until: int | None) -> Passage:
    """Up to `limit` entries after a cursor, none from before the coming and none of the muted.

    Raises:
        BadCursorError: if the conversation never reached `after`.
    """
    page = seat.room.log.read(max(after, seat.member.joined_seq), limit=limit, until=until)
    seat.member.seen_seq = max(seat.member.seen_seq, page.cursor)
    entries = tuple(entry for entry in page.entries if _is_shown(entry, seat))
    return Passage(entries, page.cursor, page.missed, seat.room.names_in(entries))


def place_of(seat: Seat) -> Place:
    """What a conversation can be called by."""
    room, me = seat.room, seat.member.number
    other = room.name(3 - me) if is_for_two(seat) else ""
    return Place(seat.member.chat_id, room.terms.public_name, room.terms.title, other)


def _is_shown(entry: Entry, seat: Seat) -> bool:
    if entry.kind is Kind.KNOCKED:
        return isinstance(seat.room, PrivateRoom) and seat.member.number == seat.room.opener
    if entry.kind is Kind.ASKED and int(entry.body) != seat.member.number:
        return False
    return entry.sender not in seat.member.muted or entry.kind not in NOT_READ


def look_private(seat: Seat, now_s: float) -> PrivateView | None:
    """A private room as one member sees it; `None` for any other conversation."""
    room = seat.room
    if not isinstance(room, PrivateRoom):
        return None
    is_mine = seat.member.number == room.opener and room.state is RoomState.OPEN
    invitation = room.invitation if is_mine else None
    good = invitation is not None and invitation.is_good(now_s)
    return PrivateView(
        opener=room.opener,
        is_mine=is_mine,
        is_locked=room.is_locked,
        asks_first=room.asks_first,
        knockers=[
            Person(knocker.number, room.name(knocker.number), is_here=False, is_muted=False)
            for knocker in (room.knockers if is_mine else ())
        ],
        uses=invitation.uses if invitation and good else 0,
        left_s=invitation.until_s - now_s if invitation and good else 0,
    )


def people(seat: Seat) -> Sequence[Person]:
    """Who is there, and who was and is muted by this member."""
    room, me = seat.room, seat.member
    here = {member.number: member for member in room.members}
    gone = sorted(number for number in me.muted.difference(here) if room.name(number))
    return [
        Person(
            number,
            room.name(number),
            is_here=number in here,
            is_muted=number in me.muted,
            asks_me=number in here and me.number in here[number].asked,
            is_asked=number in me.asked,
        )
        for number in [*here, *gone]
    ]
