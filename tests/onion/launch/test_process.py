"""A child of ours tells its last words, is stopped in bounded time, and dies with us."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from onion.errors import TorDiedError
from onion.launch.process import KEPT_LINES, MAX_LINE_BYTES, run_owned, spawn_owned

ROOT = Path(__file__).parents[3]


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


def dies_within(pid: int, bound_s: float) -> bool:
    """Wait for the end of any process, not only of a child."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with open(handle, "rb", buffering=0):
        return bool(select.select([handle], [], [], bound_s)[0])


async def test_last_words_of_both_streams_are_kept() -> None:
    async with await spawn_owned(shell("echo one; echo two >&2; printf three; exit 3")) as child:
        assert await child.wait() == 3
        assert child.last_words == ["one", "two", "three"]
        assert not child.is_alive


async def test_memory_of_a_talkative_child_is_bounded() -> None:
    noise = f"i=0; while [ $i -lt 100 ]; do echo $i; i=$((i+1)); done; head -c {10**6} /dev/zero"
    async with await spawn_owned(shell(noise)) as child:
        await child.wait()
        assert len(child.last_words) == KEPT_LINES
        assert max(len(line) for line in child.last_words) <= MAX_LINE_BYTES


async def test_each_line_is_told_as_it_comes() -> None:
    lines: list[str] = []
    ready = asyncio.Event()

    def take(line: str) -> None:
        lines.append(line)
        ready.set()

    async with await spawn_owned(shell("echo ready; exec sleep 60"), on_line=take) as child:
        async with asyncio.timeout(30):
            await ready.wait()
        assert child.is_alive
    assert lines == ["ready"]


async def test_child_reads_nothing_unless_it_is_given_something() -> None:
    assert await run_owned(shell("cat; echo end")) == "end"


async def test_child_stands_in_a_session_of_its_own() -> None:
    async with await spawn_owned(shell("exec sleep 60")) as child:
        assert os.getsid(child.pid) == child.pid != os.getsid(0)


async def test_death_is_told_to_who_asked() -> None:
    dead = asyncio.Event()
    async with await spawn_owned(shell("exec sleep 60")) as child:
        child.when_dead(dead.set)
        os.kill(child.pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            await dead.wait()
        assert await child.wait() == -signal.SIGKILL


async def test_stopping_asks_first() -> None:
    ready = asyncio.Event()
    script = "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done"
    child = await spawn_owned(shell(script), on_line=lambda line: ready.set())
    async with asyncio.timeout(30):
        await ready.wait()
    assert await child.stop() == 0
    assert child.last_words == ["ready", "bye"]


async def test_child_that_does_not_listen_is_killed_with_what_it_started() -> None:
    lines: list[str] = []
    ready = asyncio.Event()

    def take(line: str) -> None:
        lines.append(line)
        ready.set()

    script = "trap '' TERM; sleep 60 & echo $!; wait"
    child = await spawn_owned(shell(script), on_line=take)
    async with asyncio.timeout(30):
        await ready.wait()
    assert await child.stop(grace_s=0.05) == -signal.SIGKILL
    assert dies_within(int(lines[0]), 20)


async def test_stop_that_is_cancelled_kills() -> None:
    ready = asyncio.Event()
    script = "trap '' TERM; echo ready; while :; do sleep 60; done"
    child = await spawn_owned(shell(script), on_line=lambda line: ready.set())
    async with asyncio.timeout(30):
        await ready.wait()
    stopping = asyncio.ensure_future(child.stop(grace_s=60))
    await asyncio.sleep(0)
    stopping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await stopping
    async with asyncio.timeout(30):
        assert await child.wait() == -signal.SIGKILL


async def test_child_that_dies_while_it_is_stopped_keeps_its_own_status(
    caplog: pytest.LogCaptureFixture,
) -> None:
    children = [await spawn_owned(shell("exec sleep 60")) for _ in range(20)]
    for child in children:
        os.kill(child.pid, signal.SIGKILL)
        # Nothing is awaited in between: its death is there, and not noticed yet.
        assert dies_within(child.pid, 20)
        assert child.is_alive
        assert await child.stop() == -signal.SIGKILL
    assert caplog.text == ""


async def test_stopping_the_dead_does_nothing() -> None:
    async with await spawn_owned(shell("exit 4")) as child:
        await child.wait()
        assert await child.stop() == 4
        assert await child.stop() == 4


async def test_tool_that_fails_is_told_with_its_name_and_words() -> None:
    with pytest.raises(TorDiedError, match="sh ended with status 2: no such luck"):
        await run_owned(shell("echo no such luck; exit 2"))


async def test_tool_that_hangs_is_ended() -> None:
    with pytest.raises(TorDiedError, match="no answer"):
        await run_owned(shell("exec sleep 60"), bound_s=0.05)


PARENT = """
import asyncio
from onion import spawn_owned
async def main():
    child = await spawn_owned(["/bin/sleep", "60"])
    print(child.pid, flush=True)
    await child.wait()
asyncio.run(main())
"""


@pytest.mark.slow
def test_child_dies_at_once_with_a_parent_that_was_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        # Left to itself it would live for a minute.
        assert dies_within(pid, 20)
