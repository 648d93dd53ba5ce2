"""The state of the house in the memory of one process.

Nothing here ever waits: each method is one step of the event loop, and therefore atomic.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractContextManager, asynccontextmanager, nullcontext

from server.core.errors import HouseFullError, NotAMemberError, SessionUnknownError
from server.core.ids import ChatId, Handle, Secret, new_chat_id
from server.core.limits import (
    MATCH_OPEN_S,
    SPEAK_BURST,
    SPEAK_EVERY_S,
    TICKET_KEPT_S,
    WAITER_PRESENT_S,
    Capacity,
)
from server.core.matchmaker import FOREVER, Matchmaker, Ticket
from server.core.ratelimit import TokenBucket
from server.core.receipts import ComposerToken
from server.core.room import Room, RoomState
from server.core.roomlog import Kind, Page, Wake
from server.core.session import Seat, Session
from server.core.text import clean_message
from server.core.wish import Intent, Wish

from .base import ChatView, Counts, Stream, StreamEnd, Waiting
from .matches import Matches


class MemoryStore:
    """Fulfils `base.Store` with plain dictionaries.

    Args:
        capacity: how much of everything it holds.
        clock: monotonic seconds; tests pass their own.
    """

    def __init__(
        self, capacity: Capacity | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._capacity = capacity or Capacity()
        self._clock = clock
        self._sessions: dict[Handle, Session] = {}
        self._streams: dict[Handle, Stream] = {}
        self._rooms: set[Room] = set()
        self._matchmaker = Matchmaker(max_tickets=self._capacity.tickets)
        self._matches = Matches()
        self._closing = False

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
        session.wish = wish or session.wish or Wish(Intent.ANY)
        found = self._matchmaker.arrive(
            session.handle, session.wish, now_s, self._present_until_s(session.handle, now_s)
        )
        self._leave_all(session)
        if found is None:
            return Waiting(waits=True, chat_id=None)
        return Waiting(waits=False, chat_id=self._pair(found, session, now_s))

    async def waiting(self, secret: Secret) -> Waiting:
        """See `base.Store`."""
        session = self._visit(secret)
        if self._matchmaker.ticket(session.handle) is not None:
            return Waiting(waits=True, chat_id=None)
        for chat_id, seat in session.seats.items():
            if seat.room.state is RoomState.OPEN:
                return Waiting(waits=False, chat_id=chat_id)
        return Waiting(waits=False, chat_id=None)

    async def cancel(self, secret: Secret) -> None:
        """See `base.Store`."""
        if await self.knows(secret):
            self._matchmaker.withdraw(secret.handle)

    async def chat(self, secret: Secret, chat_id: ChatId) -> ChatView:
        """See `base.Store`."""
        seat = self._seat(secret, chat_id)
        room, member = seat.room, seat.member
        member.opened = True
        return ChatView(
            me=member.number,
            names=room.names,
            is_open=room.state is RoomState.OPEN,
            joined_seq=member.joined_seq,
            oldest_seq=max(room.log.oldest_seq, member.joined_seq + 1),
            last_seq=room.log.last_seq,
            posts=member.receipts.posts,
        )

    async def read(self, secret: Secret, chat_id: ChatId, after: int, limit: int) -> Page:
        """See `base.Store`."""
        seat = self._seat(secret, chat_id)
        return seat.room.log.read(max(after, seat.member.joined_seq), limit=limit)

    async def post(self, secret: Secret, chat_id: ChatId, text: str, token: ComposerToken) -> None:
        """See `base.Store`."""
        seat = self._seat(secret, chat_id)
        text_tag = secret.text_tag(text)
        if seat.member.receipts.is_repeat(token, text_tag):
            return
        cleaned = clean_message(text)
        seat.room.check_open()
        self._sessions[secret.handle].speak.take(self._clock())
        seat.member.receipts.spend(token, text_tag)
        seat.room.log.append(Kind.MESSAGE, seat.member.number, cleaned.encode())

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
        self._check_place(secret.handle)

    @asynccontextmanager
    async def stream(
        self, secret: Secret, chat_id: ChatId | None, wake: Wake
    ) -> AsyncIterator[Stream]:
        """See `base.Store`."""
        session = self._visit(secret)
        news: AbstractContextManager[None] = nullcontext()
        if chat_id is not None:
            news = self._seat(secret, chat_id).room.log.waking(wake)
        stream = self._take_stream(session, wake)
        try:
            with news:
                yield stream
        finally:
            if self._streams.get(session.handle) is stream:
                del self._streams[session.handle]
            session.seen_s = now_s = self._clock()
            until_s = self._present_until_s(session.handle, now_s)
            self._matchmaker.refresh(session.handle, until_s)

    async def counts(self) -> Counts:
        """See `base.Store`."""
        return Counts(
            sessions=len(self._sessions),
            waiting=len(self._matchmaker),
            conversations=len(self._rooms),
            streams=len(self._streams),
        )

    async def forget_due(self) -> None:
        """See `base.Store`."""
        now_s = self._clock()
        for match in self._matches.pop_due(now_s):
            self._undo(match.room, match.ticket, now_s)
        self._matchmaker.drop_absent(now_s - TICKET_KEPT_S)
        for session in list(self._sessions.values()):
            if session.is_due(now_s, streaming=session.handle in self._streams):
                self._forget(session)

    async def close(self) -> None:
        """See `base.Store`."""
        self._closing = True
        for stream in list(self._streams.values()):
            stream.finish(StreamEnd.STOPPED)

    # Everything below works on sessions that are known to live.

    def _visit(self, secret: Secret) -> Session:
        """The session of a secret; the visit is a sign of life."""
        session = self._sessions.get(secret.handle)
        if session is None:
            raise SessionUnknownError
        session.seen_s = now_s = self._clock()
        until_s = self._present_until_s(session.handle, now_s)
        self._matchmaker.refresh(session.handle, until_s)
        return session

    def _present_until_s(self, handle: Handle, now_s: float) -> float:
        return FOREVER if handle in self._streams else now_s + WAITER_PRESENT_S

    def _seat(self, secret: Secret, chat_id: ChatId) -> Seat:
        try:
            return self._visit(secret).seats[chat_id]
        except (SessionUnknownError, KeyError):
            raise NotAMemberError from None

    def _check_place(self, handle: Handle) -> None:
        # A newer stream takes the place of the session's older one.
        others = len(self._streams) - (handle in self._streams)
        if self._closing or others >= self._capacity.streams:
            raise HouseFullError

    def _take_stream(self, session: Session, wake: Wake) -> Stream:
        self._check_place(session.handle)
        older = self._streams.pop(session.handle, None)
        if older is not None:
            older.finish(StreamEnd.MOVED)
        stream = self._streams[session.handle] = Stream(wake)
        self._matchmaker.refresh(session.handle, FOREVER)
        return stream

    def _pair(self, ticket: Ticket, second: Session, now_s: float) -> ChatId:
        """Seat the one who waited and the one who came; return the latter's id."""
        first = self._sessions[ticket.handle]
        self._leave_all(first)
        room = Room()
        self._rooms.add(room)
        members = room.join_pair((first.handle, new_chat_id()), (second.handle, new_chat_id()))
        for session, member in zip((first, second), members, strict=True):
            session.seats[member.chat_id] = Seat(room, member)
        self._matches.add(room, ticket, now_s + MATCH_OPEN_S)
        if first.handle in self._streams:
            self._streams[first.handle].wake()
        return members[1].chat_id

    def _undo(self, room: Room, ticket: Ticket, now_s: float) -> None:
        """End a match that somebody did not open; who did is back at the head of the queue."""
        members = room.members
        if all(member.opened for member in members) or room.state is not RoomState.OPEN:
            return
        for member in members:
            session = self._sessions[member.handle]
            if member.opened:
                wish = session.wish or ticket.wish
                until_s = self._present_until_s(session.handle, now_s)
                place = (ticket.order, ticket.since_s)
                self._matchmaker.wait(Ticket(session.handle, wish, *place, until_s))
            else:
                self._leave(session, member.chat_id, Kind.ABSENT)

    def _leave(self, session: Session, chat_id: ChatId, kind: Kind = Kind.LEFT) -> None:
        seat = session.seats.pop(chat_id)
        seat.room.leave(seat.member, kind)
        if seat.room.state is RoomState.SHREDDED:
            self._rooms.discard(seat.room)

    def _leave_all(self, session: Session) -> None:
        for chat_id in list(session.seats):
            self._leave(session, chat_id)

    def _forget(self, session: Session, end: StreamEnd = StreamEnd.FORGOTTEN) -> None:
        # The stream first: what it is told first is what it says at its end.
        stream = self._streams.get(session.handle)
        if stream is not None:
            stream.finish(end)
        self._matchmaker.withdraw(session.handle)
        self._leave_all(session)
        del self._sessions[session.handle]
