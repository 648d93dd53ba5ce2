"""Who may come in, as the operator has ordered: nobody while closed; nothing begins in a drain.

What depends on the time is looked at by the sweep, whose pauses are drawn, and not at each request:
otherwise visitors could see to the millisecond when a closing ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from server.core.admission.closing import LAST_CALLS_MIN, LAST_LOOK_S, Closing
from server.core.durations import rough_s
from server.core.room.room import Room
from server.store.contract.admission import AdmissionView

from .renewal import Renewal
from .tables import step

ANNOUNCE_SLICE = 256
"""Conversations that are told in one turn of the event loop."""

SAME_S = 5.0
"""Two orders whose times differ by less are the same: they travel as durations."""


class Admitting(Renewal):
    """The calls of `AdmissionStore`."""

    _admission = AdmissionView()
    _told_min = 0
    """Minutes to the restart of which those inside were told last."""

    _talked_s = 0.0
    """In a drain: the last sweep at which two could talk with each other, or its beginning."""

    @step
    async def set_closing(self, closing: Closing) -> None:
        """See `AdmissionStore`."""
        before, now_s = self._closing, self._clock()
        self._closing = closing
        self._admission = _view_of(closing, now_s)
        if closing.is_draining:
            self._let_go()
            self._talked_s = now_s
            moved_s = before.restarts_in_s(now_s) - closing.restarts_in_s(now_s)
            if not before.is_draining or abs(moved_s) > SAME_S:
                await self._announce_restart(now_s)
        elif before.is_draining:
            await self._announce(Room.announce_no_restart)

    async def admission(self) -> AdmissionView:
        """See `AdmissionStore`."""
        return self._admission

    @step
    async def is_drained(self) -> bool:
        """See `AdmissionStore`."""
        alone_s = self._clock() - self._talked_s
        return self._closing.is_draining and (alone_s >= LAST_LOOK_S or not self._rooms)

    def _let_go(self) -> None:
        """End the waiting of everybody who waits for a match."""
        for handle in [*self._match_queue.waiting(), *self._rematches.held_by()]:
            self._stop_waiting(self._sessions[handle])
            self._wake([handle])

    async def _follow_closing(self, now_s: float) -> None:
        """End a closing whose time is over; tell those inside when a restart comes near."""
        closing = self._closing
        if closing.is_draining:
            if any(room.is_talk for room in self._rooms):
                self._talked_s = now_s
            calls = [call for call in LAST_CALLS_MIN if call < self._told_min]
            if any(closing.restarts_in_min(now_s) <= call for call in calls):
                await self._announce_restart(now_s)
        else:
            self._closing = closing.restarted(now_s)
        self._admission = _view_of(self._closing, now_s)

    async def _announce_restart(self, now_s: float) -> None:
        self._told_min = minutes = self._closing.restarts_in_min(now_s)
        await self._announce(lambda room: room.announce_restart(minutes))

    async def _announce(self, announce: Callable[[Room], None]) -> None:
        """Append an event to every conversation, in slices."""
        for number, room in enumerate(list(self._rooms), start=1):
            if room.members:
                announce(room)
            if number % ANNOUNCE_SLICE == 0:
                self._publish()
                await asyncio.sleep(0)


def _view_of(closing: Closing, now_s: float) -> AdmissionView:
    if closing.admits(now_s):
        return AdmissionView()
    restarts_in_s = rough_s(closing.restarts_in_s(now_s)) if closing.is_draining else None
    words = closing.words if closing.is_closed(now_s) else ""
    return AdmissionView(False, words, rough_s(closing.opens_in_s(now_s)), restarts_in_s)
