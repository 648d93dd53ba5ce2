"""Fair shares: who comes in beside an attacker of many sessions, and what keeping count costs.

    python -m bench.shares

The store is the real one, on a simulated clock, without Tor and without a server: who comes in is
the same on each machine. Times and sizes are of this machine; a request is timed with and without
the calls that count places.
"""

from __future__ import annotations

import asyncio
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from server.core.errors import InvitationUnknownError, RateLimitedError, VisitorError
from server.core.ids import CircuitKey, Secret
from server.core.invite_code import CodeKey, InviteKeys
from server.core.limits import Capacity
from server.core.matching.preferences import Intent, Preferences
from server.core.shares import Priority, Shares
from server.store.contract.private_rooms import NewInvitation
from server.store.memory.store import MemoryStore
from tests.fakes import FakeClock, SeededChance

from .table import print_table

ATTEMPTS = 20_000
ATTACK_S = 57.0
"""So fast came the attack that was seen first."""

CIRCUITS = (1, 10, 100, 1_000, None)
PAIRS = 16

ROOM_REQUESTS = 1_002
GUESSING_CIRCUITS = 200
NEWCOMERS = 16
HOUR_S = 3_600.0

SESSIONS = (100, 20_000)
REQUESTS = 20_000
REPEATED = 3
PLACES = 20_000

HOSTILE = Preferences(Intent.TALK, speak=frozenset({"my"}))
"""Meets nobody who speaks only `en`."""

TALK, LISTEN = (
    Preferences(intent, speak=frozenset({"en"})) for intent in (Intent.TALK, Intent.LISTEN)
)


@dataclass(frozen=True, slots=True)
class Beside:
    """What was seen beside an attacker."""

    hostile: int
    """Sessions of the attacker that live at the end."""

    refused: int
    """Attempts that were refused."""

    came_in: int
    """Pairs of newcomers that met."""


async def attack(circuits: int | None, attempts: int = ATTEMPTS) -> Beside:
    """Let an attacker ask for a match with ever new sessions; then let newcomers come.

    Args:
        circuits: of the attacker; `None` if no circuit is known, of anybody.
        attempts: how often the attacker tries.
    """
    clock = FakeClock()
    store = MemoryStore(clock=clock, chance=SeededChance())
    refused = came_in = 0
    for number in range(attempts):
        clock.advance(ATTACK_S / attempts)
        circuit = None if circuits is None else _circuit(f"hostile {number % circuits}")
        refused += await _come(store, circuit, HOSTILE) is None
    hostile = (await store.counts()).sessions
    for number in range(PAIRS):
        names = [None if circuits is None else f"{side} {number}" for side in ("one", "other")]
        both = [
            await _come(store, None if name is None else _circuit(name), wish)
            for name, wish in zip(names, (TALK, LISTEN), strict=True)
        ]
        for _ in range(2):
            await store.draw_matches()
        came_in += all([secret and await _sits(store, secret) for secret in both])
    return Beside(hostile, refused, came_in)


def _circuit(name: str) -> CircuitKey:
    return CircuitKey(name.encode())


async def _come(store: MemoryStore, circuit: CircuitKey | None, wish: Preferences) -> Secret | None:
    """Begin a session that asks for a match; `None` if it is refused."""
    try:
        secret = await store.open_session(circuit)
        await store.request_match(secret, wish)
    except VisitorError:
        return None
    return secret


async def _sits(store: MemoryStore, secret: Secret) -> bool:
    return (await store.match_state(secret)).chat_id is not None


async def openers_beside_rooms(requests: int = ROOM_REQUESTS) -> int:
    """Open private rooms, each with a session of an unknown circuit.

    Returns:
        How many newcomers can open one afterwards.
    """
    store = MemoryStore(clock=FakeClock())
    for number in range(requests):
        await _opens_a_room(store, b"hostile %d" % number)
    return sum([await _opens_a_room(store, b"honest %d" % number) for number in range(NEWCOMERS)])


