"""Visits the service through Tor as long as it runs, and heals it when a visit fails.

    visit ── came through ──> next visit after one to three minutes, or when a guard's line changes
      │
      ├─ failed ── once: unconfirmed, visit again soon
      │            twice: unreachable; the operator is told; the descriptor is published anew
      │            three times: tor is started anew, if the last such start is long enough ago
      └─ tor has no connection to any relay: unreachable; tor is started anew at once

    tor lost its last connection and has one again ──> other introduction points (`reintroduce`)

Every pause is drawn: our own visits must be no clock by which somebody recognises this machine.

Starting tor anew makes it choose new second-layer guards. So somebody who can make our visits fail
must not be able to cause that often: between two such starts there are 5 minutes, then 10, 20, 40,
60, and only a day without one makes the next pause short again. Without any connection there is
nothing to wait for: whoever can cut them all knows where this machine is. Guards are never dropped,
and keep their place in tor's state.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import Protocol

from onion import VISIT_S, NetworkLostError, NotReachedError, OnionError, ServiceEvent
from server.core.durations import drawn_between

from .report import Report

Span = tuple[float, float]

LOST = "lost its network"

FORGET_S = 86_400.0
"""After this long without a start of tor that visits have caused, the pauses begin small again."""


class Visited(Protocol):
    """What is needed of a service; see `OnionService`."""

    line_changed: asyncio.Event

    async def visit(self, *, timeout_s: float) -> None:
        """Visit it, or raise `NotReachedError`."""

    async def publish_anew(self) -> None:
        """Upload its descriptor once more."""


@dataclass(frozen=True, slots=True)
class Pauses:
    """Seconds: the limit of one visit, and pauses that are drawn between two bounds."""

    visit_s: float = VISIT_S
    """Limit of one visit."""

    usual: Span = (60.0, 180.0)
    """Between two visits that come through."""

    soon: Span = (5.0, 15.0)
    """After a visit that failed, and after a guard's line has changed."""

    unreachable: Span = (10.0, 40.0)
    """Between two visits as long as none comes through."""

    new_tor: Span = (300.0, 3600.0)
    """Between two starts of tor that visits have caused: the first pause, and the longest."""


class Disconnected(Protocol):
    """What is needed of a service whose network may go and come; see `OnionService`."""

    @property
    def is_sandboxed(self) -> bool:
        """Whether its tor has to be started anew for a change."""

    async def wait_network_back(self) -> None:
        """Wait until it has lost its network, and has it again; `NetworkLostError` if not soon."""

    async def change_introduction_points(self) -> None:
        """Publish it with other introduction points."""


async def reintroduce(service: Disconnected) -> str:
    """Change the introduction points each time the network is back; give up if it is gone for long.

    Until then nobody is connected: every circuit ended with the network. Whoever tried meanwhile
    would not use the former introduction points for two minutes.

    Returns:
        Why its tor has to be started anew, as the rest of a sentence.

    Raises:
        OnionError: if its tor ends, or refuses.
    """
    while True:
        try:
            await service.wait_network_back()
        except NetworkLostError:
            return LOST
        if service.is_sandboxed:
            return "had lost its network"
        await service.change_introduction_points()


class Reachability:
    """Keeps watch over one service, through every tor that it has.

    Args:
        note: receives what was found out.
        report: the operator is told when the service cannot be reached, and when it can again.
        wait_for_web: returns when the web process runs; without it no visit can come through, and
            that is not tor's fault.
        pauses: between two visits.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        note: Callable[[ServiceEvent], None],
        report: Report,
        wait_for_web: Callable[[], Awaitable[object]],
        *,
        pauses: Pauses | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._note, self._report, self._wait_for_web = note, report, wait_for_web
        self._pauses = pauses or Pauses()
        self._clock = clock
        self._misses, self._is_told = 0, False
        self._last_restart_s, self._may_restart_s = float("-inf"), float("-inf")
        self._restart_pause_s = self._pauses.new_tor[0]
        self.reached = asyncio.Event()
        """Set when the first visit came through."""

    async def watch(self, service: Visited) -> str:
        """Visit a service until its tor has to be started anew.

        Returns:
            Why, as the rest of a sentence.

        Raises:
            OnionError: if its tor ends.
        """
        while True:
            await self._wait_for_web()
            service.line_changed.clear()
            try:
                await service.visit(timeout_s=self._pauses.visit_s)
            except NetworkLostError as error:
                self._give_up(error, "tor is started anew")
                return LOST
            except NotReachedError as error:
                self._misses += 1
                self._note(ServiceEvent.MISSED)
                if self._misses == 2:
                    self._give_up(error, "it is published anew")
                    with suppress(OnionError):
                        await service.publish_anew()
                elif self._misses > 2 and self._may_restart():
                    return "could not be reached through Tor"
                await self._pause(service)
            else:
                self._note_reached()
                await self._pause(service)

    def visit_soon(self, service: Visited | None) -> None:
        """End the present pause, because something has changed."""
        if service is not None:
            service.line_changed.set()

    def _note_reached(self) -> None:
        self._note(ServiceEvent.REACHED)
        if self._is_told:
            self._report.note("visitors can reach the service again")
        self._misses, self._is_told = 0, False
        self.reached.set()

    def _give_up(self, error: OnionError, remedy: str) -> None:
        """Say that nobody can come in; once, until a visit comes through."""
        self._note(ServiceEvent.GIVEN_UP)
        if not self._is_told:
            self._report.note(f"visitors cannot reach the service: {error}; {remedy}")
        self._is_told = True

    def _may_restart(self) -> bool:
        now_s = self._clock()
        if now_s < self._may_restart_s:
            return False
        if now_s - self._last_restart_s > FORGET_S:
            self._restart_pause_s = self._pauses.new_tor[0]
        self._last_restart_s = now_s
        pause_s = self._restart_pause_s
        self._restart_pause_s = min(2 * pause_s, self._pauses.new_tor[1])
        self._may_restart_s = now_s + drawn_between(pause_s, 1.5 * pause_s)
        return True

    async def _pause(self, service: Visited) -> None:
        """Wait until the next visit is due."""
        if self._misses == 0:
            await _wait_for(service.line_changed, drawn_between(*self._pauses.usual))
            if service.line_changed.is_set():
                await asyncio.sleep(drawn_between(*self._pauses.soon))
        elif self._misses <= 2:
            await asyncio.sleep(drawn_between(*self._pauses.soon))
        else:
            await _wait_for(service.line_changed, drawn_between(*self._pauses.unreachable))


async def _wait_for(event: asyncio.Event, seconds: float) -> None:
    """Wait until an event is set, for this many seconds at most."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):
            await event.wait()
