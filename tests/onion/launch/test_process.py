"""A child's last output is kept; it is stopped in bounded time, and dies with its parent."""

from __future__ import annotations

import asyncio
import os
import select
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from onion.errors import ToolFailedError
from onion.launch.process import KEPT_LINES, MAX_LINE_BYTES, run_owned, spawn_owned

ROOT = Path(__file__).parents[3]


def shell(script: str) -> list[str]:
    return ["/bin/sh", "-c", script]


def dies_within(pid: int, bound_s: float) -> bool:
    """Wait for the exit of any process, not only of a child; return whether it came in time."""
    try:
        handle = os.pidfd_open(pid)
    except ProcessLookupError:
        return True
    with open(handle, "rb", buffering=0):
        return bool(select.select([handle], [], [], bound_s)[0])


async def test_last_lines_of_both_output_streams_are_kept() -> None:
    async with await spawn_owned(shell("echo one; echo two >&2; printf three; exit 3")) as child:
        assert await child.wait() == 3
        assert child.last_lines == ["one", "two", "three"]
        assert not child.is_alive


async def test_kept_output_is_bounded_in_lines_and_length() -> None:
    noise = f"i=0; while [ $i -lt 100 ]; do echo $i; i=$((i+1)); done; head -c {10**6} /dev/zero"
    async with await spawn_owned(shell(noise)) as child:
        await child.wait()
        assert len(child.last_lines) == KEPT_LINES
        assert max(len(line) for line in child.last_lines) <= MAX_LINE_BYTES


async def test_each_line_is_passed_on_at_once() -> None:
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


async def test_standard_input_is_empty_by_default() -> None:
    assert await run_owned(shell("cat; echo end")) == "end"


async def test_child_has_its_own_session() -> None:
    async with await spawn_owned(shell("exec sleep 60")) as child:
        assert os.getsid(child.pid) == child.pid != os.getsid(0)


async def test_exit_calls_the_registered_callback() -> None:
    dead = asyncio.Event()
    async with await spawn_owned(shell("exec sleep 60")) as child:
        child.add_exit_callback(dead.set)
        os.kill(child.pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            await dead.wait()
        assert await child.wait() == -signal.SIGKILL


async def test_stop_lets_the_child_exit_by_itself() -> None:
    ready = asyncio.Event()
    script = "trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done"
    child = await spawn_owned(shell(script), on_line=lambda line: ready.set())
    async with asyncio.timeout(30):
        await ready.wait()
    assert await child.stop() == 0
    assert child.last_lines == ["ready", "bye"]


async def test_child_that_ignores_sigterm_is_killed_with_its_children() -> None:
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


async def test_cancelled_stop_kills_the_child() -> None:
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


async def test_child_that_dies_before_the_stop_keeps_its_status(
    caplog: pytest.LogCaptureFixture,
) -> None:
    children = [await spawn_owned(shell("exec sleep 60")) for _ in range(20)]
    for child in children:
        os.kill(child.pid, signal.SIGKILL)
        # Nothing is awaited in between: the child is dead, but asyncio has not noticed yet.
        assert dies_within(child.pid, 20)
        assert child.is_alive
        assert await child.stop() == -signal.SIGKILL
    assert caplog.text == ""


async def test_stop_after_the_exit_does_nothing() -> None:
    async with await spawn_owned(shell("exit 4")) as child:
        await child.wait()
        assert await child.stop() == 4
        assert await child.stop() == 4


async def test_failed_tool_is_reported_with_its_name_and_output() -> None:
    with pytest.raises(ToolFailedError, match="sh ended with status 2: no such luck"):
        await run_owned(shell("echo no such luck; exit 2"))


async def test_tool_that_hangs_is_stopped() -> None:
    with pytest.raises(ToolFailedError, match="no answer"):
        await run_owned(shell("exec sleep 60"), timeout_s=0.05)


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
def test_child_dies_at_once_when_its_parent_is_killed() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as parent:
        assert parent.stdout is not None
        pid = int(parent.stdout.readline())
        parent.kill()
        # Left to itself it would live for a minute.
        assert dies_within(pid, 20)
