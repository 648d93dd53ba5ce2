"""Matching: two strangers, and two who met before and have exchanged codes."""

from __future__ import annotations

import asyncio

from server.core.errors import CooldownError, TooManyCodesError
from server.core.ids import ChatId, Handle, Secret, new_chat_id
from server.core.invite_code import Code, CodeKey
from server.core.limits import MAX_REMATCH_CODES, WAITER_PRESENT_S
from server.core.matching.preferences import Preferences
from server.core.matching.ticket import Ticket
from server.core.room.lifecycle import RoomState
from server.core.room.log import Kind
from server.core.room.room import Room
from server.core.session.session import Seat, Session
from server.store.contract.matching import MatchState
from server.stream.subscription import Notify, OtherChatEvent, OtherChatNotice, Wake

from .member_view import open_code, seal_code
from .pending_matches import Match, QueuePosition, RematchState
from .tables import Tables, step


class Matching(Tables):
    """The calls of `MatchingStore`."""

    @step
    async def request_match(self, secret: Secret, preferences: Preferences | None) -> MatchState:
        """See `MatchingStore`."""
        session, now_s = self._session(secret), self._clock()
        self._check_may_begin()
        self._match_queue.set_preferences(session, preferences)
        self._rematches.release(session.handle)
        self._count_skip(session, session.pair, now_s)
        try:
            session.check_cooldown(now_s)
            self._match_queue.check_pace(session.circuit, now_s)
        except CooldownError:
            self._leave_pair(session)
            raise
        self._reserve_stream(session)
        present_until_s = max(self._present_until_s(session), now_s + WAITER_PRESENT_S)
        self._displace(self._match_queue.request(session, now_s, present_until_s))
        session.parting = None
        self._leave_pair(session)
        return self._match_state(session, now_s)

    @staticmethod
    def _count_skip(session: Session, chat_id: ChatId | None, now_s: float) -> None:
        """Count a conversation that this session leaves; not one that its partner has left."""
        seat = None if chat_id is None else session.seats.get(chat_id)
        if seat is not None and seat.room.is_pair and seat.room.state is RoomState.OPEN:
            session.count_skip(now_s)

    @step
    async def waive_language(self, secret: Secret) -> MatchState:
        """See `MatchingStore`."""
        session, now_s = self._session(secret), self._clock()
        self._match_queue.waive_language(session.handle)
        return self._match_state(session, now_s)

    @step
    async def draw_matches(self) -> None:
        """See `MatchingStore`."""
        now_s = self._clock()
        for number, pairs in enumerate(self._match_queue.draw(now_s)):
            if number:
                # Let other requests run between the slices of a large draw.
                self._publish()
                await asyncio.sleep(0)
            for older, other in pairs:
                self._match(older, other, now_s)
        for handle in self._rematches.waiting():
            if self._is_present(handle, now_s):
                self._meet_again(self._sessions[handle], now_s)

    @step
    async def match_state(self, secret: Secret) -> MatchState:
        """See `MatchingStore`."""
        session, now_s = self._session(secret), self._clock()
        self._meet_again(session, now_s)
        return self._match_state(session, now_s)

    @step
    async def cancel_match(self, secret: Secret) -> None:
        """See `MatchingStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            self._stop_waiting(session)

    @step
    async def block_partner(self, secret: Secret, chat_id: ChatId) -> None:
        """See `MatchingStore`."""
        self._pair_seat(secret, chat_id)
        self._match_queue.block(secret.handle)

    @step
    async def issue_rematch_code(
        self, secret: Secret, chat_id: ChatId, key: CodeKey, code: Code | None = None
    ) -> float:
        """See `MatchingStore`."""
        seat = self._pair_seat(secret, chat_id)
        seat.room.check_open()
        # The code would be forgotten with the restart.
        self._check_may_begin()
        is_first = seat.member.rematch_key is None
        session, now_s = self._sessions[secret.handle], self._clock()
        session.codes = self._rematches.keys_of(session.codes)
        if len(session.codes) >= MAX_REMATCH_CODES and seat.member.rematch_key not in session.codes:
            raise TooManyCodesError
        self._codes.take(session.circuit, now_s)
        self._wake(self._rematches.issue(seat.room, seat.member, key, now_s, session.holder))
        session.codes.add(key)
        seat.member.sealed_code = seal_code(secret, chat_id, code) if code is not None else b""
        if is_first:
            seat.room.announce_rematch(seat.member)
        return self._rematches.until_s(key) - now_s

    @step
    async def shown_rematch_code(
        self, secret: Secret, chat_id: ChatId
    ) -> tuple[Code, float] | None:
        """See `MatchingStore`."""
        member, key = (found := self._pair_seat(secret, chat_id).member), found.rematch_key
        if key is None or not self._rematches.keys_of({key}):
            return None
        left_s = self._rematches.until_s(key) - self._clock()
        code = open_code(secret, chat_id, member.sealed_code)
        return None if code is None or left_s <= 0 else (code, left_s)

    def _stop_waiting(self, session: Session) -> None:
        """Cancel the ticket of a session, or its wait with a rematch code."""
        self._match_queue.cancel(session.handle)
        self._rematches.release(session.handle)
        self._count_places(session)

    def _show_code(self, session: Session, key: CodeKey) -> None:
        """Let a session wait for the holder of the other code, and for nobody else."""
        self._match_queue.cancel(session.handle)
        self._wake(self._rematches.show(session.handle, key))

    def _meet_again(self, session: Session, now_s: float) -> bool:
        """Seat two sessions that have both shown their codes, if both are present."""
        partner = self._rematches.partner(session.handle)
        if partner is None or not self._is_present(partner, now_s):
            return False
        rematch, shown = self._rematches.meet(session.handle)
        room = self._pair(self._sessions[partner], session)
        back = RematchState(rematch, shown)
        self._match_queue.add_match(room, partner, session.handle, back, now_s)
        return True

    def _match(self, older: Ticket, other: Ticket, now_s: float) -> None:
        """Seat the owners of two tickets that were drawn."""
        first, second = (self._sessions[ticket.handle] for ticket in (older, other))
        room = self._pair(first, second)
        self._match_queue.add_match(
            room, first.handle, second.handle, QueuePosition.of(older), now_s
        )
        for session in (first, second):
            session.count_match(now_s)
        self._match_queue.count_match((first.circuit, second.circuit), now_s)

    def _pair(self, first: Session, second: Session) -> Room:
        """Seat two sessions in a new conversation, and signal their open streams."""
        self._leave_pair(first)
        self._leave_pair(second)
        room = Room(outbox=self._signals)
        members = room.join_pair((first.identity, new_chat_id()), (second.identity, new_chat_id()))
        for session, member in zip((first, second), members, strict=True):
            member.preferences = session.preferences
            seat = self._take_seat(session, Seat(room, member))
            self._signal_match(session.handle, seat)
        return room

    def _signal_match(self, handle: Handle, seat: Seat) -> None:
        """A stream of the waiting page asks again and leads on; any other shows a notice."""
        stream = self.streams.get(handle)
        if stream is None or stream.chat_id is None:
            self._signals.append(Wake(handle))
        else:
            notice = OtherChatNotice(OtherChatEvent.FOUND, seat.member.chat_id)
            self._signals.append(Notify(handle, notice))

    def _match_state(self, session: Session, now_s: float) -> MatchState:
        ticket = self._match_queue.ticket(session.handle)
        if ticket is not None:
            return MatchState(
                True,
                None,
                ticket.waited_s(now_s),
                ticket.preferences,
                ticket.waives_language,
                sees_other_language=self._match_queue.sees_other_language(ticket),
            )
        if self._rematches.waits(session.handle):
            return MatchState(is_waiting=True, chat_id=None, is_rematch=True)
        return MatchState(is_waiting=False, chat_id=self._open_pair(session))

    @staticmethod
    def _open_pair(session: Session) -> ChatId | None:
        """The session's pair, if it is open, or was never opened by this member."""
        seat = session.seats[session.pair] if session.pair is not None else None
        if seat is None or (seat.member.has_opened and seat.room.state is not RoomState.OPEN):
            return None
        return seat.member.chat_id

    def _undo(self, match: Match, now_s: float) -> None:
        """End a match that a member did not open; the other one waits again at the old place."""
        room = match.room
        if all(member.has_opened for member in room.members):
            self._drop_pending_match(room)
            return
        self._match_queue.drop_match(room)
        may_wait = not self._closing.is_draining
        for member in room.members:
            if not member.has_opened:
                kind = Kind.ABSENT if may_wait else None
                self._leave(self._sessions[member.handle], member.chat_id, kind)
        if not may_wait:
            return
        # At most one is left: the one who opened it in vain.
        came = next((member.handle for member in room.members), None)
        if isinstance(match.restored, RematchState):
            self._rematches.put_back(match.restored.rematch, match.restored.shown, came)
        elif came is not None:
            session = self._sessions[came]
            until_s = self._present_until_s(session)
            self._displace(self._match_queue.requeue(session, match.restored, until_s))
