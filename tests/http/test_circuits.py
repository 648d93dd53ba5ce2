"""Connections and time are shared by circuit: who takes too much waits, and nobody else does."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from server.core import fair_time
from server.core.fair_time import BURST_S, MAX_SHARE
from server.http import circuits as module
from server.http import timeouts
from server.http.circuits import AT_ONCE, MAX_CONNECTIONS
from tests.process.in_process import run_pending_callbacks

from .listening import (
    BEGUN_POST,
    GET,
    SPENT_NS,
    Listening,
    answer,
    bytes_in_kernel,
    listening,
    proxy_line,
)

FLOOD, PERSON = proxy_line("0:1"), proxy_line("0:2")

# Connections.


async def open_silent(served: Listening, count: int) -> list[asyncio.StreamReader]:
    """Open connections of one circuit, each with one answered request."""
    readers = []
    for _ in range(count):
        reader = await served.connect(FLOOD + GET)
        assert await answer(reader) == 200
        readers.append(reader)
    return readers


async def answer_to_waiting(served: Listening, data: bytes) -> bytes:
    """Connect and write before the server accepts; return what it answers."""
    with socket.socket(socket.AF_UNIX) as raw:
        raw.connect(str(served.path))
        raw.sendall(data)
        raw.setblocking(False)
        try:
            return await asyncio.get_running_loop().sock_recv(raw, 2**16)
        except ConnectionResetError:
            return b""


async def test_connection_over_the_limit_closes_the_longest_silent_of_its_circuit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "SILENT_S", 0.0)
    async with listening(tmp_path) as served:
        person = await served.connect(PERSON + GET)
        assert await answer(person) == 200
        readers = await open_silent(served, MAX_CONNECTIONS)
        # The first is not silent any more: it waits for the rest of a form that it just began.
        served.writers[1].write(BEGUN_POST)
        await served.until(lambda: served.connections[1].timeouts.idle_since_s is None)
        assert await answer(await served.connect(FLOOD + GET)) == 200
        assert served.seen[-1] == served.seen[1]
        assert await answer(readers[1]) == 0
        for writer, reader, rest in (
            (served.writers[0], person, GET),
            (served.writers[1], readers[0], b"123456789"),
        ):
            writer.write(rest)
            assert await answer(reader) == 200
        assert [len(opened) for opened in served.open_circuits()] == [1, MAX_CONNECTIONS]


@pytest.mark.parametrize("silent_s", [0.0, 60.0])
async def test_many_connections_that_send_nothing_displace_each_other_only(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, silent_s: float
) -> None:
    monkeypatch.setattr(timeouts, "SILENT_S", silent_s)
    async with listening(tmp_path, max_open=10 * MAX_CONNECTIONS) as served:
        person = await served.connect(PERSON)
        for _ in range(4 * MAX_CONNECTIONS):
            await served.connect(FLOOD)
        await served.until(
            lambda: sum(len(opened) for opened in served.open_circuits()) == MAX_CONNECTIONS + 1
        )
        served.writers[0].write(GET)
        assert await answer(person) == 200


async def test_newest_is_refused_where_none_is_silent(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CONNECTIONS", 2)
    async with listening(tmp_path) as served:
        readers = [await served.connect(FLOOD + GET) for _ in range(2)]
        for reader in readers:
            assert await answer(reader) == 200
        # As long as a request is served, its connection is not silent.
        (flood,) = served.open_circuits()
        for connection in served.connections:
            connection.timeouts.note(idle=False)
        assert await answer(await served.connect(FLOOD + GET)) == 503
        assert await served.ask(PERSON + GET) != flood.circuit.key
        served.writers[0].close()
        await served.until(lambda: len(flood) == 1)
        assert await served.ask(FLOOD + GET) == flood.circuit.key


async def test_circuits_are_released_with_their_last_connection(tmp_path: Path) -> None:
    async with listening(tmp_path) as served:
        await open_silent(served, 3)
        (flood,) = served.open_circuits()
        for writer in served.writers:
            writer.close()
        await served.until(lambda: not served.open_circuits())
        assert flood.circuit.connections == 0


# Time.


async def test_requests_are_charged_to_their_circuit_alone(tmp_path: Path) -> None:
    async with listening(tmp_path) as served:
        assert served.circuits is not None
        # Nothing is paid off while this test runs.
        served.circuits.fair_time._share = 1e-9
        readers = [await served.connect(line + GET) for line in (FLOOD, PERSON)]
        assert [await answer(reader) for reader in readers] == [200, 200]
        flood, person = served.open_circuits()
        await run_pending_callbacks()
        owed = [opened.circuit.time.owed_s for opened in (flood, person)]
        for _ in range(10):
            served.writers[0].write(GET)
            assert await answer(readers[0]) == 200
        assert flood.circuit.time.owed_s > owed[0]
        assert person.circuit.time.owed_s == owed[1]


async def test_nothing_is_read_from_a_circuit_in_debt_and_others_are_answered(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path) as served:
        await open_silent(served, 2)
        (flood,) = served.open_circuits()
        flood.charge(SPENT_NS)
        for writer in served.writers:
            writer.write(GET * 10)
        for _ in range(20):
            assert await served.ask(PERSON + GET) != flood.circuit.key
        assert served.seen.count(flood.circuit.key) == 2
        assert [bytes_in_kernel(connection) for connection in served.connections[:2]] == [
            10 * len(GET)
        ] * 2


async def test_new_connection_of_a_circuit_in_debt_waits_as_well(tmp_path: Path) -> None:
    async with listening(tmp_path) as served:
        await open_silent(served, 1)
        (flood,) = served.open_circuits()
        flood.charge(SPENT_NS)
        await served.connect(FLOOD + GET)
        await served.until(lambda: len(flood) == 2)
        for _ in range(20):
            assert await served.ask(PERSON + GET) != flood.circuit.key
        assert served.seen.count(flood.circuit.key) == 1


async def test_connections_over_the_limit_of_a_circuit_in_debt_are_closed_unread(
    tmp_path: Path,
) -> None:
    async with listening(tmp_path) as served:
        await open_silent(served, MAX_CONNECTIONS)
        (flood,) = served.open_circuits()
        flood.charge(SPENT_NS)
        known = served.connections
        for _ in range(3):
            assert await answer_to_waiting(served, FLOOD + GET) == b""
        assert served.connections == known
        # Those that have written nothing yet are answered when they have.
        assert await answer(await served.connect(FLOOD + GET)) == 503
        assert await served.ask(PERSON + GET) != flood.circuit.key


async def test_debt_outlives_the_last_connection(tmp_path: Path) -> None:
    async with listening(tmp_path) as served:
        await open_silent(served, 1)
        (flood,) = served.open_circuits()
        flood.charge(SPENT_NS)
        served.writers[0].close()
        # Nothing is read, so its end is not seen either.
        served.connections[0].abort()
        await served.until(lambda: not served.open_circuits())
        await served.connect(FLOOD + GET)
        await served.until(served.open_circuits)
        for _ in range(20):
            await served.ask(PERSON + GET)
        assert served.seen.count(flood.circuit.key) == 1


async def test_requests_that_were_read_already_wait_for_their_turn(tmp_path: Path) -> None:
    async with listening(tmp_path) as served:
        await open_silent(served, 1)
        (flood,) = served.open_circuits()
        app = served.listener._app

        async def expensive(*args: object) -> None:
            flood.charge(SPENT_NS)
            await app(*args)

        served.listener._app = expensive
        reader = await served.connect(FLOOD + GET * 10)
        assert await answer(reader) == 200
        served.listener._app = app
        for _ in range(20):
            assert await served.ask(PERSON + GET) != flood.circuit.key
        assert served.seen.count(flood.circuit.key) == 2


async def test_whoever_has_paid_is_read_again_and_nothing_was_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fair_time, "MAX_WAIT_S", 0.1)
    # No time passes for a visitor who is not read from.
    monkeypatch.setattr(timeouts, "REQUEST_S", 5.0)
    async with listening(tmp_path) as served:
        readers = await open_silent(served, 3)
        (flood,) = served.open_circuits()
        flood.charge(SPENT_NS)
        for writer in served.writers:
            writer.write(GET * 3)
        for reader in readers:
            assert [await answer(reader) for _ in range(3)] == [200] * 3


async def test_requests_after_a_debt_have_their_turn_one_by_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fair_time, "MAX_WAIT_S", 0.1)
    async with listening(tmp_path) as served:
        readers = await open_silent(served, 5)
        (flood,) = served.open_circuits()
        at_once: list[int] = []
        running = 0
        app = served.listener._app

        async def counted(*args: object) -> None:
            nonlocal running
            running += 1
            at_once.append(running)
            flood.charge(round(MAX_SHARE * BURST_S * 1e9 / 4))
            for _ in range(10):
                await asyncio.sleep(0)
            await app(*args)
            running -= 1

        flood.charge(SPENT_NS)
        for writer in served.writers:
            writer.write(GET)
        for connection in served.connections:
            connection._asgi_app = counted
        for reader in readers:
            assert await answer(reader) == 200
        assert at_once == [1] * 5


async def test_of_many_requests_that_arrive_together_a_few_are_served_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "TURN_S", 3_600.0)
    async with listening(tmp_path) as served:
        readers = [await served.connect(FLOOD + GET) for _ in range(AT_ONCE + 3)]
        await served.until(lambda: len(served.seen) == AT_ONCE)
        (flood,) = served.open_circuits()
        for _ in range(AT_ONCE):
            assert await served.ask(PERSON + GET) != flood.circuit.key
        assert served.seen.count(flood.circuit.key) == AT_ONCE
        monkeypatch.setattr(module, "TURN_S", 0.0)
        flood._go_on()
        assert [await answer(reader) for reader in readers] == [200] * len(readers)


async def test_without_trust_nothing_is_charged(tmp_path: Path) -> None:
    async with listening(tmp_path, trusts=False) as served:
        await open_silent(served, 1)
        assert [connection._ledger for connection in served.connections] == [None]


async def test_numbers_of_open_connections_are_registered_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEPT_AT_ONCE", 1)
    async with listening(tmp_path) as served:
        circuits = served.circuits
        assert circuits is not None
        keys = []
        for number in range(1, 4):
            assert await answer(await served.connect(proxy_line(f"0:{number}") + GET)) == 200
            keys.append(served.seen[-1])
        circuits._sweep(0.0)
        for period in range(1, 6):
            for _ in range(4):
                circuits._sweep(period * 301.0)
        assert [await served.ask(proxy_line(f"0:{n}") + GET) for n in range(1, 4)] == keys
        for writer in served.writers:
            writer.close()
        await served.until(lambda: not served.open_circuits())
        for period in range(6, 9):
            circuits._sweep(period * 301.0)
        assert await served.ask(proxy_line("0:1") + GET) not in keys
