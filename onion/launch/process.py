"""A child process that is ours: it ends when we do, and we know why it ended.

Three things tie a child to us. `setpriv --pdeathsig KILL` asks the kernel to kill it the moment
our thread is gone, even by SIGKILL. Its own session keeps a terminal's Ctrl-C from it: we are
told, and we end it in order. And `OwnedProcess` is a context manager.

What it prints goes through a pipe into a short memory (`last_words`) and never to disk. Pipe
and death are callbacks of one asyncio protocol, so there is no task to look after.
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

from onion.errors import TorDiedError

from .exit_reason import cause_of, hint_for
from .program import find_program

KEPT_LINES = 40  # tor's longest fatal explanation is about ten
MAX_LINE_BYTES = 4096
STOP_GRACE_S = 2.0
# After a death the pipe usually ends in the same instant; a grandchild may hold it open.
_PIPE_GRACE_S = 0.3

# The kernel is asked by the child itself. Had we died before that, nobody would kill it: so the
# next step looks whether its parent is still us, and only then becomes the program.
_ONLY_IF_OWNED = 'test "$PPID" = "$1" && shift && exec "$@"'

OnLine = Callable[[str], None]


class _Protocol(asyncio.SubprocessProtocol):
    """Splits what a child prints into lines, and notes its end."""

    def __init__(self, on_line: OnLine | None) -> None:
        loop = asyncio.get_running_loop()
        self.exited: asyncio.Future[None] = loop.create_future()
        self.drained: asyncio.Future[None] = loop.create_future()
        self.lines: deque[str] = deque(maxlen=KEPT_LINES)
        self._on_line = on_line
        self._rest = b""

    def pipe_data_received(self, fd: int, data: bytes) -> None:
        *whole, self._rest = (self._rest + data).split(b"\n")
        for line in whole:
            self._take(line)
        if len(self._rest) > MAX_LINE_BYTES:
            self._take(self._rest)
            self._rest = b""

    def pipe_connection_lost(self, fd: int, exc: Exception | None) -> None:
        if self._rest:
            self._take(self._rest)
            self._rest = b""

    def process_exited(self) -> None:
        if not self.exited.done():
            self.exited.set_result(None)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.drained.done():
            self.drained.set_result(None)

    def _take(self, raw: bytes) -> None:
        line = raw[:MAX_LINE_BYTES].decode("utf-8", "replace").rstrip("\r")
        self.lines.append(line)
        if self._on_line is not None:
            self._on_line(line)


class OwnedProcess:
    """A running child; leaving its context ends it."""

    def __init__(self, transport: asyncio.SubprocessTransport, protocol: _Protocol) -> None:
        self._transport = transport
        self._protocol = protocol
        self.pid: int = transport.get_pid()

    @property
    def is_alive(self) -> bool:
        """Whether its death has not been seen yet."""
        return not self._protocol.exited.done()

    @property
    def status(self) -> int | None:
        """Exit status, negative for a signal; None while it lives."""
        return self._transport.get_returncode()

    @property
    def last_words(self) -> list[str]:
        """What it printed last, both streams mixed: at most 40 lines, oldest first."""
        return list(self._protocol.lines)

    def when_dead(self, callback: Callable[[], None]) -> None:
        """Call back, soon and once, when it has died."""
        self._protocol.exited.add_done_callback(lambda _: callback())

    async def wait(self) -> int:
        """Wait for its death and its last words; may be called by several, and again."""
        await asyncio.shield(self._protocol.exited)
        await asyncio.wait([self._protocol.drained], timeout=_PIPE_GRACE_S)
        self._transport.close()
        return cast(int, self.status)

    def kill(self) -> None:
        """End it at once, with everything in its session that it has started."""
        if self.is_alive:
            with suppress(ProcessLookupError):
                os.killpg(self.pid, signal.SIGKILL)

    async def stop(self, grace_s: float = STOP_GRACE_S) -> int:
        """Ask it to end, and end it by force after `grace_s` seconds or when cancelled."""
        try:
            if self.is_alive:
                with suppress(ProcessLookupError):
                    # Not the transport's own way: that collects the status of one who has just
                    # died, before asyncio does, which then complains and makes up another.
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
    pass_fds: Sequence[int] = (),
    on_line: OnLine | None = None,
) -> OwnedProcess:
    """Start a child that dies with us.

    It dies with the *thread* that starts it, so the event loop must run in a thread that lives
    as long as the program does.

    Args:
        argv: an absolute path, then its arguments.
        stdin: a file descriptor that the child reads; by default, nothing.
        env: the whole environment; None is ours.
        pass_fds: descriptors that stay open in the child, under the same numbers.
        on_line: called in the event loop with each line it prints; must not raise.

    Raises:
        ProgramMissingError: if there is no `setpriv` (util-linux).
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
        pass_fds=tuple(pass_fds),
        start_new_session=True,
    )
    return OwnedProcess(transport, protocol)


async def run_owned(
    argv: Sequence[str],
    *,
    stdin: int = DEVNULL,
    bound_s: float = 60.0,
    on_line: OnLine | None = None,
) -> str:
    """Run a tool to its end, and give what it printed (its last 40 lines).

    Args:
        argv: an absolute path, then its arguments.
        stdin: a file descriptor that the tool reads; by default, nothing.
        bound_s: how long it may take.
        on_line: called with each line, for a tool that prints more than is kept.

    Raises:
        TorDiedError: if it ended with another status than 0, or not within `bound_s`.
    """
    async with await spawn_owned(argv, stdin=stdin, on_line=on_line) as process:
        name = Path(argv[0]).name
        try:
            async with asyncio.timeout(bound_s):
                status = await process.wait()
        except TimeoutError:
            raise TorDiedError(None, f"no answer in {bound_s:.0f} s", program=name) from None
        if status != 0:
            cause = cause_of(process.last_words)
            raise TorDiedError(status, cause, hint=hint_for(cause), program=name)
        return "\n".join(process.last_words)
