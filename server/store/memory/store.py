"""The state of the house in the memory of one process.

Each method is one step of the event loop, and therefore atomic; but for `post`, which may have to
wait for keys, and looks at everything again when it has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from server.core.errors import ServerFullError
from server.core.ids import ChatId, Secret
from server.core.limits import SPEAK_BURST, SPEAK_EVERY_S, Capacity
from server.core.matching.matchmaker import FOREVER
from server.core.ratelimit import TokenBucket
from server.core.room.public import PublicRoom
from server.core.session.lifetime import Lifetime
from server.core.session.session import Seat, Session
from server.store.contract.chat import Counts
from server.store.contract.rooms import ChatLabel
from server.stream.broadcast import Subscriber
from server.stream.subscription import Stream

from .member_view import place_of
from .messages import Talking
from .rooms import Hosting
from .sessions import Timing


class MemoryStore(Talking, Hosting, Timing):
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
        super().__init__(capacity or Capacity(), clock, rooms)

    async def open_session(self) -> Secret:
        """See `base.Store`."""
        if len(self._sessions) >= self._capacity.sessions:
            raise ServerFullError
        secret, now_s = Secret.new(), self._clock()
        bucket = TokenBucket(burst=SPEAK_BURST, every_s=SPEAK_EVERY_S, now_s=now_s)
        lifetime = Lifetime(started_s=now_s, touched_s=now_s)
        self._sessions[secret.handle] = Session(secret.identity, lifetime, now_s, bucket)
        return secret

    async def is_known(self, secret: Secret | None) -> bool:
        """See `base.Store`."""
        if secret is None or secret.handle not in self._sessions:
            return False
        self._visit(secret)
        return True

    async def my_chats(self, secret: Secret | None) -> Sequence[ChatLabel]:
        """See `base_rooms.RoomStore`."""
        if secret is None or not await self.is_known(secret):
            return []
        seats = self._sessions[secret.handle].seats.values()
        return [place_of(seat, secret) for seat in seats]

    async def chat_label(self, secret: Secret, chat_id: ChatId) -> ChatLabel:
        """See `base_rooms.RoomStore`."""
        return place_of(self._seat(secret, chat_id), secret)

    async def leave(self, secret: Secret, chat_id: ChatId) -> None:
        """See `base.Store`."""
        seat, session = self._seat(secret, chat_id), self._sessions[secret.handle]
        self._count_skip(session, chat_id, self._clock())
        self._leave(session, chat_id)
        if seat.room.is_pair:
            # Whoever was put back, because the other never came, waits no longer either.
            self._match_queue.cancel(session.handle)
            self._rematches.release(session.handle)

    async def check_stream(self, secret: Secret, chat_id: ChatId | None) -> None:
        """See `base.Store`."""
        if chat_id is None:
            self._visit(secret)
        else:
            self._seat(secret, chat_id)
        self._streams.check_place(secret.handle)

    async def open_stream(self, secret: Secret, chat_id: ChatId | None, ear: Subscriber) -> Stream:
        """See `base.Store`."""
        session = self._visit(secret)
        seat = None if chat_id is None else self._seat(secret, chat_id)
        on_close = self._close_waiting if seat is None else partial(self._close_reading, seat)
        stream = Stream(ear, session.handle, on_close, chat_id)
        self._streams.take(session.handle, stream)
        if seat is not None:
            seat.member.reads_live = True
            self._audiences.begin(stream, seat)
        self._match_queue.refresh(session.handle, FOREVER)
        self._away.begin(session)
        for told in session.lifetime.standing_question():
            stream.tell(told)
        return stream

    def _close_reading(self, seat: Seat, stream: Stream) -> None:
        self._audiences.end(stream, seat.room)
        self._close_waiting(stream)

    def _close_waiting(self, stream: Stream) -> None:
        self._streams.give_back(stream.handle, stream)
        session = self._sessions.get(stream.handle)
        if session is not None:
            session.lifetime.traffic_bytes += stream.traffic_bytes
            session.seen_s = now_s = self._clock()
            self._match_queue.refresh(session.handle, self._present_until_s(session.handle, now_s))

    async def counts(self) -> Counts:
        """See `base.Store`."""
        return Counts(
            sessions=len(self._sessions),
            waiting=len(self._match_queue),
            conversations=len(self._rooms),
            streams=len(self._streams),
        )

    async def close(self) -> None:
        """See `base.Store`."""
        self._streams.close()
