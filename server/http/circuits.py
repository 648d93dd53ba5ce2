"""The circuits that have connections open: how many connections each has, and who is read from.

Tor's number for a circuit lives in the `CircuitConnection` of each connection, and nowhere else
(see `server/core/circuits.py`).

**Too many connections.** A browser opens six to one host, and a stream is one of them; a circuit
may have `MAX_CONNECTIONS`. If one more comes, the one of the same circuit that is silent for
longest is closed: to a browser that is a kept-alive connection that has ended, which it expects. If
none is silent for a while, the newest is refused: the others are streams and requests of somebody.

**In debt.** A circuit whose requests have cost too much (see `server/core/fair_time.py`) is not
read from: what it sends stays with the kernel and with tor. Requests that were read already wait.
From then on, until it owes little again, its requests have their turn one after the other, each as
soon as the one before is paid for. If such a circuit opens more connections than it may have, they
are closed before anything is made for them.

**In turns.** Other circuits should wait for a few requests of a circuit, not for one of each of its
connections. So of many requests that arrive together only `AT_ONCE` are served at once, and the
others have turns, too.
"""

from __future__ import annotations

import asyncio
from collections import deque
from contextvars import Context
from typing import Protocol

from server.core.circuits import Circuit, CircuitTable
from server.core.fair_time import FairTime
from server.core.ids import CircuitKey
from server.http.idle import IdleClock

MAX_CONNECTIONS = 16
"""Open at once on one circuit: two browsers at their limit of six, and some that are closing."""

TICK_S = 0.25
"""Seconds between two looks at how busy the loop is."""

TURN_S = 0.01
"""Seconds between two requests of a circuit that has turns: time to serve the first, and to know
what it has cost."""

AT_ONCE = 4
"""Requests of one circuit in `TURN_S` without turns: a page asks for three at most. More would make
other circuits wait for all of them."""

KEPT_AT_ONCE = 1_000
"""Connections registered under a new key in one tick: 5 ms. All are done long before the next
key."""


class Readable(Protocol):
    """A connection that requests are read from."""

    @property
    def silent_since_s(self) -> float | None:
        """Since when it waits for its visitor, by the loop's clock; else `None`."""

    def set_paused(self, paused: bool) -> None:
        """Read nothing from it, or go on reading."""

    def abort(self) -> None:
        """Close it at once."""


class CircuitConnection:
    """One connection among those of its circuit, until it is closed.

    Args:
        circuit_id: tor's number for the circuit.
        circuit: the circuit.
        connection: requests are read from it.
    """

    __slots__ = ("_circuit", "_circuit_id", "_connection")

    def __init__(self, circuit_id: bytes, circuit: OpenCircuit, connection: Readable) -> None:
        self._circuit_id = circuit_id
        self._circuit: OpenCircuit | None = circuit
        self._connection: Readable | None = connection

    @property
    def connection(self) -> Readable | None:
        """What requests are read from; `None` when a stream has taken it over."""
        return self._connection

    @property
    def key(self) -> CircuitKey | None:
        """What the application knows of the circuit."""
        return None if self._circuit is None else self._circuit.circuit.key

    @property
    def payer(self) -> OpenCircuit | None:
        """Who pays for it."""
        return self._circuit

    async def turn(self) -> None:
        """Wait until a request of this connection may be served."""
        if self._circuit is not None:
            await self._circuit.turn()

    def hand_over(self) -> None:
        """Note that a stream has taken the connection over: no more is read from it."""
        self._connection = None

    def keep(self, table: CircuitTable) -> None:
        """Register the circuit under the table's new key, while the connection is open."""
        if self._circuit is not None:
            table.keep(self._circuit_id, self._circuit.circuit)

    def leave(self) -> None:
        """Note that the connection is closed, and forget tor's number. Idempotent."""
        circuit, self._circuit = self._circuit, None
        self._connection, self._circuit_id = None, b""
        if circuit is not None:
            circuit.leave(self)


