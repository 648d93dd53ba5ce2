"""What all parts of the store in memory stand on: the tables, and the few steps that they share."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from server.core.errors import NotAMemberError, SessionUnknownError
from server.core.ids import ChatId, Handle, Secret
from server.core.limits import CODE_BURST, CODE_EVERY_S, WAITER_PRESENT_S, Capacity
from server.core.matching.matchmaker import FOREVER
from server.core.ratelimit import TokenBucket
from server.core.room.lifecycle import RoomState
from server.core.room.log import Kind
from server.core.room.private import PrivateRoom
from server.core.room.public import PublicRoom
from server.core.room.room import Room
from server.core.room.side_chat import SideChat
from server.core.session.session import Seat, Session
from server.stream.fanout import Fanout
from server.stream.registry import Streams
from server.stream.subscription import StreamEnd
from server.stream.unread import UnreadNotices

from .match_queue import MatchQueue
from .pending_matches import RematchState
from .private_rooms import PrivateRooms
from .public_rooms import PublicRooms
from .rekeying import Rekeying
from .rematches import Rematches


class State:
    """The tables of one house.

    Args:
        capacity: how much of everything it holds.
        clock: monotonic seconds; tests pass their own.
        rooms: the public ones, in the order in which they are listed.
    """

    def __init__(
        self, capacity: Capacity, clock: Callable[[], float], rooms: Iterable[PublicRoom]
    ) -> None:
        self._capacity = capacity
        self._clock = clock
        self._sessions: dict[Handle, Session] = {}
        self._streams = Streams(max_streams=capacity.streams)
        self._away = UnreadNotices(self._streams)
        self._audiences = Fanout()
        self._rooms: set[Room] = set()
        self._rekeying = Rekeying(clock)
        self._match_queue = MatchQueue(max_tickets=capacity.tickets)
        self._rematches = Rematches(max_codes=2 * capacity.sessions)
        self._codes = TokenBucket(burst=CODE_BURST, every_s=CODE_EVERY_S, now_s=clock())
        self._public = PublicRooms(rooms)
        self._private = PrivateRooms(max_rooms=capacity.rooms, now_s=clock())

    def _visit(self, secret: Secret) -> Session:
        """The session of a secret; the visit is a sign of life.

        Raises:
            SessionUnknownError: if there is none.
        """
        session = self._sessions.get(secret.handle)
        if session is None:
            raise SessionUnknownError
        session.seen_s = now_s = self._clock()
        self._match_queue.refresh(session.handle, self._present_until_s(session.handle, now_s))
        return session

    def _present_until_s(self, handle: Handle, now_s: float) -> float:
        return FOREVER if handle in self._streams else now_s + WAITER_PRESENT_S

    def _is_present(self, handle: Handle, now_s: float) -> bool:
        seen_s = self._sessions[handle].seen_s
        return handle in self._streams or now_s - seen_s <= WAITER_PRESENT_S

    def _seat(self, secret: Secret, chat_id: ChatId) -> Seat:
        """The seat of a session in a conversation; the visit is a sign of life.

        Raises:
            NotAMemberError: if there is none.
        """
        try:
            return self._visit(secret).seats[chat_id]
        except (SessionUnknownError, KeyError):
            raise NotAMemberError from None

    def _pair_seat(self, secret: Secret, chat_id: ChatId) -> Seat:
        """The same, of a pair.

        Raises:
            NotAMemberError: if there is none, or it is no pair.
        """
        seat = self._seat(secret, chat_id)
        if not seat.room.is_pair:
            raise NotAMemberError
        return seat

    def _take_seat(self, session: Session, seat: Seat) -> Seat:
        """Let a session sit there from now on."""
        session.seats[seat.member.chat_id] = seat
        self._rooms.add(seat.room)
        self._away.settle(session)
        return seat

    def _leave(self, session: Session, chat_id: ChatId, kind: Kind | None = None) -> None:
        """Take a session's seat away, and those beside it; whoever is the last drops it all."""
        seat = session.seats.pop(chat_id)
        stream = self._streams.get(session.handle)
        if stream is not None and stream.chat_id == chat_id:
            # Also one whose reader takes nothing: what it holds of this is dropped now.
            stream.finish(StreamEnd.FORGOTTEN)
        self._away.drop(session.handle, seat.room)
        for side_chat in [i for i, s in session.side_chats.items() if _is_beside(s, seat)]:
            self._leave(session, side_chat)
        if seat.room.is_pair:
            self._rematches.close(seat.room)
            self._settle_match(seat.room)
        seat.room.leave(seat.member, kind)
        if seat.room.state is RoomState.SHREDDED:
            self._rooms.discard(seat.room)
            self._public.drop(seat.room)
            if isinstance(seat.room, PrivateRoom):
                self._private.drop(seat.room)
                self._dismiss_all(seat.room)

    def _settle_match(self, room: Room) -> None:
        """A pair ends, or was opened by both: it is a match to be looked at no more."""
        match = self._match_queue.settle(room)
        if match is not None and isinstance(match.back, RematchState):
            self._rematches.end(match.back.rematch)

    def _leave_pair(self, session: Session) -> None:
        if session.pair is not None:
            self._leave(session, session.pair)

    def _dismiss(self, session: Session, chat_id: ChatId) -> None:
        """Let somebody knock no longer."""
        knock = session.knocks.pop(chat_id)
        knock.room.send_away(knock.number)

    def _dismiss_all(self, room: PrivateRoom) -> None:
        for knocker in room.knockers:
            self._dismiss(self._sessions[knocker.handle], knocker.chat_id)


def _is_beside(side_chat: Seat, seat: Seat) -> bool:
    return isinstance(side_chat.room, SideChat) and side_chat.room.room is seat.room
