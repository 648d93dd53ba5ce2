"""What a member does from their seat: look, read, say, talk aside with another."""

from __future__ import annotations

from collections.abc import Sequence

from server.core.crypto.associated_data import SealError
from server.core.errors import KeyLostError
from server.core.ids import LABEL_REPEAT, LABEL_SPENT_TOKEN, ChatId, Secret
from server.core.limits import MAX_OWN_MESSAGES
from server.core.room.lifecycle import RoomState
from server.core.room.member import Member
from server.core.room.side_chat import SideChat
from server.core.room.spent_tokens import ComposerToken
from server.core.session.session import Seat, Session
from server.core.text import clean_message
from server.store.contract.chat import ChatView, EntryList, EntryPage
from server.store.contract.rooms import OwnMessage, Person
from server.stream.subscription import OtherChatEvent, OtherChatNotice

from .member_view import look, own_messages, people, read, survey
from .tables import State


class Talking(State):
    """These calls of `base.Store`."""

    async def chat(self, secret: Secret, chat_id: ChatId) -> ChatView:
        """See `base.Store`."""
        seat = self._seat(secret, chat_id)
        return look(seat, secret, _room_id(seat, self._sessions[secret.handle]))

    async def list_members(self, secret: Secret, chat_id: ChatId) -> Sequence[Person]:
        """See `base_rooms.RoomStore`."""
        return people(self._seat(secret, chat_id))

    async def mute(self, secret: Secret, chat_id: ChatId, who: int) -> None:
        """See `base_rooms.RoomStore`."""
        seat = self._seat(secret, chat_id)
        seat.room.mute(seat.member, who)
        stream = self._streams.get(secret.handle)
        if stream is not None and stream.chat_id == chat_id:
            # Others may hear what this reader now does not.
            stream.ear.part()

    async def own_messages(self, secret: Secret, chat_id: ChatId) -> Sequence[OwnMessage]:
        """See `base_rooms.RoomStore`."""
        seat = self._seat(secret, chat_id)
        return own_messages(seat, secret, MAX_OWN_MESSAGES)

    async def delete(self, secret: Secret, chat_id: ChatId, seq: int) -> None:
        """See `base_rooms.RoomStore`."""
        seat = self._seat(secret, chat_id)
        seat.room.delete(seat.member, seq)

    async def read(
        self, secret: Secret, chat_id: ChatId, after: int, limit: int, until: int | None = None
    ) -> EntryPage:
        """See `base.Store`."""
        seat = self._seat(secret, chat_id)
        passage = read(seat, secret, after, limit, until)
        self._away.looked(self._sessions[secret.handle], seat)
        return passage

    async def list_entries(
        self, secret: Secret, chat_id: ChatId, after: int, until: int | None = None
    ) -> EntryList:
        """See `base.Store`."""
        return survey(self._seat(secret, chat_id), after, until)

    async def stop_streaming(self, secret: Secret, chat_id: ChatId) -> None:
        """See `base.Store`."""
        self._seat(secret, chat_id).member.reads_live = False

    async def post(self, secret: Secret, chat_id: ChatId, text: str, token: ComposerToken) -> None:
        """See `base.Store`."""
        text_tag = secret.text_tag(text, LABEL_SPENT_TOKEN, chat_id)
        if self._seat(secret, chat_id).member.spent_tokens.is_repeat(token, text_tag):
            return
        cleaned = clean_message(text)
        repeat_tag = secret.text_tag(" ".join(cleaned.casefold().split()), LABEL_REPEAT, chat_id)
        seat = self._check_speech(secret, chat_id, repeat_tag)
        while not await self._rekeying.settle(seat.room, seat.member):
            seat = self._check_speech(secret, chat_id, repeat_tag)
        # From here on nothing waits.
        member, now_s = seat.member, self._clock()
        if member.spent_tokens.is_repeat(token, text_tag):
            return
        try:
            seat.room.post(member, secret.keyring, cleaned, now_s)
        except SealError:
            raise KeyLostError from None
        self._sessions[secret.handle].speech.take(now_s)
        member.spent_tokens.spend(token, text_tag)
        member.repeats.record(repeat_tag, now_s)
        self._away.said(seat.room)

    def _check_speech(self, secret: Secret, chat_id: ChatId, repeat_tag: bytes) -> Seat:
        """The seat of who wants to speak, if they may now."""
        seat, now_s = self._seat(secret, chat_id), self._clock()
        seat.room.check_open()
        seat.member.repeats.check(repeat_tag, now_s)
        seat.room.check_pace(seat.member, now_s)
        self._sessions[secret.handle].speech.check(now_s)
        return seat

    async def start_side_chat(self, secret: Secret, chat_id: ChatId, who: int) -> ChatId | None:
        """See `base_rooms.RoomStore`."""
        seat, session = self._seat(secret, chat_id), self._sessions[secret.handle]
        there = self._side_chat_with(session, seat, who)
        if there is not None:
            return there
        other = next((m for m in seat.room.members if m.number == who), None)
        if other is not None and seat.member.number in other.asked:
            seat.room.check_open()
            return self._start_side_chat(seat, other)
        self._leave_over(session)
        session.check_side_chats()
        session.speech.check(now_s := self._clock())
        if seat.room.ask(seat.member, who):
            session.speech.take(now_s)
            self._away.said(seat.room)
        return None

    def _side_chat_with(self, session: Session, seat: Seat, who: int) -> ChatId | None:
        """Where a session talks with that member already, while the other is there."""
        for chat_id, side_chat in session.side_chats.items():
            if not isinstance(side_chat.room, SideChat) or side_chat.room.room is not seat.room:
                continue
            if (
                side_chat.room.number_in_room(side_chat.member) == who
                and side_chat.room.head_count > 1
            ):
                return chat_id
        return None

    def _start_side_chat(self, seat: Seat, other: Member) -> ChatId:
        """Seat the one who asked and the one who says yes."""
        me = seat.member
        sessions = self._sessions[other.handle], self._sessions[me.handle]
        for session in sessions:
            self._leave_over(session)
            session.check_side_chats()
        del other.asked[me.number]
        me.asked.pop(other.number, None)
        side_chat = SideChat(seat.room, other, me)
        theirs, mine = (
            self._take_seat(session, Seat(side_chat, member))
            for session, member in zip(sessions, side_chat.seat_both(other, me), strict=True)
        )
        self._streams.tell(
            other.handle, OtherChatNotice(OtherChatEvent.BEGUN, theirs.member.chat_id)
        )
        return mine.member.chat_id

    def _leave_over(self, session: Session) -> None:
        """Give up the seats in private talks that are over."""
        for chat_id, seat in session.side_chats.items():
            if seat.room.state is not RoomState.OPEN:
                self._leave(session, chat_id)


def _room_id(seat: Seat, session: Session) -> ChatId | None:
    if not isinstance(seat.room, SideChat):
        return None
    return next((i for i, s in session.seats.items() if s.room is seat.room.room), None)