async def guests_beside_guesses(circuits: int = GUESSING_CIRCUITS) -> int:
    """Guess codes, on each circuit until it is refused.

    Returns:
        How many newcomers with a right invitation come in meanwhile.
    """
    store, came_in = MemoryStore(clock=FakeClock()), 0
    await _opens_a_room(store, b"right")
    for number in range(circuits):
        secret = await store.open_session(_circuit(f"hostile {number}"))
        guesses = 0
        while await _is_looked_up(store, secret, b"wrong %d %d" % (number, guesses)):
            guesses += 1
    for number in range(NEWCOMERS):
        secret = await store.open_session(_circuit(f"honest {number}"))
        try:
            await store.use_invitation(secret, _keys(b"right"))
        except VisitorError:
            continue
        came_in += 1
    return came_in


def _keys(code: bytes) -> InviteKeys:
    return InviteKeys(CodeKey(code.ljust(32)), CodeKey(code.rjust(32)))


async def _opens_a_room(store: MemoryStore, code: bytes) -> bool:
    secret = await store.open_session()
    try:
        await store.open_room(secret, "A title", NewInvitation(_keys(code), NEWCOMERS, HOUR_S))
    except VisitorError:
        return False
    return True


async def _is_looked_up(store: MemoryStore, secret: Secret, code: bytes) -> bool:
    """Try a wrong code, and return whether it was looked up."""
    try:
        await store.use_invitation(secret, _keys(code))
    except InvitationUnknownError:
        return True
    except RateLimitedError:
        return False
    raise AssertionError("a wrong code was accepted")


async def request_us(sessions: int) -> tuple[float, float]:
    """Microseconds of one more request of a session: as it is, and without counting places."""
    clock = FakeClock()
    store = MemoryStore(Capacity(sessions=sessions), clock)
    secrets = [await store.open_session(_circuit(f"{number}")) for number in range(sessions)]

    async def visit(number: int) -> None:
        circuit = _circuit(f"{number}")
        await store.visit(secrets[number], is_pressed=False, circuit=circuit)

    counted = await _mean_us(visit, sessions)
    store._use_places = lambda session: None  # type: ignore[method-assign]
    return counted, await _mean_us(visit, sessions)


async def _mean_us(call: Callable[[int], Awaitable[None]], numbers: int) -> float:
    """Microseconds of a call, for numbers scattered over all; the least of some rounds."""
    found = []
    for _ in range(REPEATED):
        began_s = time.thread_time()
        for number in range(REQUESTS):
            await call(number * 7_919 % numbers)
        found.append(time.thread_time() - began_s)
    return 1e6 * min(found) / REQUESTS


def place_bytes(places_of_one: int, places: int = PLACES) -> float:
    """Bytes that counting one place takes, with so many places of each holder."""
    ids = [number.to_bytes(16, "big") for number in range(places)]
    holders = [b"holder %d" % number for number in range(places // places_of_one)]
    tracemalloc.start()
    try:
        shares = Shares[bytes](capacity=places, quota=places)
        for number, place in enumerate(ids):
            shares.hold(place, holders[number % len(holders)], Priority.UNUSED)
        return tracemalloc.get_traced_memory()[0] / places
    finally:
        tracemalloc.stop()


def run() -> None:
    """Measure and print."""
    rows = []
    for circuits in CIRCUITS:
        seen = asyncio.run(attack(circuits))
        name = "unknown" if circuits is None else f"{circuits:,}"
        rows.append((name, seen.hostile, seen.refused, f"{seen.came_in} of {PAIRS}"))
    print_table(
        f"{ATTEMPTS:,} sessions that ask for a match in {ATTACK_S:.0f} s",
        ("circuits", "sessions at the end", "refused", "pairs of newcomers that met"),
        rows,
    )
    print_table(
        "Newcomers beside other floods",
        ("", "came in"),
        [
            (
                f"who open a room, after {ROOM_REQUESTS:,} rooms of unknown circuits",
                f"{asyncio.run(openers_beside_rooms())} of {NEWCOMERS}",
            ),
            (
                f"with a right invitation, while {GUESSING_CIRCUITS} circuits guess",
                f"{asyncio.run(guests_beside_guesses())} of {NEWCOMERS}",
            ),
        ],
    )
    print_table(
        "One more request of a session, to the store alone",
        ("sessions", "µs", "µs without counting places"),
        [(f"{sessions:,}", *asyncio.run(request_us(sessions))) for sessions in SESSIONS],
    )
    print_table(
        "Memory of counting one place",
        ("places of each holder", "bytes"),
        [(f"{number}", round(place_bytes(number))) for number in (1, 32)],
    )


if __name__ == "__main__":
    run()
