"""Reserves loopback ports for the tors of a private network, so that no other program takes them.

Finding a free port and releasing it again would be a race: before tor binds it, another network
that starts at the same time could take it. So we keep each port bound for as long as the network
runs. We bind it *without* SO_REUSEADDR, which fails if another socket uses the port, and set the
option afterwards. Linux then lets a socket that also has the option, as tor's listeners do, bind
and listen on the same port, because ours never listens.

Source: ip(7) and socket(7), SO_REUSEADDR; inet_csk_bind_conflict in Linux.
"""

from __future__ import annotations

import socket
from collections.abc import Iterable
from contextlib import ExitStack
from types import TracebackType
from typing import Self

from onion.errors import NoFreePortError

_HOST = "127.0.0.1"


class ReservedPorts:
    """Ports that are reserved while the context is open."""

    def __init__(self, count: int, *, within: range | None = None) -> None:
        """Prepare.

        Args:
            count: how many.
            within: the range to search, lowest first; None lets the system choose.
        """
        self._count = count
        self._within = within
        self._stack = ExitStack()
        self.ports: list[int] = []
        """The ports, `count` of them; empty outside the context."""
        self.sockets: list[socket.socket] = []
        """The sockets that reserve them, one for each; closed outside the context."""

    def __enter__(self) -> Self:
        """Reserve the ports.

        Raises:
            NoFreePortError: if there are fewer than `count`.
        """
        with ExitStack() as stack:
            candidates = [0] * self._count if self._within is None else self._within
            self.sockets = self._bind(stack, candidates)
            self.ports = [int(reserved.getsockname()[1]) for reserved in self.sockets]
            if len(self.ports) < self._count:
                raise NoFreePortError(self._count, len(self.ports), self._where())
            self._stack = stack.pop_all()
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.ports = []
        self._stack.close()

    def _bind(self, stack: ExitStack, candidates: Iterable[int]) -> list[socket.socket]:
        bound: list[socket.socket] = []
        for candidate in candidates:
            if len(bound) == self._count:
                break
            reserved = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            try:
                reserved.bind((_HOST, candidate))
            except OSError:
                reserved.close()
                continue
            reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            bound.append(reserved)
        return bound

    def _where(self) -> str:
        if self._within is None:
            return "the system's own range"
        return f"{self._within.start}-{self._within.stop - 1}"
