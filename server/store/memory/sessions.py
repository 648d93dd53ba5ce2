"""One visitor's own time and choices, and the sweep that forgets what is past its time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from server.core.ids import ChatId, Secret
from server.core.limits import QUIET_AFTER_S, RING_ENTRIES
from server.core.session.lifetime import OwnLimit
from server.core.session.session import Seat, Session
from server.store.contract.session import HeldSeat, Holdings, Settings, StayView
from server.stream.subscription import FromElsewhere, StreamEnd

from .matching import Pairing
from .member_view import place_of

SWEEP_SLICE = 256
"""Sessions that are looked at in one turn of the event loop: less than a millisecond."""


class Timing(Pairing):
    """These calls of `base_time.TimeStore`, and forgetting."""

    async def settings(self, secret: Secret) -> Settings:
        """See `base_time.TimeStore`."""
        session = self._sessions.get(secret.handle)
        return Settings() if session is None else _settings_of(session)

    async def speak(self, secret: Secret, language: str) -> None:
        """See `base_time.TimeStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.language = language

    async def be_dull(self, secret: Secret, *, is_dull: bool) -> None:
        """See `base_time.TimeStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.is_dull = is_dull

    async def be_steady(self, secret: Secret, every_s: int) -> None:
        """See `base_time.TimeStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.steady_s = every_s

    async def act(self, secret: Secret) -> None:
        """See `base_time.TimeStore`."""
        if secret.handle in self._sessions:
            self._visit(secret).stay.act(self._clock())

    async def spend(self, secret: Secret, spent_bytes: int) -> None:
        """See `base_time.TimeStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.stay.spent_bytes += spent_bytes

    async def stay(self, secret: Secret, *, reloads: bool = False) -> StayView:
        """See `base_time.TimeStore`."""
        session, now_s = self._visit(secret), self._clock()
        if reloads:
            self._tell_due(session, now_s)
        return self._stay_view(session, now_s)

    async def set_stay(self, secret: Secret, still_after_s: float, limit: OwnLimit) -> None:
        """See `base_time.TimeStore`."""
        stay = self._visit(secret).stay
        stay.ask_after(still_after_s, self._clock())
        stay.set_limit(limit)

    async def elsewhere(self, secret: Secret, chat_id: ChatId) -> Sequence[FromElsewhere]:
        """See `base_time.TimeStore`."""
        return self._away.pending(self._visit(secret), chat_id)

    async def holdings(self, secret: Secret) -> Holdings:
        """See `base_time.TimeStore`."""
        session, now_s = self._visit(secret), self._clock()
        ticket = self._meetings.ticket(session.handle)
        return Holdings(
            stay=self._stay_view(session, now_s),
            settings=_settings_of(session),
            wish=session.wish,
            waits=ticket is not None or self._reunions.waits(session.handle),
            seats=[_held(seat, secret) for seat in session.seats.values()],
            knocks=len(session.knocks),
            codes=len(self._reunions.keys_of(session.codes)),
            met=self._meetings.known(session.handle),
        )

    async def forget(self, secret: Secret) -> None:
        """See `base.Store`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            self._forget(session)

    async def panic(self, secret: Secret) -> None:
        """See `base.Store`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            shown = self._reunions.shown_by(session.handle)
            self._send_on(self._reunions.revoke(session.codes | shown))
            self._forget(session, StreamEnd.PANIC)

    async def forget_due(self) -> None:
        """See `base.Store`."""
        now_s = self._clock()
        self._private.burn_due(now_s)
        self._send_on(self._reunions.revoke_due(now_s))
        for match in self._meetings.due(now_s):
            self._undo(match, now_s)
        for number, session in enumerate(list(self._sessions.values())):
            if number % SWEEP_SLICE == SWEEP_SLICE - 1:
                # Others have their turn; who leaves in theirs is looked at no more.
                await asyncio.sleep(0)
            if session.handle in self._sessions:
                self._look_after(session, now_s)

    def _look_after(self, session: Session, now_s: float) -> None:
        """Forget a session whose time is over, or tell what is due in it."""
        stream = self._streams.get(session.handle)
        if session.is_due(now_s, streaming=stream is not None):
            self._forget(session)
        elif stream is not None:
            self._tell_due(session, now_s)
        elif now_s - session.seen_s > QUIET_AFTER_S:
            _call_quiet(session)

    def _tell_due(self, session: Session, now_s: float) -> None:
        """Tell what is due on the session's stream, if it has one; its time to answer begins."""
        for told in session.stay.tell(now_s, self._spent_bytes(session)):
            self._streams.tell(session.handle, told)

    def _forget(self, session: Session, end: StreamEnd = StreamEnd.FORGOTTEN) -> None:
        # The stream first: what it is told first is what it says at its end.
        self._streams.finish(session.handle, end)
        self._meetings.forget(session.handle)
        self._reunions.release(session.handle)
        for chat_id in list(session.seats):
            # Private talks beside a room go with it.
            if chat_id in session.seats:
                self._leave(session, chat_id)
        for chat_id in list(session.knocks):
            self._dismiss(session, chat_id)
        del self._sessions[session.handle]

    def _stay_view(self, session: Session, now_s: float) -> StayView:
        stay, spent_bytes = session.stay, self._spent_bytes(session)
        return StayView(
            here_s=now_s - stay.born_s,
            left_s=max(0.0, stay.ends_s - now_s),
            spent_bytes=spent_bytes,
            still_after_s=stay.still_after_s,
            limit=stay.limit,
            due=stay.due(now_s, spent_bytes),
        )

    def _spent_bytes(self, session: Session) -> int:
        stream = self._streams.get(session.handle)
        return session.stay.spent_bytes + (stream.spent_bytes if stream is not None else 0)


def _call_quiet(session: Session) -> None:
    """Tell the partner of somebody whose stream broke off, and who does not ask any more."""
    pair = session.pair
    if pair is not None and session.seats[pair].member.streams:
        seat = session.seats[pair]
        seat.room.call_quiet(seat.member)


def _settings_of(session: Session) -> Settings:
    return Settings(session.language, session.is_dull, session.steady_s)


def _held(seat: Seat, secret: Secret) -> HeldSeat:
    member = seat.member
    own = seat.room.own_words(member, RING_ENTRIES)
    return HeldSeat(
        place=place_of(seat, secret),
        my_name=seat.room.name(member.number),
        messages=len(own),
        sealed_bytes=sum(len(entry.sealed) for entry in own),
        boxes=seat.room.keys.epochs.boxes_of(member.number),
        title_bytes=len(member.sealed_title),
        receipts=member.receipts.kept,
        muted=len(member.muted),
        asked=len(member.asked),
    )
