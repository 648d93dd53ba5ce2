"""The state of the server in the memory of one process: fulfils `Store` with plain dictionaries."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence

from server.core.crowd import Crowd
from server.core.errors import NotAdmittedError
from server.core.ids import ChatId, CircuitKey, Secret
from server.core.limits import (
    DISCONNECT_NOTICE_S,
    POST_BURST,
    POST_EVERY_S,
    RING_ENTRIES,
    Capacity,
)
from server.core.matching.chance import Chance
from server.core.ratelimit import TokenBucket
from server.core.room.public import PublicRoom
from server.core.room.side_chat import SideChat
from server.core.session.departure import Departure
from server.core.session.kept import KeptForm
from server.core.session.lifetime import Lifetime, LifetimeNotice, OwnLimit
from server.core.session.parting import Parting
from server.core.session.session import Seat, Session
from server.store.contract.chat import Counts
from server.store.contract.rooms import ChatLabel
from server.store.contract.session import LifetimeView, Settings, StoredData, StoredSeat
from server.stream.broadcast import Subscriber
from server.stream.subscription import (
    Notify,
    OtherChatNotice,
    RequestNotice,
    StreamEnd,
    Subscription,
)

from .admitting import Admitting
from .member_view import invitation_of, label_of
from .tables import step

SWEEP_SLICE = 256
"""Sessions that are checked in one turn of the event loop: less than a millisecond."""


class MemoryStore(Admitting):
    """The calls of `Store` and `SessionStore`, and the sweep that deletes what has expired.

    Args:
        capacity: how much of everything it holds.
        clock: monotonic seconds; tests pass their own.
        rooms: the public ones, in the order in which they are listed.
        chance: decides who is matched with whom; the operating system's if `None`.
    """

    def __init__(
        self,
        capacity: Capacity | None = None,
        clock: Callable[[], float] = time.monotonic,
        rooms: Iterable[PublicRoom] = (),
        chance: Chance | None = None,
    ) -> None:
        super().__init__(capacity or Capacity(), clock, rooms, chance)
        self._crowd = Crowd()

    @step
    async def open_session(self, circuit: CircuitKey | None = None) -> Secret:
        """See `Store`."""
        secret, now_s = self.mint.new(), self._clock()
        if not self._admission.admits:
            raise NotAdmittedError
        self._new_sessions.take(circuit, now_s)
        bucket = TokenBucket(burst=POST_BURST, every_s=POST_EVERY_S, now_s=now_s)
        lifetime = Lifetime(started_s=now_s, touched_s=now_s)
        session = Session(secret.identity, lifetime, now_s, bucket, circuit)
        crowded_out = self._places.session_to_give_way(session.holder)
        if crowded_out is not None:
            self._forget(self._sessions[crowded_out])
        self._sessions[secret.handle] = session
        self._count_places(session)
        return secret

    @step
    async def visit(
        self,
        secret: Secret,
        *,
        is_pressed: bool,
        circuit: CircuitKey | None = None,
        is_issued: bool = False,
    ) -> Settings | None:
        """See `Store`."""
        session = self._sessions.get(secret.handle)
        if session is None:
            return None
        session.seen_s = now_s = self._clock()
        if circuit != session.circuit:
            session.circuit = circuit
            self._rematches.move(session.codes, session.holder)
        if not is_issued:
            self._see_secret(session, now_s)
        self._refresh_presence(session)
        self._use_places(session)
        if is_pressed:
            session.lifetime.touch(now_s)
        return _settings_of(session)

    @step
    async def is_known(self, secret: Secret | None) -> bool:
        """See `Store`."""
        if secret is None:
            return False
        is_present = secret.handle in self._sessions
        return is_present or self._former.find(secret.handle, self._clock()) is not None

    @step
    async def list_chats(self, secret: Secret | None) -> Sequence[ChatLabel]:
        """See `RoomStore`."""
        session = None if secret is None else self._sessions.get(secret.handle)
        if secret is None or session is None:
            return []
        return [label_of(seat, secret) for seat in session.seats.values()]

    @step
    async def chat_label(self, secret: Secret, chat_id: ChatId) -> ChatLabel:
        """See `RoomStore`."""
        return label_of(self._seat(secret, chat_id), secret)

    @step
    async def leave(self, secret: Secret, chat_id: ChatId) -> None:
        """See `Store`."""
        seat, session = self._seat(secret, chat_id), self._sessions[secret.handle]
        self._count_skip(session, chat_id, self._clock())
        self._leave(session, chat_id)
        if seat.room.is_pair:
            # A session that was put back because its partner never came waits no longer either.
            self._stop_waiting(session)
        if not isinstance(seat.room, SideChat):
            session.parting = Parting.LEFT

    @step
    async def take_parting(self, secret: Secret) -> Parting | None:
        """See `SessionStore`."""
        session = self._sessions.get(secret.handle)
        if session is None:
            return None
        parting, session.parting = session.parting, None
        return parting

    @step
    async def check_stream(self, secret: Secret, chat_id: ChatId | None) -> None:
        """See `Store`."""
        if chat_id is not None:
            self._seat(secret, chat_id)
        session = self._session(secret)
        self.streams.check_open()
        self._places.stream_to_give_way(session)

    @step
    async def open_stream(
        self, secret: Secret, chat_id: ChatId | None, subscriber: Subscriber
    ) -> Subscription:
        """See `Store`."""
        session = self._session(secret)
        seat = None if chat_id is None else self._seat(secret, chat_id)
        self.streams.check_open()
        self._reserve_stream(session)
        stream = Subscription(subscriber, session.handle, chat_id)
        if seat is not None:
            stream.room_id, stream.number = seat.room.id, seat.member.number
        self.streams.open(stream)
        if seat is not None:
            seat.member.reads_by_stream = True
            self._signals.extend(
                Notify(session.handle, RequestNotice(number))
                for number in seat.member.shown_requests()
            )
        self._refresh_presence(session)
        self._count_places(session)
        self._unread.begin(session)
        self._notify(session, session.lifetime.pending_question())
        return stream

    @step
    async def people_here(self) -> int:
        """See `Store`."""
        return self._crowd.published(len(self._sessions), self._clock())

    @step
    async def counts(self) -> Counts:
        """See `Store`."""
        return Counts(
            sessions=len(self._sessions),
            waiting=len(self._match_queue),
            conversations=len(self._rooms),
            streams=len(self.streams),
            ring_percent=self._ring_budget.percent,
        )

    @step
    async def close(self) -> None:
        """See `Store`."""
        self.streams.end_all()

    @step
    async def set_language(self, secret: Secret, language: str) -> None:
        """See `SessionStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.language = language

    @step
    async def set_neutral_titles(self, secret: Secret, *, neutral_titles: bool) -> None:
        """See `SessionStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.neutral_titles = neutral_titles

    @step
    async def set_several_lines(self, secret: Secret, *, several_lines: bool) -> None:
        """See `SessionStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.several_lines = several_lines

    @step
    async def set_constant_rate(self, secret: Secret, every_s: int) -> None:
        """See `SessionStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.constant_rate_s = every_s

    @step
    async def keep_form(self, secret: Secret, words: bytes) -> str:
        """See `SessionStore`."""
        session = self._session(secret)
        if session.kept is None:
            crowded_out = self._kept_places.to_give_way(session.holder)
            if crowded_out is not None:
                self._drop_kept(self._sessions[crowded_out])
        session.kept = KeptForm.seal(secret.keyring, words, self._clock())
        self._kept_places.hold(session.handle, session.holder, session.priority)
        return session.kept.id

    @step
    async def kept_form(self, secret: Secret, kept_id: str | None) -> bytes | None:
        """See `SessionStore`."""
        session = self._sessions.get(secret.handle)
        if session is None or session.kept is None:
            return None
        return session.kept.open(secret.keyring, kept_id, self._clock())

    @step
    async def is_there(self, secret: Secret, chat_id: ChatId) -> bool:
        """See `SessionStore`."""
        session = self._sessions.get(secret.handle)
        return session is not None and (chat_id in session.seats or chat_id in session.knocks)

    @step
    async def departure(self, secret: Secret, chat_id: ChatId | None) -> Departure | None:
        """See `SessionStore`."""
        session, now_s = self._sessions.get(secret.handle), self._clock()
        past = [] if session is None else session.left_chats(now_s)
        return next((each.how for each in reversed(past) if chat_id in (None, each.chat_id)), None)

    @step
    async def add_traffic(self, secret: Secret, traffic_bytes: int) -> None:
        """See `SessionStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.lifetime.traffic_bytes += traffic_bytes

    @step
    async def lifetime(self, secret: Secret, *, reloads: bool = False) -> LifetimeView:
        """See `SessionStore`."""
        session, now_s = self._session(secret), self._clock()
        if reloads:
            self._notify_due(session, now_s)
        return self._lifetime_view(session, now_s)

    @step
    async def set_lifetime(self, secret: Secret, still_after_s: float, limit: OwnLimit) -> None:
        """See `SessionStore`."""
        lifetime = self._session(secret).lifetime
        lifetime.ask_after(still_after_s, self._clock())
        lifetime.set_limit(limit)

    @step
    async def unread_elsewhere(self, secret: Secret, chat_id: ChatId) -> Sequence[OtherChatNotice]:
        """See `SessionStore`."""
        return self._unread.pending(self._session(secret), chat_id)

    @step
    async def stored_data(self, secret: Secret) -> StoredData:
        """See `SessionStore`."""
        session, now_s = self._session(secret), self._clock()
        ticket = self._match_queue.ticket(session.handle)
        return StoredData(
            lifetime=self._lifetime_view(session, now_s),
            settings=_settings_of(session),
            preferences=session.preferences,
            is_waiting=ticket is not None or self._rematches.waits(session.handle),
            parting=session.parting,
            seats=[_held(seat, secret) for seat in session.seats.values()],
            knock_count=len(session.knocks),
            code_bytes=_code_bytes(session),
            kept_bytes=0 if session.kept is None else len(session.kept.sealed),
            kept_for_s=0 if session.kept is None else session.kept.until_s - now_s,
            left_count=len(session.left_chats(now_s)),
            code_count=len(self._rematches.keys_of(session.codes)),
            partner_count=self._match_queue.partners_known(session.handle),
        )

    @step
    async def forget_session(self, secret: Secret) -> None:
        """See `Store`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            self._forget(session)

    @step
    async def panic(self, secret: Secret) -> None:
        """See `Store`."""
        former = self._former.find(secret.handle, self._clock())
        session = self._sessions.get(secret.handle, former)
        if session is not None:
            shown = self._rematches.shown_by(session.handle)
            self._wake(self._rematches.revoke(session.codes | shown))
            self._forget(session, StreamEnd.PANIC)

    @step
    async def sweep(self) -> None:
        """See `Store`."""
        now_s = self._clock()
        await self._follow_closing(now_s)
        self._private.revoke_expired(now_s)
        self._forget_circuits(now_s)
        self._wake(self._rematches.revoke_due(now_s))
        for match in self._match_queue.due(now_s):
            self._undo(match, now_s)
        for entry in self._private.unopened.due(now_s):
            self._drop_entry(entry)
        for number, session in enumerate(list(self._sessions.values())):
            if number % SWEEP_SLICE == SWEEP_SLICE - 1:
                # Let other requests run; a session that they forget is skipped.
                await asyncio.sleep(0)
            if session.handle in self._sessions:
                self._sweep_session(session, now_s)

    def _forget_circuits(self, now_s: float) -> None:
        """Forget what is counted by circuit and does not count any more."""
        for rate in (self._new_sessions, self._codes, self._private.guesses):
            rate.forget_full(now_s)
        for room in self._rooms:
            if room.pace is not None:
                room.pace.forget_circuits(now_s)
            if room.arrivals is not None:
                room.arrivals.forget_full(now_s)

    def _sweep_session(self, session: Session, now_s: float) -> None:
        """Forget a session that has expired, or notify it of what is due."""
        is_streaming = session.handle in self.streams
        session.forget_left(now_s)
        if session.kept is not None and now_s >= session.kept.until_s:
            self._drop_kept(session)
        if session.is_due(now_s, streaming=is_streaming):
            self._forget(session)
        elif is_streaming:
            self._notify_due(session, now_s)
        elif now_s - session.seen_s > DISCONNECT_NOTICE_S:
            _announce_quiet(session)
        if not session.seats and session.handle in self._sessions:
            # A ticket that was dropped meanwhile needs no place for a stream any more.
            self._count_places(session)

    def _notify_due(self, session: Session, now_s: float) -> None:
        """Send the lifetime notices that are due; the time to answer starts now."""
        self._notify(session, session.lifetime.take_notices(now_s, self._traffic_bytes(session)))

    def _notify(self, session: Session, notices: Iterable[LifetimeNotice]) -> None:
        self._signals.extend(Notify(session.handle, notice) for notice in notices)

    def _lifetime_view(self, session: Session, now_s: float) -> LifetimeView:
        lifetime, traffic_bytes = session.lifetime, self._traffic_bytes(session)
        return LifetimeView(
            age_s=now_s - lifetime.started_s,
            remaining_s=max(0.0, lifetime.ends_s - now_s),
            traffic_bytes=traffic_bytes,
            idle_question_after_s=lifetime.idle_question_after_s,
            limit=lifetime.limit,
            due_notices=lifetime.due(now_s, traffic_bytes),
        )

    def _traffic_bytes(self, session: Session) -> int:
        stream = self.streams.get(session.handle)
        return session.lifetime.traffic_bytes + (stream.sent_bytes if stream is not None else 0)


def _announce_quiet(session: Session) -> None:
    """Show the partner that a member's stream broke and that nothing was requested since."""
    pair = session.pair
    if pair is not None and session.seats[pair].member.reads_by_stream:
        seat = session.seats[pair]
        seat.room.announce_disconnect(seat.member)


def _code_bytes(session: Session) -> int:
    """The size of the codes that are sealed to a session."""
    codes = [len(seat.member.sealed_code) for seat in session.seats.values()]
    invitations = [invitation_of(seat) for seat in session.seats.values()]
    return sum(codes) + sum(len(found.sealed_code) for found in invitations if found is not None)


def _settings_of(session: Session) -> Settings:
    return Settings(
        session.language,
        session.neutral_titles,
        session.constant_rate_s,
        session.several_lines,
    )


def _held(seat: Seat, secret: Secret) -> StoredSeat:
    member = seat.member
    own = seat.room.own_messages(member, RING_ENTRIES)
    return StoredSeat(
        label=label_of(seat, secret),
        my_name=seat.room.name(member.number),
        message_count=len(own),
        sealed_bytes=sum(len(entry.sealed) for entry in own),
        sealed_key_count=seat.room.keys.epochs.box_count_of(member.number),
        title_bytes=len(member.sealed_title),
        spent_token_count=member.spent_tokens.kept,
        muted_count=len(member.muted),
        asked_count=len(member.side_chat_requests),
        request_count=len(member.requests),
    )