class OpenCircuit:
    """A circuit with at least one open connection; a `metered.Payer`."""

    __slots__ = (
        *("_begun", "_circuits", "_connections", "_counted_since_s", "_is_paused", "_is_slow"),
        *("_queue", "_timer", "circuit"),
    )

    def __init__(self, circuit: Circuit, circuits: Circuits) -> None:
        self.circuit = circuit
        self._circuits = circuits
        self._connections: dict[CircuitConnection, None] = {}
        """In the order of opening."""

        self._is_paused = False
        """Whether nothing is read from it."""

        self._is_slow = False
        """Whether its requests have their turn one after the other."""

        self._begun, self._counted_since_s = 0, 0.0
        """Requests that have begun since a moment of the last `TURN_S`."""

        self._queue: deque[asyncio.Future[None]] = deque()
        """Requests that wait for their turn: one of each connection at most."""

        self._timer: asyncio.TimerHandle | None = None
        """Until the next turn, or until it has paid."""

    def __len__(self) -> int:
        return len(self._connections)

    @property
    def is_paused(self) -> bool:
        """Whether nothing is read from it."""
        return self._is_paused

    def connections(self) -> list[CircuitConnection]:
        """Those that are open."""
        return list(self._connections)

    def join(self, circuit_id: bytes, connection: Readable) -> CircuitConnection | None:
        """Add a connection that was opened; `None` if there are too many, and none is silent."""
        if len(self._connections) >= MAX_CONNECTIONS and not self._close_silent():
            return None
        joined = CircuitConnection(circuit_id, self, connection)
        self._connections[joined] = None
        if self._is_paused:
            connection.set_paused(True)
        return joined

    def leave(self, connection: CircuitConnection) -> None:
        """Remove a connection that was closed."""
        del self._connections[connection]
        self._circuits.note_closed(self)
        if not self._connections and self._timer is not None:
            self._timer.cancel()

    def charge(self, spent_ns: int) -> None:
        """See `metered.Payer`. Whoever is in debt now is not read from."""
        wait_s = self._circuits.fair_time.charge(
            self.circuit.time, spent_ns / 1e9, self._circuits.now_s()
        )
        if wait_s > 0:
            self.pause(wait_s)

    def pause(self, wait_s: float) -> None:
        """Read nothing for so long, and then as long as something is owed."""
        self._is_slow = True
        if not self._connections:
            return
        if not self._is_paused:
            self._set_paused(True)
        if self._timer is None:
            self._set_timer(wait_s)

    async def turn(self) -> None:
        """Wait until a request of this circuit may be served."""
        if not self._is_slow and not self._queue and self._begins_few():
            return
        waiting = asyncio.get_running_loop().create_future()
        self._queue.append(waiting)
        if self._timer is None:
            self._set_timer(0)
        await waiting

    def _begins_few(self) -> bool:
        """Note that a request begins; whether they are few."""
        now_s = self._circuits.now_s()
        if now_s - self._counted_since_s > TURN_S:
            self._counted_since_s, self._begun = now_s, 0
        self._begun += 1
        return self._begun <= AT_ONCE

    def _go_on(self) -> None:
        """Serve the next request if all before it are paid for, and read on after the last."""
        self._timer = None
        fair_time, account = self._circuits.fair_time, self.circuit.time
        now_s = self._circuits.now_s()
        wait_s = fair_time.wait_s(account, now_s)
        if wait_s > 0:
            self._set_timer(wait_s)
            return
        while self._queue and not self._timer:
            waiting = self._queue.popleft()
            if not waiting.done():  # its connection may have been closed meanwhile
                waiting.set_result(None)
                self._set_timer(TURN_S)
        if self._timer is None:
            self._is_slow = not fair_time.has_recovered(account, now_s)
            if self._is_paused:
                self._set_paused(False)

    def _set_timer(self, wait_s: float) -> None:
        # In an empty context: the timer must not hold the request that was charged last.
        self._timer = asyncio.get_running_loop().call_later(
            max(wait_s, TURN_S), self._go_on, context=Context()
        )

    def _set_paused(self, paused: bool) -> None:
        self._is_paused = paused
        for joined in self._connections:
            if joined.connection is not None:
                joined.connection.set_paused(paused)

    def _close_silent(self) -> bool:
        """Close the connection that is silent for longest; whether there is one."""
        silent = [
            (since_s, joined, connection)
            for joined in self._connections
            if (connection := joined.connection) is not None
            and (since_s := connection.silent_since_s) is not None
        ]
        if not silent:
            return False
        _, joined, connection = min(silent, key=lambda each: each[0])
        joined.leave()
        connection.abort()
        return True


class Circuits:
    """All circuits with open connections."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self.fair_time = FairTime(self._loop.time())
        self._table = CircuitTable()
        self._open: dict[CircuitKey, OpenCircuit] = {}
        self._to_keep: list[CircuitConnection] = []
        """Connections to register under the new key; those that close meanwhile know no number."""

    def now_s(self) -> float:
        """Monotonic seconds."""
        return self._loop.time()

    def join(self, circuit_id: bytes, connection: Readable) -> CircuitConnection | None:
        """Add a connection that was opened on a circuit.

        Returns:
            Its place, which the caller leaves when the connection is closed; `None` if the circuit
            has too many: then the caller closes it.
        """
        circuit = self._table.open(circuit_id)
        opened = self._open.get(circuit.key)
        if opened is None:
            opened = self._open[circuit.key] = OpenCircuit(circuit, self)
        joined = opened.join(circuit_id, connection)
        if joined is None:
            self._table.close(circuit)
        elif (wait_s := self.fair_time.wait_s(circuit.time, self.now_s())) > 0:
            # It was in debt when its last connection was closed.
            opened.pause(wait_s)
        return joined

    def has_no_room(self, circuit_id: bytes) -> bool:
        """Whether a circuit is in debt and has all the connections that it may have."""
        circuit = self._table.find(circuit_id)
        opened = None if circuit is None else self._open.get(circuit.key)
        return opened is not None and opened.is_paused and len(opened) >= MAX_CONNECTIONS

    def note_closed(self, opened: OpenCircuit) -> None:
        """Note that one connection of a circuit was closed."""
        self._table.close(opened.circuit)
        if not len(opened):
            del self._open[opened.circuit.key]

    async def run(self) -> None:
        """Adapt the share of time, and replace keys, until cancelled."""
        with IdleClock(self._loop) as idle:
            seen_s, waited_s = self.now_s(), 0.0
            while True:
                await asyncio.sleep(TICK_S)
                now_s = self.now_s()
                part_idle = (idle.waited_s - waited_s) / max(now_s - seen_s, TICK_S / 2)
                self.fair_time.tick(now_s, 1 - part_idle)
                seen_s, waited_s = now_s, idle.waited_s
                self._sweep(now_s)

    def _sweep(self, now_s: float) -> None:
        if self._table.sweep(now_s):
            self._to_keep = [
                joined for opened in self._open.values() for joined in opened.connections()
            ]
        for joined in self._to_keep[:KEPT_AT_ONCE]:
            joined.keep(self._table)
        del self._to_keep[:KEPT_AT_ONCE]
