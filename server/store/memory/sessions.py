"""One visitor's own time and choices, and the sweep that forgets what is past its time."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from server.core.ids import ChatId, Secret
from server.core.limits import QUIET_AFTER_S, RING_ENTRIES
from server.core.session.lifetime import OwnLimit
from server.core.session.session import Seat, Session
from server.store.contract.session import HeldSeat, Holdings, LifetimeView, Settings
from server.stream.subscription import OtherChatNotice, StreamEnd

from .matching import Pairing
from .member_view import place_of

SWEEP_SLICE = 256
"""Sessions that are looked at in one turn of the event loop: less than a millisecond."""


class Timing(Pairing):
    """These calls of `base_time.SessionStore`, and forgetting."""

    async def settings(self, secret: Secret) -> Settings:
        """See `base_time.SessionStore`."""
        session = self._sessions.get(secret.handle)
        return Settings() if session is None else _settings_of(session)

    async def set_language(self, secret: Secret, language: str) -> None:
        """See `base_time.SessionStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.language = language

    async def set_neutral_titles(self, secret: Secret, *, neutral_titles: bool) -> None:
        """See `base_time.SessionStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.neutral_titles = neutral_titles

    async def set_constant_rate(self, secret: Secret, every_s: int) -> None:
        """See `base_time.SessionStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.constant_rate_s = every_s

    async def touch(self, secret: Secret) -> None:
        """See `base_time.SessionStore`."""
        if secret.handle in self._sessions:
            self._visit(secret).lifetime.touch(self._clock())

    async def add_traffic(self, secret: Secret, traffic_bytes: int) -> None:
        """See `base_time.SessionStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None:
            session.lifetime.traffic_bytes += traffic_bytes

    async def lifetime(self, secret: Secret, *, reloads: bool = False) -> LifetimeView:
        """See `base_time.SessionStore`."""
        session, now_s = self._visit(secret), self._clock()
        if reloads:
            self._tell_due(session, now_s)
        return self._lifetime_view(session, now_s)

    async def set_lifetime(self, secret: Secret, still_after_s: float, limit: OwnLimit) -> None:
        """See `base_time.SessionStore`."""
        lifetime = self._visit(secret).lifetime
        lifetime.ask_after(still_after_s, self._clock())
        lifetime.set_limit(limit)

    async def unread_elsewhere(self, secret: Secret, chat_id: ChatId) -> Sequence[OtherChatNotice]:
        """See `base_time.SessionStore`."""
        return self._away.pending(self._visit(secret), chat_id)

    async def holdings(self, secret: Secret) -> Holdings:
        """See `base_time.SessionStore`."""
        session, now_s = self._visit(secret), self._clock()
        ticket = self._match_queue.ticket(session.handle)
        return Holdings(
            lifetime=self._lifetime_view(session, now_s),
            settings=_settings_of(session),
            preferences=session.preferences,
            waits=ticket is not None or self._rematches.waits(session.handle),
            seats=[_held(seat, secret) for seat in session.seats.values()],
            knocks=len(session.knocks),
            codes=len(self._rematches.keys_of(session.codes)),
            met=self._match_queue.partners_known(session.handle),
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
            shown = self._rematches.shown_by(session.handle)
            self._send_on(self._rematches.revoke(session.codes | shown))
            self._forget(session, StreamEnd.PANIC)

    async def forget_due(self) -> None:
        """See `base.Store`."""
        now_s = self._clock()
        self._private.burn_due(now_s)
        self._send_on(self._rematches.revoke_due(now_s))
        for match in self._match_queue.due(now_s):
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
            _announce_quiet(session)

    def _tell_due(self, session: Session, now_s: float) -> None:
        """Tell what is due on the session's stream, if it has one; its time to answer begins."""
        for told in session.lifetime.take_notices(now_s, self._spent_bytes(session)):
            self._streams.tell(session.handle, told)

    def _forget(self, session: Session, end: StreamEnd = StreamEnd.FORGOTTEN) -> None:
        # The stream first: what it is told first is what it says at its end.
        self._streams.finish(session.handle, end)
        self._match_queue.forget(session.handle)
        self._rematches.release(session.handle)
        for chat_id in list(session.seats):
            # Private talks beside a room go with it.
            if chat_id in session.seats:
                self._leave(session, chat_id)
        for chat_id in list(session.knocks):
            self._dismiss(session, chat_id)
        del self._sessions[session.handle]

    def _lifetime_view(self, session: Session, now_s: float) -> LifetimeView:
        lifetime, traffic_bytes = session.lifetime, self._spent_bytes(session)
        return LifetimeView(
            here_s=now_s - lifetime.started_s,
            left_s=max(0.0, lifetime.ends_s - now_s),
            traffic_bytes=traffic_bytes,
            still_after_s=lifetime.still_after_s,
            limit=lifetime.limit,
            due=lifetime.due(now_s, traffic_bytes),
        )

    def _spent_bytes(self, session: Session) -> int:
        stream = self._streams.get(session.handle)
        return session.lifetime.traffic_bytes + (stream.traffic_bytes if stream is not None else 0)


def _announce_quiet(session: Session) -> None:
    """Tell the partner of somebody whose stream broke off, and who does not ask any more."""
    pair = session.pair
    if pair is not None and session.seats[pair].member.reads_live:
        seat = session.seats[pair]
        seat.room.announce_quiet(seat.member)


def _settings_of(session: Session) -> Settings:
    return Settings(session.language, session.neutral_titles, session.constant_rate_s)


def _held(seat: Seat, secret: Secret) -> HeldSeat:
    member = seat.member
    own = seat.room.own_messages(member, RING_ENTRIES)
    return HeldSeat(
        place=place_of(seat, secret),
        my_name=seat.room.name(member.number),
        messages=len(own),
        sealed_bytes=sum(len(entry.sealed) for entry in own),
        boxes=seat.room.keys.epochs.boxes_of(member.number),
        title_bytes=len(member.sealed_title),
        spent_tokens=member.spent_tokens.kept,
        muted=len(member.muted),
        asked=len(member.asked),
    )
