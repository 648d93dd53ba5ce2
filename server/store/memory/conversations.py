"""Conversations: enter, read, post, side chats, private rooms and what their openers do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence, Set

from server.core.crypto.associated_data import SealError
from server.core.errors import (
    KeyLostError,
    LooksPersonalError,
    MemberUnknownError,
    NotAMemberError,
    SessionUnknownError,
)
from server.core.ids import LABEL_REPEAT, LABEL_SPENT_TOKEN, ChatId, Secret
from server.core.invite_code import Code, CodeKey, InviteKeys
from server.core.limits import MAX_OWN_MESSAGES
from server.core.nudge.find import find_personal
from server.core.nudge.kind import PersonalKind
from server.core.room.lifecycle import RoomState
from server.core.room.log import Kind
from server.core.room.member import Member
from server.core.room.private import PrivateRoom
from server.core.room.side_chat import SideChat
from server.core.room.spent_tokens import ComposerToken
from server.core.session.session import Seat, Session
from server.core.text import clean_message, clean_title
from server.store.contract.chat import ChatView, EntryList, EntryPage
from server.store.contract.private_rooms import (
    Admission,
    HostAction,
    NewInvitation,
    PrivateRoomView,
)
from server.store.contract.rooms import ListedRoom, MemberRequest, MemberView, OwnMessage
from server.stream.subscription import Notify, OtherChatEvent, OtherChatNotice

from .matching import Matching
from .member_view import (
    chat_view,
    invitation_of,
    list_entries,
    list_requests,
    member_views,
    open_code,
    own_messages,
    private_room_view,
    read_page,
    seal_code,
    title_of,
)
from .tables import step
from .unopened_entries import Entry


class Conversations(Matching):
    """The calls of `RoomStore` and `PrivateRoomStore`, and of `Store` about one conversation."""

    @step
    async def view_chat(self, secret: Secret, chat_id: ChatId) -> ChatView:
        """See `Store`."""
        seat = self._seat(secret, chat_id)
        return chat_view(seat, secret, _room_id(seat, self._sessions[secret.handle]))

    @step
    async def list_members(self, secret: Secret, chat_id: ChatId) -> Sequence[MemberView]:
        """See `RoomStore`."""
        return member_views(self._seat(secret, chat_id))

    @step
    async def toggle_mute(self, secret: Secret, chat_id: ChatId, number: int) -> None:
        """See `RoomStore`."""
        seat = self._seat(secret, chat_id)
        seat.room.mute(seat.member, number)

    @step
    async def own_messages(self, secret: Secret, chat_id: ChatId) -> Sequence[OwnMessage]:
        """See `RoomStore`."""
        seat = self._seat(secret, chat_id)
        return own_messages(seat, secret, MAX_OWN_MESSAGES)

    @step
    async def delete_message(self, secret: Secret, chat_id: ChatId, seq: int) -> None:
        """See `RoomStore`."""
        seat = self._seat(secret, chat_id)
        seat.room.delete(seat.member, seq)
        self._ring_budget.update(seat.room)

    @step
    async def read(
        self, secret: Secret, chat_id: ChatId, after: int, limit: int, until: int | None = None
    ) -> EntryPage:
        """See `Store`."""
        seat = self._seat(secret, chat_id)
        page = read_page(seat, secret, after, limit, until)
        self._unread.conversation_read(self._sessions[secret.handle], seat)
        return page

    @step
    async def list_entries(
        self, secret: Secret, chat_id: ChatId, after: int, until: int | None = None
    ) -> EntryList:
        """See `Store`."""
        return list_entries(self._seat(secret, chat_id), after, until)

    @step
    async def set_plain_reading(self, secret: Secret, chat_id: ChatId) -> None:
        """See `Store`."""
        self._seat(secret, chat_id).member.reads_by_stream = False

    @step
    async def post(
        self,
        secret: Secret,
        chat_id: ChatId,
        text: str,
        token: ComposerToken,
        asked: Set[PersonalKind] = frozenset(),
    ) -> None:
        """See `Store`."""
        seat = self._seat(secret, chat_id)
        text_tag = secret.text_tag(text, LABEL_SPENT_TOKEN, chat_id)
        if seat.member.spent_tokens.is_repeat(token, text_tag):
            return
        # Before anything looks into the text: whoever may not post now costs one hash of it.
        self._check_post_pace(secret, seat, text)
        cleaned = clean_message(text)
        repeat_tag = secret.text_tag(" ".join(cleaned.casefold().split()), LABEL_REPEAT, chat_id)
        self._check_may_post(seat, repeat_tag)
        _check_personal(cleaned, asked)
        while not await self._rekeying.ensure_keys(seat.room, seat.member):
            seat = self._seat(secret, chat_id)
            self._check_post_pace(secret, seat, text)
            self._check_may_post(seat, repeat_tag)
        # From here on nothing waits.
        member, now_s = seat.member, self._clock()
        if member.spent_tokens.is_repeat(token, text_tag):
            return
        try:
            seat.room.post(member, secret.keyring, cleaned, now_s)
        except SealError:
            raise KeyLostError from None
        session = self._sessions[secret.handle]
        session.post_bucket.take(now_s)
        session.has_written = True
        self._drop_kept(session)
        self._count_places(session)
        member.spent_tokens.spend(token, text_tag)
        member.repeats.record(repeat_tag, now_s)
        self._unread.appended(seat.room)
        self._ring_budget.update(seat.room)

    def _check_post_pace(self, secret: Secret, seat: Seat, text: str) -> None:
        """Pass if a member may post something now; of the text only the length counts."""
        now_s = self._clock()
        seat.room.check_pace(seat.member, now_s)
        seat.room.check_share(seat.member, self._sessions[secret.handle].circuit, text, now_s)
        self._sessions[secret.handle].post_bucket.check(now_s)

    def _check_may_post(self, seat: Seat, repeat_tag: bytes) -> None:
        """Pass if the conversation is open, and a member may post this text now."""
        seat.room.check_open()
        seat.member.repeats.check(repeat_tag, self._clock())

    @step
    async def request_side_chat(
        self, secret: Secret, chat_id: ChatId, number: int
    ) -> ChatId | None:
        """See `RoomStore`."""
        seat, session = self._seat(secret, chat_id), self._sessions[secret.handle]
        there = self._side_chat_with(session, seat, number)
        if there is not None:
            return there
        other = next((m for m in seat.room.members if m.number == number), None)
        if other is not None and seat.member.number in other.side_chat_requests:
            seat.room.check_open()
            return self._start_side_chat(seat, other)
        self._check_may_begin()
        self._leave_closed_side_chats(session)
        session.check_side_chats()
        session.post_bucket.check(now_s := self._clock())
        if seat.room.request_side_chat(seat.member, number):
            session.post_bucket.take(now_s)
            self._announce_request(seat.room, number, seat.member.number)
        return None

    @step
    async def list_requests(self, secret: Secret, chat_id: ChatId) -> Sequence[MemberRequest]:
        """See `RoomStore`."""
        seat = self._seat(secret, chat_id)
        listed = list_requests(seat)
        self._unread.conversation_read(self._sessions[secret.handle], seat)
        return listed

    def _side_chat_with(self, session: Session, seat: Seat, number: int) -> ChatId | None:
        """The open side chat of a session with that member, if there is one."""
        for chat_id, side_chat in session.side_chats.items():
            if not isinstance(side_chat.room, SideChat) or side_chat.room.room is not seat.room:
                continue
            if (
                side_chat.room.number_in_room(side_chat.member) == number
                and side_chat.room.head_count > 1
            ):
                return chat_id
        return None

    def _start_side_chat(self, seat: Seat, other: Member) -> ChatId:
        """Seat the member who asked and the member who accepts."""
        self._check_may_begin()
        me = seat.member
        sessions = self._sessions[other.handle], self._sessions[me.handle]
        for session in sessions:
            self._leave_closed_side_chats(session)
            session.check_side_chats()
        seat.room.settle_side_chat(me, other)
        side_chat = SideChat(seat.room, other, me, self._signals)
        theirs, mine = (
            self._take_seat(session, Seat(side_chat, member))
            for session, member in zip(sessions, side_chat.seat_both(other, me), strict=True)
        )
        begun = OtherChatNotice(OtherChatEvent.BEGUN, theirs.member.chat_id)
        self._signals.append(Notify(other.handle, begun))
        return mine.member.chat_id

    def _leave_closed_side_chats(self, session: Session) -> None:
        """Leave the side chats that are closed."""
        for chat_id, seat in session.side_chats.items():
            if seat.room.state is not RoomState.OPEN:
                self._leave(session, chat_id)

    @step
    async def list_rooms(self, secret: Secret | None) -> Sequence[ListedRoom]:
        """See `RoomStore`."""
        return self._public.listed(self._clock())

    @step
    async def join_room(self, secret: Secret, name: str) -> ChatId:
        """See `RoomStore`."""
        session, now_s = self._session(secret), self._clock()
        if not self._public.is_in(session, name):
            self._check_may_begin()
        self._public.check_join(session, name, now_s)
        self._reserve_stream(session)
        seat = self._public.join(session, name, now_s)
        return self._take_seat(session, seat).member.chat_id

    @step
    async def open_room(self, secret: Secret, title: str, invitation: NewInvitation) -> ChatId:
        """See `PrivateRoomStore`."""
        session, now_s = self._session(secret), self._clock()
        self._check_may_begin()
        session.check_rooms()
        session.check_join(now_s)
        title = clean_title(title)
        self._reserve_stream(session)
        crowded_out = self._private.to_give_way(session)
        seat = self._private.open(session, title, invitation, now_s)
        _keep_code(seat, secret, invitation)
        if crowded_out is not None:
            self._clear(crowded_out)
        return self._take_seat(session, seat).member.chat_id

    @step
    async def shown_invitation(self, secret: Secret, chat_id: ChatId) -> Code | None:
        """See `PrivateRoomStore`."""
        seat = self._seat(secret, chat_id)
        if not isinstance(seat.room, PrivateRoom):
            raise NotAMemberError
        found = invitation_of(seat)
        if found is None or not found.is_valid(self._clock()):
            return None
        return open_code(secret, chat_id, found.sealed_code)

    @step
    async def check_guess(self, secret: Secret) -> None:
        """See `PrivateRoomStore`."""
        self._check_may_begin()
        self._private.check_guess(self._session(secret), self._clock())

    @step
    async def use_code(
        self, secret: Secret, invite_keys: InviteKeys, rematch_key: CodeKey
    ) -> Admission | None:
        """See `PrivateRoomStore`."""
        session, now_s = self._session(secret), self._clock()
        self._check_may_begin()
        self._private.check_guess(session, now_s)
        if self._rematches.is_good(rematch_key, now_s):
            self._reserve_stream(session)
        # Once more: it may have been of a pair with a session that gave way just now.
        if not self._rematches.is_good(rematch_key, now_s):
            return await self.use_invitation(secret, invite_keys)
        self._show_code(session, rematch_key)
        has_met = self._meet_again(session, now_s)
        return Admission(session.pair, is_member=True) if has_met and session.pair else None

    @step
    async def use_invitation(self, secret: Secret, invite_keys: InviteKeys) -> Admission:
        """See `PrivateRoomStore`."""
        session, now_s = self._session(secret), self._clock()
        self._check_may_begin()
        self._private.check_guess(session, now_s)
        self._private.check_entry(session, invite_keys, now_s)
        self._reserve_stream(session)
        knocks_before = set(session.knocks)
        admission = self._private.enter(session, invite_keys, now_s)
        if admission.is_member:
            self._take_seat(session, session.seats[admission.chat_id])
        elif admission.chat_id not in knocks_before:
            # Only once: each notice costs the opener a cell.
            knock = session.knocks[admission.chat_id]
            self._announce_request(knock.room, knock.room.opener, knock.number)
        return admission

    def _drop_entry(self, entry: Entry) -> None:
        """Take the seat or the knock away that nobody has opened, and give the use back."""
        if entry.chat_id in entry.session.seats:
            self._leave(entry.session, entry.chat_id)
        elif entry.chat_id in entry.session.knocks:
            self._dismiss(entry.session, entry.chat_id)

    def _clear(self, room: PrivateRoom) -> None:
        """End a room by taking every seat in it: it gave way to another one."""
        for member in room.members:
            self._leave(self._sessions[member.handle], member.chat_id)

    @step
    async def knock_state(self, secret: Secret, chat_id: ChatId) -> Admission:
        """See `PrivateRoomStore`."""
        try:
            session = self._session(secret)
        except SessionUnknownError:
            raise NotAMemberError from None
        self._private.opened(chat_id)
        if chat_id in session.rooms:
            return Admission(chat_id, is_member=True)
        if chat_id in session.knocks:
            return Admission(chat_id, is_member=False)
        raise NotAMemberError

    @step
    async def stop_knocking(self, secret: Secret, chat_id: ChatId) -> None:
        """See `PrivateRoomStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None and chat_id in session.knocks:
            self._dismiss(session, chat_id)

    @step
    async def private_room(self, secret: Secret, chat_id: ChatId) -> PrivateRoomView | None:
        """See `PrivateRoomStore`."""
        return private_room_view(self._seat(secret, chat_id), self._clock())

    @step
    async def host_action(
        self, secret: Secret, chat_id: ChatId, action: HostAction, number: int = 0
    ) -> None:
        """See `PrivateRoomStore`."""
        _ACTS[action](self, self._own_room(secret, chat_id), number)

    @step
    async def issue_invitation(
        self, secret: Secret, chat_id: ChatId, invitation: NewInvitation
    ) -> None:
        """See `PrivateRoomStore`."""
        room, seat = self._own_room(secret, chat_id), self._seat(secret, chat_id)
        self._check_may_begin()
        self._private.issue(room, invitation, title_of(seat, secret), self._clock())
        _keep_code(seat, secret, invitation)

    def _own_room(self, secret: Secret, chat_id: ChatId) -> PrivateRoom:
        seat = self._seat(secret, chat_id)
        if not isinstance(seat.room, PrivateRoom):
            raise NotAMemberError
        seat.room.check_opener(seat.member)
        return seat.room

    def _lock(self, room: PrivateRoom, _number: int) -> None:
        room.is_locked = True

    def _unlock(self, room: PrivateRoom, _number: int) -> None:
        room.is_locked = False

    def _require_knock(self, room: PrivateRoom, _number: int) -> None:
        room.requires_knock = True

    def _allow_direct_join(self, room: PrivateRoom, _number: int) -> None:
        room.requires_knock = False

    def _admit(self, room: PrivateRoom, number: int) -> None:
        self._check_may_begin()
        member = room.admit(number)
        session = self._sessions[member.handle]
        del session.knocks[member.chat_id]
        self._take_seat(session, Seat(room, member))

    def _reject(self, room: PrivateRoom, number: int) -> None:
        for knocker in room.knockers:
            if knocker.number == number:
                # Who is turned away has used the invitation, whether or not they saw it.
                self._private.opened(knocker.chat_id)
                self._dismiss(self._sessions[knocker.handle], knocker.chat_id)
                return
        raise MemberUnknownError

    def _remove(self, room: PrivateRoom, number: int) -> None:
        member = room.find(number)
        self._private.revoke_invitation(room)
        self._leave(self._sessions[member.handle], member.chat_id, Kind.REMOVED)

    def _close(self, room: PrivateRoom, _number: int) -> None:
        self._private.revoke_invitation(room)
        self._dismiss_all(room)
        room.close()


_ACTS: Mapping[HostAction, Callable[[Conversations, PrivateRoom, int], None]] = {
    HostAction.LOCK: Conversations._lock,
    HostAction.UNLOCK: Conversations._unlock,
    HostAction.REQUIRE_KNOCK: Conversations._require_knock,
    HostAction.ALLOW_DIRECT_JOIN: Conversations._allow_direct_join,
    HostAction.ADMIT: Conversations._admit,
    HostAction.REJECT: Conversations._reject,
    HostAction.REMOVE: Conversations._remove,
    HostAction.CLOSE: Conversations._close,
}


def _check_personal(text: str, asked: Set[PersonalKind]) -> None:
    """Pass if a text contains nothing that its writer has not been asked about."""
    kinds = find_personal(text)
    if not asked >= set(kinds):
        raise LooksPersonalError(kinds)


def _keep_code(seat: Seat, secret: Secret, new: NewInvitation) -> None:
    """Keep the code of an invitation sealed to the opener who issued it."""
    if isinstance(seat.room, PrivateRoom) and seat.room.invitation is not None and new.code:
        seat.room.invitation.issuer = seat.member.number
        seat.room.invitation.sealed_code = seal_code(secret, seat.member.chat_id, new.code)


def _room_id(seat: Seat, session: Session) -> ChatId | None:
    if not isinstance(seat.room, SideChat):
        return None
    return next((i for i, s in session.seats.items() if s.room is seat.room.room), None)
