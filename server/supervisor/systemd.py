"""Tells systemd how the service is: ready, its state, a sign of life, stopping.

systemd names a datagram socket in the environment. Without it nothing is sent. Neither tor nor the
web process inherits the variable: tor would report itself as ready.

Nothing is sent but the state and the steps of the start. systemd writes them to its journal, where
an address does not belong.

Source: sd_notify(3), systemd.service(5), "WatchdogSec=".
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections.abc import Callable, MutableMapping, Sequence
from contextlib import suppress
from typing import NoReturn

from .report import Report

START_S = 600
"""How much longer systemd waits with each step of the start. The last step is a visit of our own,
which is tried again and again."""

SEND_S = 0.5
"""Limit for one message."""

_VARIABLES = ("NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID")


class Systemd:
    """The socket of systemd, if this program was started by it.

    Args:
        environment: where systemd names its socket; what it has written there is removed.
    """

    def __init__(self, environment: MutableMapping[str, str] = os.environ) -> None:
        path, period_us, pid = (environment.pop(name, "") for name in _VARIABLES)
        # A name that begins with @ is in the abstract namespace, where the first byte is a NUL.
        self._address = "\0" + path[1:] if path.startswith("@") else path
        is_for_us = pid in {"", str(os.getpid())} and period_us.isdecimal()
        self.watchdog_s = int(period_us) / 1_000_000 if is_for_us else None
        """systemd kills this program if it hears nothing for this long; `None` if it does not."""

    def send(self, *assignments: str) -> None:
        """Send assignments such as `READY=1`; whether somebody receives them does not matter."""
        if not self._address:
            return
        with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as out:
            # The queue of a busy systemd may be full: wait, but not so long that tor or a visitor
            # would notice.
            out.settimeout(SEND_S)
            out.sendto("\n".join(assignments).encode(), self._address)

    async def watch(self, is_alive: Callable[[], bool]) -> NoReturn:
        """Send a sign of life twice in each period, as long as `is_alive` says so."""
        while True:
            if self.watchdog_s is None:
                await asyncio.Event().wait()
                continue
            if is_alive():
                self.send("WATCHDOG=1")
            await asyncio.sleep(self.watchdog_s / 2)


class NotifyingReport:
    """Passes each report on, and tells systemd about the start."""

    def __init__(self, report: Report, systemd: Systemd) -> None:
        self._report, self._systemd = report, systemd

    def bootstrap(self, percent: int, summary: str) -> None:
        """See `Report`. The start may take long as long as there are steps."""
        extension = f"EXTEND_TIMEOUT_USEC={START_S * 1_000_000}"
        self._systemd.send(f"STATUS=starting: {percent} %", extension)
        self._report.bootstrap(percent, summary)

    def ready(self, onion: str, socks: str | None, web_socket: str, admin_socket: str) -> None:
        """See `Report`."""
        self._systemd.send("READY=1")
        self._report.ready(onion, socks, web_socket, admin_socket)

    def note(self, sentence: str) -> None:
        """See `Report`."""
        self._report.note(sentence)

    def advice(self, paragraphs: Sequence[str]) -> None:
        """See `Report`."""
        self._report.advice(paragraphs)

    def tor_log(self, lines: Sequence[str]) -> None:
        """See `Report`."""
        self._report.tor_log(lines)
