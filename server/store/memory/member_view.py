"""What a session sees from its seat in a conversation."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from server.core.crypto.associated_data import SealError
from server.core.ids import ChatId, Secret
from server.core.invite_code import Code
from server.core.limits import RING_ENTRIES
from server.core.room.lifecycle import RoomState
from server.core.room.log import Entry, Page
from server.core.room.private import Invitation, PrivateRoom
from server.core.session.kept import code_position
from server.core.session.session import Seat
from server.core.session.visibility import is_for_two, is_shown
from server.store.contract.chat import ChatView, EntryList, EntryPage
from server.store.contract.private_rooms import PrivateRoomView
from server.store.contract.rooms import ChatLabel, MemberRequest, MemberView, OwnMessage


def chat_view(seat: Seat, secret: Secret, room_id: ChatId | None = None) -> ChatView:
    """Describe a conversation as it is now; the member counts as having opened it.

    Args:
        seat: whose view it is.
        secret: theirs.
        room_id: of a side chat: the conversation in which its room is.
    """
    room, member = seat.room, seat.member
    member.has_opened = True
    others = [other for other in room.members if other is not member] if room.is_pair else []
    return ChatView(
        my_number=member.number,
        names=room.names if is_for_two(seat) else {member.number: room.name(member.number)},
        is_pair=room.is_pair,
        is_for_two=is_for_two(seat),
        has_side_chats=room.policy.has_side_chats,
        parent_chat_id=room_id,
        public_name=room.policy.public_name,
        title=title_of(seat, secret),
        is_open=room.state is RoomState.OPEN,
        joined_seq=member.joined_seq,
        last_seq=room.log.last_seq,
        muted_count=sum(other.number in member.muted for other in room.members)
        if member.muted
        else 0,
        style_nonce=room.nonce,
        writers={} if is_for_two(seat) else room.recent_writers(member),
        post_count=member.spent_tokens.posts,
        my_preferences=member.preferences,
        other_preferences=next((other.preferences for other in others), None),
    )


def read_page(seat: Seat, secret: Secret, after: int, limit: int, until: int | None) -> EntryPage:
    """Open up to `limit` entries after a cursor.

    Entries from before the member joined, and entries hidden from the member, are left out.

    Raises:
        BadCursorError: if the conversation never reached `after`.
    """
    page, shown = _page(seat, after, limit, until)
    seat.member.seen_seq = max(seat.member.seen_seq, page.cursor)
    keys, me = seat.room.keys, seat.member.number
    entries = tuple(
        keys.open(entry, me, secret.keyring, before)
        for before, entry in zip([None, *shown], shown, strict=False)
    )
    return EntryPage(entries, page.cursor, page.missed_count, seat.room.names_in(shown))


def list_entries(seat: Seat, after: int, until: int | None) -> EntryList:
    """List the same entries, all of them, unopened; they do not count as seen."""
    page, shown = _page(seat, after, RING_ENTRIES, until)
    return EntryList(tuple(entry.seq for entry in shown), page.missed_count)


def _page(seat: Seat, after: int, limit: int, until: int | None) -> tuple[Page, list[Entry]]:
    page = seat.room.log.read(max(after, seat.member.joined_seq), limit=limit, until=until)
    return page, [entry for entry in page.entries if is_shown(entry, seat)]


def list_requests(seat: Seat) -> list[MemberRequest]:
    """List what others ask of a member, and mark it as seen."""
    room, shown = seat.room, seat.member.shown_requests()
    listed = [
        MemberRequest(number, room.name(number), asked.kind, asked.asked_seq, not asked.is_seen)
        for number, asked in shown.items()
    ]
    for asked in shown.values():
        asked.is_seen = True
    return listed


def own_messages(seat: Seat, secret: Secret, limit: int) -> list[OwnMessage]:
    """Open the newest messages of a member that are kept, newest first."""
    keys, me = seat.room.keys, seat.member.number
    own = seat.room.own_messages(seat.member, limit)
    opened = [keys.open(entry, me, secret.keyring) for entry in own]
    return [OwnMessage(entry.seq, entry.message.text) for entry in opened if entry.message]


def title_of(seat: Seat, secret: Secret) -> str:
    """The title of a private room, opened by its member; empty for any other conversation."""
    sealed, title = seat.member.sealed_title, ""
    if sealed:
        with suppress(SealError):
            title = secret.keyring.open_title(sealed)
    return title


def label_of(seat: Seat, secret: Secret) -> ChatLabel:
    """Collect what a conversation can be called by."""
    room, me = seat.room, seat.member.number
    other = room.name(3 - me) if is_for_two(seat) else ""
    return ChatLabel(seat.member.chat_id, room.policy.public_name, title_of(seat, secret), other)


def seal_code(secret: Secret, chat_id: ChatId, code: Code) -> bytes:
    """Seal a code to the visitor who was issued it in this conversation."""
    return secret.keyring.seal_own(code_position(chat_id), code.to_bytes())


def open_code(secret: Secret, chat_id: ChatId, sealed: bytes) -> Code | None:
    """Open what `seal_code` sealed; `None` if it was lost, or the stored data modified."""
    try:
        return Code.from_bytes(secret.keyring.open_own(code_position(chat_id), sealed))
    except (SealError, ValueError):
        return None


def invitation_of(seat: Seat) -> Invitation | None:
    """The invitation that this member has issued, if it is the room's present one."""
    found = seat.room.invitation if isinstance(seat.room, PrivateRoom) else None
    return found if found is not None and found.issuer == seat.member.number else None


def private_room_view(seat: Seat, now_s: float) -> PrivateRoomView | None:
    """Describe a private room to one member; `None` for any other conversation."""
    room = seat.room
    if not isinstance(room, PrivateRoom):
        return None
    can_host = seat.member.number == room.opener and room.state is RoomState.OPEN
    invitation = room.invitation if can_host else None
    good = invitation is not None and invitation.is_valid(now_s)
    return PrivateRoomView(
        opener_number=room.opener,
        can_host=can_host,
        is_locked=room.is_locked,
        requires_knock=room.requires_knock,
        knockers=[
            MemberView(knocker.number, room.name(knocker.number), is_here=False, is_muted=False)
            for knocker in (room.knockers if can_host else ())
        ],
        uses_left=invitation.uses if invitation and good else 0,
        valid_for_s=invitation.until_s - now_s if invitation and good else 0,
    )


def member_views(seat: Seat) -> Sequence[MemberView]:
    """List the present members, and those who have left and are muted by this member."""
    room, me = seat.room, seat.member
    here = {member.number: member for member in room.members}
    gone = sorted(number for number in me.muted.difference(here) if room.name(number))
    return [
        MemberView(
            number,
            room.name(number),
            is_here=number in here,
            is_muted=number in me.muted,
            has_asked_me=number in here and me.number in here[number].side_chat_requests,
            was_asked_by_me=number in me.side_chat_requests,
        )
        for number in [*here, *gone]
    ]
