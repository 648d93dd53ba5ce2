"""The state of one server in memory, and the steps that all calls share.

Rules of this folder
====================

1. Each call is one turn of the event loop, and therefore atomic. Exceptions: `post` may have to
   wait for keys, and then checks everything again; `sweep` and `draw_matches` let other calls run
   between slices.
2. A call changes the state first. What open streams must do is a list of signals, which is applied
   when the call is complete (`step`). Nothing here calls a stream in the middle of a change, and no
   stream calls back: the store reads from the registry which streams have ended.
3. Only `visit` and the end of a stream count as activity of a session.

The classes build on each other in one line, each on the calls of those before it: `Tables`,
`Matching`, `Conversations`, `Renewal`, `Admitting`, `MemoryStore`.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar

from server.core.admission.closing import OPEN
from server.core.errors import NotAMemberError, NothingBeginsError, SessionUnknownError
from server.core.fair_rate import FairRate
from server.core.ids import ChatId, Handle, Secret
from server.core.limits import (
    CIRCUIT_REMATCH_CODE_BURST,
    CIRCUIT_REMATCH_CODE_EVERY_S,
    CIRCUIT_SESSION_BURST,
    CIRCUIT_SESSION_EVERY_S,
    CIRCUIT_SESSIONS,
    MAX_KEPT,
    REMATCH_CODE_BURST,
    REMATCH_CODE_EVERY_S,
    WAITER_PRESENT_S,
    Capacity,
)
from server.core.matching.chance import Chance, SystemChance
from server.core.matching.matchmaker import FOREVER, Ticket
from server.core.ratelimit import TokenBucket
from server.core.room.lifecycle import RoomState
from server.core.room.log import Kind
from server.core.room.private import PrivateRoom
from server.core.room.public import PublicRoom
from server.core.room.ring_budget import RingBudget
from server.core.room.room import Room
from server.core.room.side_chat import SideChat
from server.core.session.departure import departure_of
from server.core.session.mint import Mint
from server.core.session.parting import Parting
from server.core.session.session import Seat, Session
from server.core.shares import Shares
from server.stream.registry import StreamRegistry
from server.stream.subscription import (
    EndStream,
    Notify,
    RequestNotice,
    Signal,
    StreamEnd,
    Wake,
)

from .former_handles import FormerHandles
from .match_queue import MatchQueue
from .pending_matches import RematchState
from .private_rooms import PrivateRooms
from .public_rooms import PublicRooms
from .rekeying import Rekeying
from .rematches import Rematches
from .session_places import SessionPlaces
from .unread import UnreadNotices

MIB = 2**20

S = TypeVar("S", bound="Tables")
P = ParamSpec("P")
T = TypeVar("T")


def step(
    call: Callable[Concatenate[S, P], Coroutine[Any, Any, T]],
) -> Callable[Concatenate[S, P], Coroutine[Any, Any, T]]:
    """Make a method one step of the store.

    Streams that have ended are accounted for before it. What it decided is signalled to open
    streams after it, also if it raises.
    """

    @wraps(call)
    async def whole(store: S, /, *args: P.args, **kwargs: P.kwargs) -> T:
        store._account_for_streams()
        try:
            return await call(store, *args, **kwargs)
        finally:
            store._publish()

    return whole


class Tables:
    """The tables of one server.

    Args:
        capacity: how much of everything it holds.
        clock: monotonic seconds; tests pass their own.
        rooms: the public ones, in the order in which they are listed.
        chance: decides who is matched with whom; the operating system's if `None`.
    """

    def __init__(
        self,
        capacity: Capacity,
        clock: Callable[[], float],
        rooms: Iterable[PublicRoom],
        chance: Chance | None = None,
    ) -> None:
        self._clock = clock
        self.streams = StreamRegistry(clock=clock)
        """The open streams of this process, which this store signals."""

        self._signals: list[Signal] = []
        """What open streams must do when the present call is complete. Rooms append to it, too."""

        self._closing = OPEN
        """What the operator has ordered about coming in."""

        self.mint = Mint()
        """Draws the secrets of sessions."""

        self._sessions: dict[Handle, Session] = {}
        self._former = FormerHandles()
        self._places = SessionPlaces(capacity)
        self._new_sessions = FairRate(burst=CIRCUIT_SESSION_BURST, every_s=CIRCUIT_SESSION_EVERY_S)
        self._kept_places: Shares[Handle] = Shares(capacity=MAX_KEPT, quota=CIRCUIT_SESSIONS)
        """The sessions for which the words of a refused form are kept."""

        self._unread = UnreadNotices(self.streams, self._signals.append)
        self._rooms: set[Room] = set()
        self._ring_budget = RingBudget(capacity.ring_mib * MIB)
        self._rekeying = Rekeying(clock)
        self._match_queue = MatchQueue(
            max_tickets=capacity.tickets, chance=chance or SystemChance()
        )
        self._rematches = Rematches(max_codes=2 * capacity.sessions)
        self._codes = FairRate(
            burst=CIRCUIT_REMATCH_CODE_BURST,
            every_s=CIRCUIT_REMATCH_CODE_EVERY_S,
            common=TokenBucket(
                burst=REMATCH_CODE_BURST, every_s=REMATCH_CODE_EVERY_S, now_s=clock()
            ),
        )
        self._public = PublicRooms(rooms, self._signals)
        self._private = PrivateRooms(max_rooms=capacity.rooms, outbox=self._signals, now_s=clock())

    def _account_for_streams(self) -> None:
        """Record when and where each stream has ended, and what it cost."""
        for ended in self.streams.take_ended():
            session = self._sessions.get(ended.handle)
            if session is None:
                continue
            session.lifetime.traffic_bytes += ended.traffic_bytes
            session.seen_s = max(session.seen_s, ended.ended_s)
            self._refresh_presence(session)
            self._use_places(session)
            seat = None if ended.chat_id is None else session.seats.get(ended.chat_id)
            if seat is not None:
                seat.member.seen_seq = max(seat.member.seen_seq, ended.seen_seq)

    def _publish(self) -> None:
        """Apply the signals of a complete call."""
        if self._signals:
            signals = list(self._signals)
            # The same list: rooms append to it.
            self._signals.clear()
            self.streams.apply(signals)

    def _session(self, secret: Secret) -> Session:
        """The session of a secret.

        Raises:
            SessionUnknownError: if there is none.
        """
        session = self._sessions.get(secret.handle)
        if session is None:
            raise SessionUnknownError
        return session

    def _check_may_begin(self) -> None:
        """Check that conversations may begin and grow.

        Raises:
            NothingBeginsError: while the server drains.
        """
        if self._closing.is_draining:
            raise NothingBeginsError

    def _count_places(self, session: Session) -> None:
        """Record for whom the places of a session count now, and what they are used for."""
        handle = session.handle
        waits = self._match_queue.ticket(handle) is not None or self._rematches.waits(handle)
        needs_stream = bool(session.seats or session.knocks) or waits or handle in self.streams
        self._places.update(session, needs_stream=needs_stream)
        for room in _rooms_held_by(session):
            self._private.count_place(room, session)

    def _use_places(self, session: Session) -> None:
        """Count the places of a session anew, and record that they are used now."""
        self._count_places(session)
        self._places.use(session.handle)
        for room in _rooms_held_by(session):
            self._private.use_place(room)

    def _reserve_stream(self, session: Session) -> None:
        """Reserve a place for the stream of a session that is to sit, wait or read.

        Another session may have to give way to it.

        Raises:
            ServerFullError: if none does.
        """
        crowded_out = self._places.stream_to_give_way(session)
        if crowded_out is not None:
            self._forget(self._sessions[crowded_out])
        self._places.reserve_stream(session)

    def _refresh_presence(self, session: Session) -> None:
        """Update until when a session counts as present in the queue."""
        self._displace(self._match_queue.refresh(session, self._present_until_s(session)))

    def _displace(self, ticket: Ticket | None) -> None:
        """Let the waiting page of a session ask again, because its ticket was displaced."""
        if ticket is not None:
            self._sessions[ticket.handle].parting = Parting.DISPLACED
            self._wake([ticket.handle])

    def _present_until_s(self, session: Session) -> float:
        is_streaming = session.handle in self.streams
        return FOREVER if is_streaming else session.seen_s + WAITER_PRESENT_S

    def _is_present(self, handle: Handle, now_s: float) -> bool:
        return now_s <= self._present_until_s(self._sessions[handle])

    def _seat(self, secret: Secret, chat_id: ChatId) -> Seat:
        """The seat of a session in a conversation, for a request about it: it is opened by that.

        Raises:
            NotAMemberError: if there is none.
        """
        session = self._sessions.get(secret.handle)
        seat = None if session is None else session.seats.get(chat_id)
        if session is None or seat is None:
            raise NotAMemberError
        secret.recognise(session.identity)
        self._private.opened(chat_id)
        return seat

    def _pair_seat(self, secret: Secret, chat_id: ChatId) -> Seat:
        """The seat of a session in a pair.

        Raises:
            NotAMemberError: if there is none, or it is no pair.
        """
        seat = self._seat(secret, chat_id)
        if not seat.room.is_pair:
            raise NotAMemberError
        return seat

    def _take_seat(self, session: Session, seat: Seat) -> Seat:
        """Seat a session in a conversation."""
        session.seats[seat.member.chat_id] = seat
        session.parting = None
        if seat.member.joined_s is None:
            seat.member.joined_s = self._clock()
        self._rooms.add(seat.room)
        self._ring_budget.update(seat.room)
        self._unread.seats_changed(session)
        self._count_places(session)
        if seat.room.head_count == 2:
            self._count_members(seat.room)
        return seat

    def _count_members(self, room: Room) -> None:
        """Count the places of the members of a room anew; called only while they are few."""
        for member in room.members:
            self._count_places(self._sessions[member.handle])

    def _leave(self, session: Session, chat_id: ChatId, kind: Kind | None = None) -> None:
        """Take a session's seat away, and its side chats; the last member drops everything."""
        seat = session.seats.pop(chat_id)
        self._private.gone(chat_id)
        session.note_left(chat_id, departure_of(kind), self._clock())
        # Also a stream whose reader takes nothing: what it holds of this is dropped now.
        self._signals.append(EndStream(session.handle, StreamEnd.FORGOTTEN, chat_id))
        self._unread.drop(session.handle, seat.room)
        for side_chat in [i for i, s in session.side_chats.items() if _is_beside(s, seat)]:
            self._leave(session, side_chat)
        session.is_secret_stale |= not session.seats
        if seat.room.is_pair:
            self._rematches.close(seat.room)
            self._drop_pending_match(seat.room)
        opener = seat.room.opener if isinstance(seat.room, PrivateRoom) else 0
        seat.room.leave(seat.member, kind)
        if seat.room.state is not RoomState.SHREDDED:
            self._ring_budget.update(seat.room)
            self._announce_knocks(seat.room, opener)
            if seat.room.head_count == 1:
                self._count_members(seat.room)
            elif isinstance(seat.room, PrivateRoom):
                self._count_places(self._sessions[seat.room.longest_member.handle])
        else:
            self._rooms.discard(seat.room)
            self._ring_budget.discard(seat.room)
            self._public.drop(seat.room)
            if isinstance(seat.room, PrivateRoom):
                self._private.drop(seat.room)
                self._dismiss_all(seat.room)
        self._count_places(session)

    def _forget(self, session: Session, end: StreamEnd = StreamEnd.FORGOTTEN) -> None:
        """Delete a session and everything that belongs to it, and end its stream."""
        # First, because a stream shows the first reason to end that it receives.
        self._signals.append(EndStream(session.handle, end))
        try:
            self._former.forget(session)
            self._match_queue.forget(session.handle)
            self._rematches.release(session.handle)
            self._rematches.disown(session.codes)
            for chat_id in list(session.seats):
                # Leaving a room leaves its side chats, too.
                if chat_id in session.seats:
                    self._leave(session, chat_id)
            for chat_id in list(session.knocks):
                self._dismiss(session, chat_id)
        finally:
            # Whatever bug there is elsewhere: Panic forgets the session.
            del self._sessions[session.handle]
            self._places.forget(session.handle)
            self._kept_places.release(session.handle)

    def _drop_kept(self, session: Session) -> None:
        """Drop the words of a form that was refused."""
        session.kept = None
        self._kept_places.release(session.handle)

    def _drop_pending_match(self, room: Room) -> None:
        """A pair has ended, or both have opened it: its match is no longer pending."""
        match = self._match_queue.drop_match(room)
        if match is not None and isinstance(match.restored, RematchState):
            self._rematches.end(match.restored.rematch)

    def _leave_pair(self, session: Session) -> None:
        if session.pair is not None:
            self._leave(session, session.pair)

    def _dismiss(self, session: Session, chat_id: ChatId) -> None:
        """Remove a session that knocks at a private room."""
        knock = session.knocks.pop(chat_id)
        self._private.gone(chat_id)
        knock.room.reject(knock.number)
        self._count_places(session)

    def _dismiss_all(self, room: PrivateRoom) -> None:
        for knocker in room.knockers:
            self._dismiss(self._sessions[knocker.handle], knocker.chat_id)

    def _announce_request(self, room: Room, asked: int, asker: int) -> None:
        """Notify the open stream of a member that another one, or a visitor, asks them something.

        Args:
            room: where both are, or the visitor wants to be.
            asked: the number of the member who is asked.
            asker: the number of the other one. If the member has muted them, nothing is sent.
        """
        member = next(m for m in room.members if m.number == asked)
        if asker not in member.shown_requests():
            return
        if self.streams.is_showing(member.handle, member.chat_id):
            self._signals.append(Notify(member.handle, RequestNotice(asker)))
        else:
            self._unread.requested(member.handle, room)

    def _announce_knocks(self, room: Room, opener: int) -> None:
        """Notify a new opener of those who knock already; `opener` was the one before."""
        if isinstance(room, PrivateRoom) and room.opener != opener:
            for knocker in room.knockers:
                self._announce_request(room, room.opener, knocker.number)

    def _wake(self, handles: Iterable[Handle]) -> None:
        """Let the streams of these sessions ask for their match state again."""
        self._signals.extend(Wake(handle) for handle in handles)


def _is_beside(side_chat: Seat, seat: Seat) -> bool:
    return isinstance(side_chat.room, SideChat) and side_chat.room.room is seat.room


def _rooms_held_by(session: Session) -> list[PrivateRoom]:
    """The private rooms whose place counts for a session."""
    return [
        seat.room
        for seat in session.seats.values()
        if isinstance(seat.room, PrivateRoom) and seat.room.longest_member is seat.member
    ]
