"""The web process's memory keeps no data of ended conversations, and only root can read it.

As root, these tests read the process's memory, as an attacker who has the machine could. For any
other user the kernel refuses, and the tests assert the refusal.
"""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Callable, Collection, Iterable
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from server.demo.text_browser import TextBrowser

from .canaries import (
    CANARIES,
    Pair,
    converse,
    leave_both,
    persistent_connections,
    reading,
    send_nonsense,
    share_a_room,
)
from .image import Needle, below_the_stack, can_read_memory, image
from .in_process import run_pending_callbacks
from .needles import Needles
from .server_process import TOP, USUAL, LaunchOptions, ServerProcess, running_server

pytestmark = [pytest.mark.checklist(26), pytest.mark.slow]  # a process for each test

TALKS = 24
OPEN, UNDER_WAY = "vykqzufj", "jhwqvxzu"
"""A message in an open conversation; a word in a request that has not ended."""

TRUSTING = LaunchOptions(module="tests.process.trusting")

NO_COLLECTOR = LaunchOptions(module="tests.process.uncollected")

WEAK = LaunchOptions(
    prefix=("setpriv", "--bounding-set=-sys_ptrace", "--inh-caps=-sys_ptrace")
    if can_read_memory()
    else ()
)
"""Runs a program that, even as root, may not read processes that are not dumpable."""

Search = Callable[[ServerProcess, Collection[Needle]], set[Needle] | None]


@pytest.fixture
def search(capsys: pytest.CaptureFixture[str]) -> Search:
    """Search for needles, and print what was searched; `None` if the kernel forbids it."""

    def found_in(server: ServerProcess, needles: Collection[Needle]) -> set[Needle] | None:
        wait_for_stack_overwrite(server)
        if not can_read_memory():
            with pytest.raises(PermissionError):
                image(server.process.pid, needles)
            return None
        seen = image(server.process.pid, needles)
        with capsys.disabled():
            print(f"\n{seen}")  # noqa: T201
        return set(seen.found)

    return found_in


WAKES = 30


def wait_for_stack_overwrite(server: ServerProcess) -> None:
    """Wait for `WAKES` wake-ups of the server, in which it overwrites the unused part of its stack.

    It wakes for each slot of its timer wheel, and overwrites the stack every fifth time. The first
    wake-ups may still come from connections that were closed.
    """
    before = wakes(server)
    while wakes(server) < before + WAKES:
        pass


def wakes(server: ServerProcess) -> int:
    """Return how often the process has waited. Source: proc(5), `status`."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    return int(status.partition("\nvoluntary_ctxt_switches:")[2].split()[0])


def secrets_of(cookies: Iterable[str]) -> list[Needle]:
    """Return the session secrets in cookies."""
    return [base64.urlsafe_b64decode(cookie.partition("=")[2] + "=") for cookie in cookies]


@pytest.mark.parametrize(
    "launch", [USUAL, NO_COLLECTOR, TRUSTING], ids=["as it is", "no collector", "with circuits"]
)
async def test_nothing_is_left_in_memory_when_all_have_left(
    tmp_path: Path, search: Search, launch: LaunchOptions
) -> None:
    with running_server(tmp_path, launch=launch) as server:
        cookies: list[str] = []
        needles = Needles()
        async with AsyncExitStack() as stack:
            for word in CANARIES:
                await send_nonsense(needles.on_circuit(server.connect), word)
                cookies += await share_a_room(needles.on_circuit(server.connect), word)
                connections = persistent_connections(needles.on_circuit(server.connect), word)
                cookies += await stack.enter_async_context(connections)
            for number in range(TALKS):
                word = CANARIES[number % len(CANARIES)]
                connect, other = (needles.on_circuit(server.connect) for _ in "12")
                cookies += await converse(connect, word, panics=number % 3 == 0, other=other)
            assert not search(server, [*CANARIES, *secrets_of(cookies)])
        assert server.ask_admin(b"status\n")["failures"] == 0


async def test_only_open_conversations_and_requests_are_found(
    tmp_path: Path, search: Search
) -> None:
    with running_server(tmp_path) as server:
        cookies = await converse(server.connect, CANARIES[0], panics=False)
        pair = await Pair.meet(server.browser(), server.browser())
        _, writer = await server.connect()
        writer.write(f"GET /{UNDER_WAY} HTTP/1.1\r\nHost: x\r\n".encode())
        async with reading(pair.first), reading(pair.second):
            await pair.first.send(OPEN)
            assert await pair.second.texts() == [OPEN]
            found = search(server, [CANARIES[0], OPEN, UNDER_WAY, *secrets_of(cookies)])
            # Messages of an open conversation are sealed; their text may still be in memory or not.
            assert found is None or found - {OPEN} == {UNDER_WAY}
            writer.close()
            await leave_both(pair, panics=True)
        assert not search(server, [OPEN, UNDER_WAY])


async def test_secret_is_in_memory_only_for_a_stream_or_request(
    tmp_path: Path, search: Search
) -> None:
    with running_server(tmp_path) as server:
        pair = await Pair.meet(server.browser(), server.browser())
        streaming, silent = secrets_of(t.browser.cookie for t in (pair.first, pair.second))
        async with reading(pair.first):
            await pair.second.texts()
            assert search(server, [streaming, silent]) in (None, {streaming})
            await leave_both(pair, panics=False)


async def test_number_of_a_circuit_is_in_memory_only_while_it_is_connected(
    tmp_path: Path, search: Search
) -> None:
    with running_server(tmp_path, launch=TRUSTING) as server:
        needles, still_open = Needles(), Needles()
        reader, writer = await still_open.on_circuit(server.connect)()
        writer.write(b"GET /help HTTP/1.1\r\nHost: x\r\n\r\n")
        await reader.readuntil(b"\r\n\r\n")
        for word in CANARIES:
            connect = needles.on_circuit(server.connect)
            await converse(connect, word, panics=True)
            await share_a_room(connect, word)
            # On a slow machine it may be in debt, and the end of a connection is not seen until it
            # has paid; then this is answered.
            await TextBrowser(connect).get("/help")
        await run_pending_callbacks()
        closed, open_one = needles.of_kind("circuit id"), still_open.of_kind("circuit id")
        assert len(closed) == len(CANARIES)
        assert search(server, [*closed, *open_one]) in (None, open_one)
        writer.close()
        await run_pending_callbacks()
        assert not search(server, [*closed, *open_one])
        assert server.ask_admin(b"status\n")["failures"] == 0


async def test_unused_stack_contains_no_data(tmp_path: Path) -> None:
    unused = range(2**13, 2**15)
    with running_server(tmp_path) as server:
        await converse(server.connect, CANARIES[1], panics=False)
        wait_for_stack_overwrite(server)
        if can_read_memory():
            assert not any(below_the_stack(server.process.pid, unused))
        else:
            with pytest.raises(PermissionError):
                below_the_stack(server.process.pid, unused)


def test_process_can_only_be_read_by_root(tmp_path: Path) -> None:
    with running_server(tmp_path, launch=WEAK) as server:
        words = (sys.executable, "-m", "tests.process.image", str(server.process.pid), "x")
        argv = [*map(str, WEAK.prefix), *words]
        tried = subprocess.run(argv, cwd=TOP, capture_output=True, text=True, check=False)
    assert tried.returncode == 1
    assert "PermissionError" in tried.stderr
