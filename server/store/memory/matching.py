"""How somebody is matched, and how two who met meet again."""

from __future__ import annotations

from server.core.errors import CooldownError, TooManyCodesError
from server.core.ids import ChatId, Handle, Secret, new_chat_id
from server.core.invite_code import CodeKey
from server.core.limits import MAX_CODES
from server.core.matching.preferences import Preferences
from server.core.matching.ticket import Ticket
from server.core.room.lifecycle import RoomState
from server.core.room.log import Kind
from server.core.room.room import Room
from server.core.session.session import Seat, Session
from server.store.contract.matching import MatchState
from server.stream.subscription import OtherChatEvent, OtherChatNotice

from .pending_matches import Match, QueuePosition, RematchState
from .tables import State


class Pairing(State):
    """These calls of `base_pairing.MatchingStore`."""

    async def request_match(self, secret: Secret, preferences: Preferences | None) -> MatchState:
        """See `base_pairing.MatchingStore`."""
        session, now_s = self._visit(secret), self._clock()
        self._match_queue.set_preferences(session, preferences)
        self._rematches.release(session.handle)
        self._count_skip(session, session.pair, now_s)
        try:
            session.check_cooldown(now_s)
        except CooldownError:
            self._leave_pair(session)
            raise
        found = self._match_queue.request(
            session, now_s, self._present_until_s(session.handle, now_s)
        )
        self._leave_pair(session)
        if found is not None:
            self._match(found, session, now_s)
        return self._stands(session, now_s)

    @staticmethod
    def _count_skip(session: Session, chat_id: ChatId | None, now_s: float) -> None:
        """Count a conversation that this session leaves, and not one that the other has left."""
        seat = None if chat_id is None else session.seats.get(chat_id)
        if seat is not None and seat.room.is_pair and seat.room.state is RoomState.OPEN:
            session.count_skip(now_s)

    async def waive_language(self, secret: Secret) -> MatchState:
        """See `base_pairing.MatchingStore`."""
        session, now_s = self._visit(secret), self._clock()
        found = self._match_queue.waive_language(session, now_s)
        if found is not None:
            self._match(found[0], self._sessions[found[1].handle], now_s)
        return self._stands(session, now_s)

    async def match_due(self) -> None:
        """See `base_pairing.MatchingStore`."""
        now_s = self._clock()
        for older, other in self._match_queue.retry(now_s):
            self._match(older, self._sessions[other.handle], now_s)
        for handle in self._rematches.waiting():
            if self._is_present(handle, now_s):
                self._meet_again(self._sessions[handle], now_s)

    async def match_state(self, secret: Secret) -> MatchState:
        """See `base_pairing.MatchingStore`."""
        session, now_s = self._visit(secret), self._clock()
        self._meet_again(session, now_s)
        return self._stands(session, now_s)

    async def cancel(self, secret: Secret) -> None:
        """See `base_pairing.MatchingStore`."""
        if secret.handle in self._sessions:
            self._visit(secret)
            self._match_queue.cancel(secret.handle)
            self._rematches.release(secret.handle)

    async def block_partner(self, secret: Secret, chat_id: ChatId) -> None:
        """See `base_pairing.MatchingStore`."""
        self._pair_seat(secret, chat_id)
        self._match_queue.block(secret.handle)

    async def issue_rematch_code(self, secret: Secret, chat_id: ChatId, key: CodeKey) -> float:
        """See `base_pairing.MatchingStore`."""
        seat = self._pair_seat(secret, chat_id)
        seat.room.check_open()
        is_first = seat.member.rematch_key is None
        session, now_s = self._sessions[secret.handle], self._clock()
        session.codes = self._rematches.keys_of(session.codes)
        if len(session.codes) >= MAX_CODES and seat.member.rematch_key not in session.codes:
            raise TooManyCodesError
        self._codes.take(now_s)
        self._send_on(self._rematches.issue(seat.room, seat.member, key, now_s))
        session.codes.add(key)
        if is_first:
            seat.room.announce_rematch(seat.member)
        return self._rematches.until_s(key) - now_s

    def _show(self, session: Session, key: CodeKey) -> None:
        """Let a session wait for whoever has the other code; it looks for nobody else then."""
        self._match_queue.cancel(session.handle)
        self._send_on(self._rematches.show(session.handle, key))

    def _meet_again(self, session: Session, now_s: float) -> bool:
        """Seat two who have both shown their codes, if both are here."""
        partner = self._rematches.partner(session.handle)
        if partner is None or not self._is_present(partner, now_s):
            return False
        rematch, shown = self._rematches.meet(session.handle)
        room = self._pair(self._sessions[partner], session)
        back = RematchState(rematch, shown)
        self._match_queue.add_match(room, partner, session.handle, back, now_s)
        return True

    def _match(self, ticket: Ticket, second: Session, now_s: float) -> None:
        """Seat the one who waited and the one who came."""
        room = self._pair(self._sessions[ticket.handle], second)
        self._match_queue.add_match(
            room, ticket.handle, second.handle, QueuePosition.of(ticket), now_s
        )

    def _pair(self, first: Session, second: Session) -> Room:
        """Seat two in a new conversation, and tell the streams that they have open."""
        self._leave_pair(first)
        self._leave_pair(second)
        room = Room()
        members = room.join_pair((first.identity, new_chat_id()), (second.identity, new_chat_id()))
        for session, member in zip((first, second), members, strict=True):
            member.preferences = session.preferences
            seat = self._take_seat(session, Seat(room, member))
            self._tell_found(session.handle, seat)
        return room

    def _tell_found(self, handle: Handle, seat: Seat) -> None:
        """Who waits on the waiting page is sent on from there; who looks at a room is told."""
        stream = self._streams.get(handle)
        if stream is not None and stream.chat_id is not None:
            stream.tell(OtherChatNotice(OtherChatEvent.FOUND, seat.member.chat_id))
        elif stream is not None:
            stream.ear.wake()

    def _send_on(self, waited: list[Handle]) -> None:
        """Let those look again who waited with a code that opens nothing any more."""
        for handle in waited:
            stream = self._streams.get(handle)
            if stream is not None:
                stream.ear.wake()

    def _stands(self, session: Session, now_s: float) -> MatchState:
        ticket = self._match_queue.ticket(session.handle)
        if ticket is not None:
            return MatchState(
                True, None, ticket.waited_s(now_s), ticket.preferences, ticket.waives_language
            )
        if self._rematches.waits(session.handle):
            return MatchState(waits=True, chat_id=None, is_rematch=True)
        return MatchState(waits=False, chat_id=self._open_pair(session))

    @staticmethod
    def _open_pair(session: Session) -> ChatId | None:
        """Where a session's pair is, if it is open, or was never looked at."""
        seat = session.seats[session.pair] if session.pair is not None else None
        if seat is None or (seat.member.has_opened and seat.room.state is not RoomState.OPEN):
            return None
        return seat.member.chat_id

    def _undo(self, match: Match, now_s: float) -> None:
        """End a match that somebody did not open; who did is back where they waited."""
        room = match.room
        if all(member.has_opened for member in room.members):
            self._settle_match(room)
            return
        self._match_queue.settle(room)
        for member in room.members:
            if not member.has_opened:
                self._leave(self._sessions[member.handle], member.chat_id, Kind.ABSENT)
        # Whoever is left came in vain: at most one.
        came = next((member.handle for member in room.members), None)
        if isinstance(match.back, RematchState):
            self._rematches.put_back(match.back.rematch, match.back.shown, came)
        elif came is not None:
            until_s = self._present_until_s(came, now_s)
            self._match_queue.requeue(self._sessions[came], match.back, until_s)
