"""Serves an ASGI application on a listening socket; `connection.py` serves one connection.

asyncio's own server is not used. When the process is out of open files, its accept loop (CPython
3.11 to 3.13, `_accept_connection`) fails as often as its backlog is long, and sets a timer for each
failure; each of them fails as often again a second later. With 60 files it took a whole core. Here:

- a number of connections is given that leaves files for the process itself
- when it is reached, or files have run out before, the connections that are silent for longest are
  closed, first those of the circuit that has most; streams and requests stay
- when none is silent, nothing is accepted until a connection has closed: who comes waits with the
  kernel, and the loop does not look
- a few are accepted in one turn of the loop, so that those inside have their turns, too
"""

from __future__ import annotations

import asyncio
import errno
import heapq
import socket
from collections import Counter
from typing import cast

from server.http.asgi import App
from server.http.circuits import Circuits
from server.http.connection import Connection, Ledger
from server.http.metered import Meter
from server.http.proxy_protocol import peek_circuit_id
from server.http.reader_protocol import ReaderProtocol
from server.http.stream_connection import StreamConnections

BACKLOG = 1024
LAST_BYTES_S = 0.5
"""Seconds in which connections may send what is left when the server closes."""

MAX_OPEN = 2**17
"""Open connections where no number is given: more than streams may be configured."""

ACCEPTED_AT_ONCE = 16
"""Connections accepted in one turn of the loop: each takes 0.3 ms until its request is read."""

CLOSED_AT_ONCE = 16
"""Silent connections that are closed to make room: looking for them takes as long for one."""

RETRY_S = 1.0
"""Seconds until files are tried again that other processes may have closed meanwhile."""

OUT_OF_FILES = frozenset({errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM})
"""Source: accept(2)."""


class Listener:
    """Accepts connections, and serves them.

    Args:
        app: any ASGI application.
        listening: a listening socket.
        max_open: connections open at once, streams included.
        circuits: where connections are counted; `None` if PROXY lines are not to be believed.
    """

    def __init__(
        self, app: App, listening: socket.socket, max_open: int, circuits: Circuits | None
    ) -> None:
        self._app = app
        self._listening = listening
        self._max_open = max_open
        self._circuits = circuits
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[None]] = set()
        self._connections: dict[asyncio.Task[None], Connection] = {}
        self._streams = StreamConnections(self._note_closed)
        self._retry: asyncio.TimerHandle | None = None
        """Runs while nothing is accepted."""

    def begin(self) -> None:
        """Accept connections from now on."""
        self._listening.setblocking(False)
        self._listening.listen(BACKLOG)
        self._loop.add_reader(self._listening.fileno(), self._accept)

    async def end(self, last_bytes_s: float) -> None:
        """Accept nothing more, and close all connections."""
        self._loop.remove_reader(self._listening.fileno())
        self._listening.close()
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
        for connection in list(self._connections.values()):
            connection.timeouts.close_if_idle()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=last_bytes_s)
        for connection in list(self._connections.values()):
            connection.abort()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._streams.end(last_bytes_s)

    def _accept(self) -> None:
        """Accept those who wait; called when somebody does."""
        for _ in range(ACCEPTED_AT_ONCE):
            if len(self._tasks) + len(self._streams) >= self._max_open:
                self._make_room()
                return
            try:
                accepted, _address = self._listening.accept()
            except (BlockingIOError, InterruptedError, ConnectionAbortedError):
                return
            except OSError as error:
                if error.errno not in OUT_OF_FILES:
                    raise
                self._make_room()
                return
            if self._is_refused(accepted):
                accepted.close()
            else:
                self._serve(accepted)

    def _is_refused(self, accepted: socket.socket) -> bool:
        """Whether a connection is closed before anything is made for it: see `circuits.py`."""
        if self._circuits is None:
            return False
        circuit_id = peek_circuit_id(accepted)
        return circuit_id is not None and self._circuits.has_no_room(circuit_id)

    def _make_room(self) -> None:
        """Close silent connections; if there are none, accept nothing until one has closed.

        Those that are closed here have closed when the loop looks for newcomers again.
        """
        on_circuit = Counter(connection.circuit for connection in self._connections.values())
        on_circuit[None] = 0
        silent = [
            (-on_circuit[connection.circuit], since_s, number, connection)
            for number, connection in enumerate(self._connections.values())
            if (since_s := connection.silent_since_s) is not None
        ]
        for *_, connection in heapq.nsmallest(CLOSED_AT_ONCE, silent):
            connection.abort()
        if not silent:
            self._loop.remove_reader(self._listening.fileno())
            self._retry = self._loop.call_later(RETRY_S, self._note_closed)

    def _note_closed(self) -> None:
        """Accept again: a connection has closed."""
        if self._retry is not None:
            self._retry.cancel()
            self._retry = None
            self._loop.add_reader(self._listening.fileno(), self._accept)

    def _serve(self, accepted: socket.socket) -> None:
        """Begin to serve one connection."""
        if self._circuits is None:
            task = self._loop.create_task(self._run(accepted, None))
        else:
            ledger = Ledger(self._circuits, Meter())
            task = self._loop.create_task(ledger.meter.metered(self._run(accepted, ledger)))
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    async def _run(self, accepted: socket.socket, ledger: Ledger | None) -> None:
        """Serve one connection until it is closed or handed over."""
        try:
            _, protocol = await self._loop.connect_accepted_socket(ReaderProtocol, accepted)
        except OSError:
            return
        wire = protocol.take_wire()
        del protocol
        connection = Connection(self._app, self._streams, wire, ledger)
        del wire
        task = cast(asyncio.Task[None], asyncio.current_task())
        self._connections[task] = connection
        await connection.run()

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._connections.pop(task, None)
        self._note_closed()


async def serve_http(
    app: App,
    listening: socket.socket,
    stop: asyncio.Event,
    last_bytes_s: float = LAST_BYTES_S,
    *,
    trusts_circuits: bool = False,
    max_open: int = MAX_OPEN,
) -> None:
    """Serve `app` on `listening` until `stop` is set.

    The caller ends streams before it sets `stop`. What runs `last_bytes_s` later is cancelled.

    Args:
        app: any ASGI application.
        listening: a listening socket; it is closed at the end.
        stop: ends it.
        last_bytes_s: seconds for what is left to be sent.
        trusts_circuits: whether PROXY lines come from a tor of ours, and name circuits.
        max_open: connections open at once, streams included.
    """
    circuits = Circuits() if trusts_circuits else None
    listener = Listener(app, listening, max_open, circuits)
    async with asyncio.TaskGroup() as tasks:
        running = None if circuits is None else tasks.create_task(circuits.run())
        listener.begin()
        try:
            await stop.wait()
        finally:
            await listener.end(last_bytes_s)
            if running is not None:
                running.cancel()
