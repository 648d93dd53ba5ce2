"""Which circuit is which, for as long as a quota needs it and no longer.

Tor names the circuit of each connection by a number. Whoever knows these numbers for long can
follow a visitor, so nothing here stores one:

    number of tor --BLAKE2b under a random key--> digest --table--> Circuit (key: 16 random bytes)

- The key of the hash is replaced every `CIRCUIT_PERIOD_S`; the last one is still known. A circuit
  is found under the last key, too, and is then registered under the new one.
- A circuit without a connection for two periods is forgotten: its number leads to a new account.
- A circuit with open connections keeps its account: after each change of keys the caller, who holds
  the numbers of open connections, registers them again (`CircuitTable.keep`).
- The account's key is drawn, not computed. Nothing that is stored with it leads back to tor's
  number, not even for somebody who has the hash's keys of that time.

The table is bounded. If it is full, the circuit that has had no connection for longest is
forgotten.
"""

from __future__ import annotations

import hashlib
import secrets

from .fair_time import TimeAccount
from .ids import CircuitKey

CIRCUIT_PERIOD_S = 5 * 60
"""Seconds after which the hash's key is replaced: a circuit without connections is known for five
to ten minutes, longer than any wait of a quota, and about as long as a browser keeps a circuit."""

MAX_CIRCUITS = 20_000
"""Circuits known at once: more than there may be open connections by default. 350 bytes each."""

LABEL_CIRCUIT = b"sottovoce-circ"
HASH_KEY_BYTES = 32
CIRCUIT_KEY_BYTES = 16


class Circuit:
    """The account of one circuit. It lives until the table forgets it and no connection is open."""

    __slots__ = ("connections", "key", "time")

    def __init__(self) -> None:
        self.key = CircuitKey(secrets.token_bytes(CIRCUIT_KEY_BYTES))
        self.connections = 0
        """Connections that are open."""

        self.time = TimeAccount()
        """The processor time that it owes."""


class CircuitTable:
    """Finds the account of a circuit by tor's number, without storing the number.

    Args:
        capacity: circuits known at once.
        period_s: seconds after which the hash's key is replaced.
    """

    def __init__(self, capacity: int = MAX_CIRCUITS, period_s: float = CIRCUIT_PERIOD_S) -> None:
        self._capacity = capacity
        self._period_s = period_s
        self._hash_key, self._last_hash_key = _new_hash_key(), _new_hash_key()
        # Digest -> account, in the order of registration: those unused for longest come first.
        self._now: dict[bytes, Circuit] = {}
        self._last: dict[bytes, Circuit] = {}
        self._rotated_s: float | None = None

    def __len__(self) -> int:
        return len(self._now) + len(self._last)

    def open(self, circuit_id: bytes) -> Circuit:
        """Note that a connection has opened on a circuit, and return the circuit's account.

        Args:
            circuit_id: as tor has it; not stored.
        """
        digest = _digest(circuit_id, self._hash_key)
        circuit = self._now.pop(digest, None)
        if circuit is None:
            circuit = self._last.pop(_digest(circuit_id, self._last_hash_key), None)
        if circuit is None:
            circuit = Circuit()
        self._register(digest, circuit)
        circuit.connections += 1
        return circuit

    def find(self, circuit_id: bytes) -> Circuit | None:
        """Return the account of a circuit, if it is known; nothing is noted."""
        found = self._now.get(_digest(circuit_id, self._hash_key))
        return found or self._last.get(_digest(circuit_id, self._last_hash_key))

    def close(self, circuit: Circuit) -> None:
        """Note that a connection of this circuit was closed."""
        circuit.connections -= 1

    def keep(self, circuit_id: bytes, circuit: Circuit) -> None:
        """Register the circuit of an open connection under the new key of the hash.

        Args:
            circuit_id: as tor has it; not stored.
            circuit: what `open` has returned for this connection.
        """
        digest = _digest(circuit_id, self._hash_key)
        if digest not in self._now:
            self._last.pop(_digest(circuit_id, self._last_hash_key), None)
            self._register(digest, circuit)

    def sweep(self, now_s: float) -> bool:
        """Replace the hash's key if that is due; whether it was replaced.

        The caller then calls `keep` for every open connection before the next replacement.
        """
        if self._rotated_s is None:
            self._rotated_s = now_s
        elapsed_s = now_s - self._rotated_s
        if elapsed_s < self._period_s:
            return False
        self._rotated_s = now_s
        self._hash_key, self._last_hash_key = _new_hash_key(), self._hash_key
        was_late = elapsed_s >= 2 * self._period_s
        self._last = {
            digest: circuit
            for digest, circuit in self._now.items()
            if circuit.connections or not was_late
        }
        self._now = {}
        return True

    def _register(self, digest: bytes, circuit: Circuit) -> None:
        if len(self) >= self._capacity and not self._forget_one():
            # All have open connections. This one is not found again: its next connection has an
            # account of its own.
            return
        self._now[digest] = circuit

    def _forget_one(self) -> bool:
        """Forget the circuit that was unused for longest; whether there is one."""
        for table in (self._last, self._now):
            for digest, circuit in table.items():
                if not circuit.connections:
                    del table[digest]
                    return True
        return False


def _new_hash_key() -> bytes:
    return secrets.token_bytes(HASH_KEY_BYTES)


def _digest(circuit_id: bytes, hash_key: bytes) -> bytes:
    """Hash tor's number.

    Source:
        BLAKE2 (RFC 7693), keyed, with personalisation.
    """
    return hashlib.blake2b(circuit_id, digest_size=16, key=hash_key, person=LABEL_CIRCUIT).digest()
