"""Child processes that never outlive this program, and whose last output is kept.

Three mechanisms tie a child to this program. `setpriv --pdeathsig KILL` makes the kernel kill the
child as soon as our thread ends, even if we are killed by SIGKILL. The child has its own session,
so a terminal's Ctrl-C reaches only us, and we stop the child in order. And `OwnedProcess` is a
context manager that stops the child.

The child's output goes through a pipe into a short buffer in memory, never to disk. Pipe data and
exit are callbacks of one asyncio protocol, so no task has to be managed.
"""

from __future__ import annotations

import asyncio
import os
import signal
from asyncio.subprocess import DEVNULL, PIPE, STDOUT
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from onion.errors import ToolFailedError

from .exit_reason import cause_of, hint_for
from .program import find_program

KEPT_LINES = 40  # tor's longest fatal explanation is about ten
MAX_LINE_BYTES = 4096
STOP_GRACE_S = 2.0
# After an exit the pipe usually ends at once, but a grandchild may hold it open.
_PIPE_GRACE_S = 0.3

# The child itself sets its parent-death signal. If we died before that, the kernel would never
# kill it. So this script checks that we are still the parent before it executes the program.
_ONLY_IF_OWNED = 'test "$PPID" = "$1" && shift && exec "$@"'

OnLine = Callable[[str], None]


class _Protocol(asyncio.SubprocessProtocol):
    """Splits a child's output into lines, and records its exit."""

    def __init__(self, on_line: OnLine | None) -> None:
        loop = asyncio.get_running_loop()
        self.exited: asyncio.Future[None] = loop.create_future()
        self.drained: asyncio.Future[None] = loop.create_future()
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._on_line = on_line
        self._partial = b""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        *complete, self._partial = (self._partial + data).split(b"\n")
        for line in complete:
            self._add_line(line)
        if len(self._partial) > MAX_LINE_BYTES:
            self._add_line(self._partial)
            self._partial = b""

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if self._partial:
            self._add_line(self._partial)
            self._partial = b""

    def process_exited(self) -> None:
        if not self.exited.done():
            self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.drained.done():
            self.drained.set_result(None)

    def _add_line(self, raw: bytes) -> None:
        line = raw[:MAX_LINE_BYTES].decode("utf-8", "replace").rstrip("\r")
        self.lines.append(line)
        if self._on_line is not None:
            self._on_line(line)


class OwnedProcess:
    """A child process; leaving its context stops it."""

    def __init__(self, transport: asyncio.SubprocessTransport, protocol: _Protocol) -> None:
        self._transport = transport
        self._protocol = protocol
        self.pid: int = transport.get_pid()

    @property
    def is_alive(self) -> bool:
        """Whether its exit has not been noticed yet."""
        return not self._protocol.exited.done()

    @property
    def status(self) -> int | None:
        """Exit status, negative for a signal; None while it runs."""
        return self._transport.get_returncode()

    @property
    def last_lines(self) -> list[str]:
        """The last lines of its output, both streams mixed: at most 40, oldest first."""
        return list(self._protocol.lines)

    def add_exit_callback(self, callback: Callable[[], None]) -> None:
        """Call `callback` once, from the event loop, after it has exited."""
        self._protocol.exited.add_done_callback(lambda _: callback())

    async def wait(self) -> int:
        """Wait for its exit and its last output; return the status. May be called repeatedly."""
        await asyncio.shield(self._protocol.exited)
        await asyncio.wait([self._protocol.drained], timeout=_PIPE_GRACE_S)
        self._transport.close()
        return cast(int, self.status)

    def kill(self) -> None:
        """Kill it at once, with all processes in its process group."""
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    async def stop(self, grace_s: float = STOP_GRACE_S) -> int:
        """Send SIGTERM; kill it after `grace_s` seconds or when cancelled. Return the status."""
        try:
            if self.is_alive:
                with suppress(ProcessLookupError):
                    # Not `transport.terminate()`: if the child has just exited, that collects the
                    # exit status before asyncio does; asyncio then logs a warning and reports
                    # a made-up status.
                    os.kill(self.pid, signal.SIGTERM)
                await asyncio.wait([self._protocol.exited], timeout=grace_s)
        finally:
            self.kill()
        return await self.wait()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        await self.stop()


async def spawn_owned(
    argv: Sequence[str],
    *,
    stdin: int = DEVNULL,
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
    pass_fds: Sequence[int] = (),
    on_line: OnLine | None = None,
) -> OwnedProcess:
    """Start a child that is killed when this program ends.

    It is killed when the *thread* that starts it ends, so the event loop must run in a thread that
    lives as long as the program.

    Args:
        argv: an absolute path, then its arguments.
        stdin: a file descriptor that the child reads; by default /dev/null.
        env: the whole environment; None inherits ours.
        cwd: its working directory; None inherits ours.
        pass_fds: descriptors that stay open in the child, under the same numbers.
        on_line: called in the event loop with each line of output; must not raise.

    Raises:
        ProgramMissingError: if `setpriv` (util-linux) is not installed.
    """
    setpriv = str(find_program("setpriv", package="util-linux"))
    transport, protocol = await asyncio.get_running_loop().subprocess_exec(
        lambda: _Protocol(on_line),
        *(setpriv, "--pdeathsig", "KILL", "--"),
        *("/bin/sh", "-c", _ONLY_IF_OWNED, "owned", str(os.getpid())),
        *argv,
        stdin=stdin,
        stdout=PIPE,
        stderr=STDOUT,
        env=env,
        cwd=cwd,
        pass_fds=tuple(pass_fds),
        start_new_session=True,
    )
    return OwnedProcess(transport, protocol)


async def run_owned(
    argv: Sequence[str],
    *,
    stdin: int = DEVNULL,
    timeout_s: float = 60.0,
    on_line: OnLine | None = None,
) -> str:
    """Run a tool until it exits, and return its output (the last 40 lines).

    Args:
        argv: an absolute path, then its arguments.
        stdin: a file descriptor that the tool reads; by default /dev/null.
        timeout_s: how long it may take.
        on_line: called with each line, for a tool that prints more than 40.

    Raises:
        ToolFailedError: if it exits with a status other than 0, or not within `timeout_s`.
    """
    async with await spawn_owned(argv, stdin=stdin, on_line=on_line) as process:
        name = Path(argv[0]).name
        try:
            async with asyncio.timeout(timeout_s):
                status = await process.wait()
        except TimeoutError:
            raise ToolFailedError(name, None, f"no answer in {timeout_s:.0f} s") from None
        if status != 0:
            cause = cause_of(process.last_lines)
            raise ToolFailedError(name, status, cause, hint=hint_for(cause))
        return "\n".join(process.last_lines)
