"""The state of the house in the memory of one process.

Nothing here ever waits: each method is one step of the event loop, and therefore atomic.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

from server.core.errors import HouseFullError, NotAMemberError, SessionUnknownError
from server.core.ids import ChatId, Handle, Secret, new_chat_id
from server.core.life import RoomState
from server.core.limits import (
    SPEAK_BURST,
    SPEAK_EVERY_S,
    WAITER_PRESENT_S,
    Capacity,
)
from server.core.matchmaker import FOREVER
from server.core.privateroom import PrivateRoom
from server.core.publicroom import PublicRoom
from server.core.ratelimit import TokenBucket
from server.core.room import Room
from server.core.roomlog import Kind, Wake
from server.core.session import Seat, Session
from server.core.ticket import Ticket
from server.core.wish import Wish

from .base import Counts, Stream, StreamEnd, Waiting
from .hosting import Hosting
from .meetings import Meetings
from .privaterooms import PrivateRooms
from .publicrooms import PublicRooms
from .streams import Streams


class MemoryStore(Hosting):
    """Fulfils `base.Store` with plain dictionaries.

    Args:
        capacity: how much of everything it holds.
        clock: monotonic seconds; tests pass their own.
        rooms: the public ones, in the order in which they are listed.
    """

    def __init__(
        self,
        capacity: Capacity | None = None,
        clock: Callable[[], float] = time.monotonic,
        rooms: Iterable[PublicRoom] = (),
    ) -> None:
        self._capacity = capacity or Capacity()
        self._clock = clock
        self._sessions: dict[Handle, Session] = {}
        self._streams = Streams(max_streams=self._capacity.streams)
        self._rooms: set[Room] = set()
        self._meetings = Meetings(max_tickets=self._capacity.tickets)
        self._public = PublicRooms(rooms)
        self._private = PrivateRooms(max_rooms=self._capacity.rooms, now_s=clock())

    async def open_session(self) -> Secret:
        """See `base.Store`."""
        if len(self._sessions) >= self._capacity.sessions:
            raise HouseFullError
        secret, now_s = Secret.new(), self._clock()
        bucket = TokenBucket(burst=SPEAK_BURST, every_s=SPEAK_EVERY_S, now_s=now_s)
        self._sessions[secret.handle] = Session(secret.handle, now_s, now_s, bucket)
        return secret

    async def knows(self, secret: Secret | None) -> bool:
        """See `base.Store`."""
        if secret is None or secret.handle not in self._sessions:
            return False
        self._visit(secret)
        return True

    async def language(self, secret: Secret) -> str | None:
        """See `base.Store`."""
        session = self._sessions.get(secret.handle)
        return None if session is None else session.language

    async def speak(self, secret: Secret, language: str) -> None:
        """See `base.Store`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.language = language

    async def forget(self, secret: Secret) -> None:
        """See `base.Store`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            self._forget(session)

    async def panic(self, secret: Secret) -> None:
        """See `base.Store`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            self._forget(session, StreamEnd.PANIC)

    async def ask(self, secret: Secret, wish: Wish | None) -> Waiting:
        """See `base.Store`."""
        session, now_s = self._visit(secret), self._clock()
        until_s = self._present_until_s(session.handle, now_s)
        found = self._meetings.ask(session, wish, now_s, until_s)
        self._leave_pair(session)
        if found is not None:
            self._pair(found, session, now_s)
        return self._stands(session, now_s)

    async def look_further(self, secret: Secret) -> Waiting:
        """See `base.Store`."""
        session, now_s = self._visit(secret), self._clock()
        found = self._meetings.look_further(session, now_s)
        if found is not None:
            self._pair(found[0], self._sessions[found[1].handle], now_s)
        return self._stands(session, now_s)

    async def match_due(self) -> None:
        """See `base.Store`."""
        now_s = self._clock()
        for older, other in self._meetings.retry(now_s):
            self._pair(older, self._sessions[other.handle], now_s)

    async def waiting(self, secret: Secret) -> Waiting:
        """See `base.Store`."""
        return self._stands(self._visit(secret), self._clock())

    def _stands(self, session: Session, now_s: float) -> Waiting:
        ticket = self._meetings.ticket(session.handle)
        if ticket is not None:
            return Waiting(True, None, ticket.waited_s(now_s), ticket.wish, ticket.further)
        pair = session.pair
        if pair is not None and session.seats[pair].room.state is not RoomState.OPEN:
            pair = None
        return Waiting(waits=False, chat_id=pair)

    async def cancel(self, secret: Secret) -> None:
        """See `base.Store`."""
        if await self.knows(secret):
            self._meetings.cancel(secret.handle)

    async def never(self, secret: Secret, chat_id: ChatId) -> None:
        """See `base.Store`."""
        self._seat(secret, chat_id)
        self._meetings.part(secret.handle)

    async def leave(self, secret: Secret, chat_id: ChatId) -> None:
        """See `base.Store`."""
        self._seat(secret, chat_id)
        self._leave(self._sessions[secret.handle], chat_id)

    async def check_stream(self, secret: Secret, chat_id: ChatId | None) -> None:
        """See `base.Store`."""
        if chat_id is None:
            self._visit(secret)
        else:
            self._seat(secret, chat_id)
        self._streams.check_place(secret.handle)

    @asynccontextmanager
    async def stream(
        self, secret: Secret, chat_id: ChatId | None, wake: Wake
    ) -> AsyncIterator[Stream]:
        """See `base.Store`."""
        session = self._visit(secret)
        news: AbstractContextManager[None] = nullcontext()
        if chat_id is not None:
            news = self._seat(secret, chat_id).room.log.waking(wake)
        stream = self._streams.take(session.handle, wake)
        self._meetings.refresh(session.handle, FOREVER)
        try:
            with news:
                yield stream
        finally:
            self._streams.give_back(session.handle, stream)
            session.seen_s = now_s = self._clock()
            until_s = self._present_until_s(session.handle, now_s)
            self._meetings.refresh(session.handle, until_s)

    async def counts(self) -> Counts:
        """See `base.Store`."""
        return Counts(
            sessions=len(self._sessions),
            waiting=len(self._meetings),
            conversations=len(self._rooms),
            streams=len(self._streams),
        )

    async def forget_due(self) -> None:
        """See `base.Store`."""
        now_s = self._clock()
        self._private.burn_due(now_s)
        for match in self._meetings.pop_due(now_s):
            self._undo(match.room, match.ticket, now_s)
        for session in list(self._sessions.values()):
            if session.is_due(now_s, streaming=session.handle in self._streams):
                self._forget(session)

    async def close(self) -> None:
        """See `base.Store`."""
        self._streams.close()

    # Everything below works on sessions that are known to live.

    def _visit(self, secret: Secret) -> Session:
        """The session of a secret; the visit is a sign of life."""
        session = self._sessions.get(secret.handle)
        if session is None:
            raise SessionUnknownError
        session.seen_s = now_s = self._clock()
        until_s = self._present_until_s(session.handle, now_s)
        self._meetings.refresh(session.handle, until_s)
        return session

    def _present_until_s(self, handle: Handle, now_s: float) -> float:
        return FOREVER if handle in self._streams else now_s + WAITER_PRESENT_S

    def _seat(self, secret: Secret, chat_id: ChatId) -> Seat:
        try:
            return self._visit(secret).seats[chat_id]
        except (SessionUnknownError, KeyError):
            raise NotAMemberError from None

    def _pair(self, ticket: Ticket, second: Session, now_s: float) -> None:
        """Seat the one who waited and the one who came."""
        first = self._sessions[ticket.handle]
        self._leave_pair(first)
        self._leave_pair(second)
        room = Room()
        self._rooms.add(room)
        members = room.join_pair((first.handle, new_chat_id()), (second.handle, new_chat_id()))
        for session, member in zip((first, second), members, strict=True):
            session.seats[member.chat_id] = Seat(room, member)
            member.wish = session.wish
            self._streams.wake(session.handle)
        self._meetings.met(room, ticket, second.handle, now_s)

    def _undo(self, room: Room, ticket: Ticket, now_s: float) -> None:
        """End a match that somebody did not open; who did is back at the head of the queue."""
        members = room.members
        if all(member.opened for member in members) or room.state is not RoomState.OPEN:
            return
        for member in members:
            session = self._sessions[member.handle]
            if member.opened:
                until_s = self._present_until_s(session.handle, now_s)
                self._meetings.put_back(session, ticket, until_s)
            else:
                self._leave(session, member.chat_id, Kind.ABSENT)

    def _leave(self, session: Session, chat_id: ChatId, kind: Kind | None = None) -> None:
        seat = session.seats.pop(chat_id)
        seat.room.leave(seat.member, kind)
        if seat.room.state is RoomState.SHREDDED:
            self._rooms.discard(seat.room)
            self._public.drop(seat.room)
            if isinstance(seat.room, PrivateRoom):
                self._private.drop(seat.room)
                self._dismiss_all(seat.room)

    def _leave_pair(self, session: Session) -> None:
        if session.pair is not None:
            self._leave(session, session.pair)

    def _leave_all(self, session: Session) -> None:
        for chat_id in list(session.seats):
            self._leave(session, chat_id)
        for chat_id in list(session.knocks):
            self._dismiss(session, chat_id)

    def _forget(self, session: Session, end: StreamEnd = StreamEnd.FORGOTTEN) -> None:
        # The stream first: what it is told first is what it says at its end.
        self._streams.finish(session.handle, end)
        self._meetings.forget(session.handle)
        self._leave_all(session)
        del self._sessions[session.handle]
