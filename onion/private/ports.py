"""Loopback ports for the tors of a private network, held so that nobody else gets them.

To find a free port and let it go again would be a race: between that and tor's bind another
network, started beside this one, could take it. So each port stays bound by us for as long as
the network lives. It is bound *without* SO_REUSEADDR, which fails if anybody has it, and gets
the option afterwards: Linux then lets a socket that has the option too, as tor's listeners
do, bind and listen on the same port, because ours never listens.

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


class HeldPorts:
    """Ports that are ours while the context is open."""

    def __init__(self, count: int, *, within: range | None = None) -> None:
        """Prepare.

        Args:
            count: how many.
            within: where to look, lowest first; None leaves the choice to the system.
        """
        self._count = count
        self._within = within
        self._stack = ExitStack()
        self.ports: list[int] = []
        """The ports, `count` of them; empty outside the context."""
        self.sockets: list[socket.socket] = []
        """What holds them, one each; closed outside the context."""

    def __enter__(self) -> Self:
        """Take the ports.

        Raises:
            NoFreePortError: if there are not as many.
        """
        with ExitStack() as stack:
            candidates = [0] * self._count if self._within is None else self._within
            self.sockets = self._take(stack, candidates)
            self.ports = [int(holder.getsockname()[1]) for holder in self.sockets]
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

    def _take(self, stack: ExitStack, candidates: Iterable[int]) -> list[socket.socket]:
        taken: list[socket.socket] = []
        for candidate in candidates:
            if len(taken) == self._count:
                break
            holder = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            try:
                holder.bind((_HOST, candidate))
            except OSError:
                holder.close()
                continue
            holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            taken.append(holder)
        return taken

    def _where(self) -> str:
        if self._within is None:
            return "the system's own range"
        return f"{self._within.start}-{self._within.stop - 1}"
