"""Everything that keeps watch over one service: visits, signs of life, its state, systemd."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any

from onion import OnionService, OwnedProcess, ServiceEvent
from server.core.errors import OperatorError

from .admission.control import AdmissionControl
from .paths import Paths
from .reachability import Pauses, Reachability
from .report import Report
from .restart import Supervised
from .signs_of_life import ASKED_WHILE_SILENT, SILENT_S, until_silent
from .status import Fields, ServiceStatus, ask_web


class Watching:
    """Watches tor and the web process of one service, through every restart of either.

    Args:
        address: of the service.
        paths: where the web process answers.
        report: the operator is told when the service cannot be reached.
        pauses: between two visits.
        silent_s: what gave no sign of life for this long is replaced.
        clock: monotonic seconds.
    """

    def __init__(
        self,
        address: str,
        paths: Paths,
        report: Report,
        *,
        pauses: Pauses | None = None,
        silent_s: float = SILENT_S,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.status = ServiceStatus(address, paths.admin_socket, clock)
        self._reachability = Reachability(
            self.status.note, report, self._wait_for_web, pauses=pauses, clock=clock
        )
        self.admission = AdmissionControl(
            partial(ask_web, paths.admin_socket), self.status.note, report, clock=clock
        )
        self._paths, self._silent_s, self._clock = paths, silent_s, clock
        self._last_sign_s: dict[str, float] = {}
        self._replaced = asyncio.Event()

    async def wait_reached(self) -> None:
        """Wait until a visit of our own has come through."""
        await self._reachability.reached.wait()

    async def visit(self, service: OnionService) -> str:
        """Visit the service until its tor has to be started anew; see `Reachability.watch`."""
        return await self._reachability.watch(service)

    async def listen_to_tor(self, service: OnionService) -> str:
        """Return when tor has been silent for too long."""
        return await until_silent(
            service.give_sign_of_life,
            on_sign=partial(self._note_sign, "tor"),
            silent_s=self._silent_s,
            every_s=self._silent_s / ASKED_WHILE_SILENT,
        )

    async def listen_to_web(self, _child: OwnedProcess) -> str:
        """Return when the web process has been silent for too long."""
        return await until_silent(
            partial(ask_web, self._paths.admin_socket),
            on_sign=partial(self._note_sign, "web"),
            silent_s=self._silent_s,
            every_s=self._silent_s / ASKED_WHILE_SILENT,
        )

    def replace_web(self) -> None:
        """Have the web process replaced: it tells those inside, and ends their streams whole.

        Raises:
            OperatorError: if it does not run at this moment.
        """
        if self.status.web is None or self.status.web.current is None:
            raise OperatorError(
                "the web process does not run: it is being started already",
                "`sottovoce status` says when it runs",
            )
        self._replaced.set()

    async def until_replaced(self, _child: OwnedProcess) -> str:
        """Return when the operator wants the web process replaced."""
        await self._replaced.wait()
        return "was ended by the operator"

    @asynccontextmanager
    async def watched(
        self, starting: AbstractAsyncContextManager[OwnedProcess]
    ) -> AsyncIterator[OwnedProcess]:
        """Run a web process while the block runs, and note when it comes and goes."""
        try:
            async with starting as child:
                self._replaced.clear()
                self.status.note(ServiceEvent.LAUNCHED)
                self.admission.note_web_launched()
                # What was found out about the one before says nothing about this one.
                self._reachability.visit_soon(self.status.tor.current if self.status.tor else None)
                yield child
        finally:
            self.status.note(ServiceEvent.LOST)
            self.admission.note_web_ended()

    async def describe(self) -> Fields:
        """Answer the operator: see `ServiceStatus.describe`; and how long it stays closed."""
        return {**await self.status.describe(), **self.admission.describe()}

    async def _wait_for_web(self) -> None:
        if self.status.web is not None:
            await self.status.web.wait_up()

    def is_alive(self) -> bool:
        """Whether tor and the web process have given signs of life.

        One that is being started anew has until then; how long that takes depends on the network.
        """
        running: tuple[tuple[str, Supervised[Any] | None], ...] = (
            ("tor", self.status.tor),
            ("web", self.status.web),
        )
        limit_s = 2 * self._silent_s
        return all(
            supervised is None
            or supervised.current is None
            or self._clock() - self._last_sign_s.get(name, self._clock()) <= limit_s
            for name, supervised in running
        )

    def _note_sign(self, name: str) -> None:
        self._last_sign_s[name] = self._clock()
