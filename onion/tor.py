"""One running tor of ours: its folder, its process, its control connection.

Nothing here knows what the tor is for. A service, a relay and a client are the same to this
file: options go in, the process is started and controlled, and it is over when either the
process or the connection ends.

There is no task. Events, lines and the end are callbacks; a coroutine that waits for
something to become true is woken by each of them and looks again.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from .bootstrap import Progress, StallWatch, parse_clock_skew, parse_progress
from .control import Control
from .errors import (
    BootstrapStalledError,
    ControlRefusedError,
    DiskFullError,
    OnionError,
    TorDiedError,
)
from .launch.exit_reason import NO_SPACE, cause_of, hint_for
from .launch.folder import make_private_folder, write_private
from .launch.process import OwnedProcess, spawn_owned
from .launch.torrc import Option, control_socket, owned_options, render_torrc

# Tor opens its control socket 20 to 100 ms after its start; a busy machine needs longer.
_CONTROL_BOUND_S = 30.0
# A lost connection and a death are one event told twice; this is how long we wait for the other.
_DEATH_BOUND_S = 1.0
_OUTSIDE = "this tor was not launched: enter its context first"
_LISTENING = "Opened Control listener connection (ready)"
_EVENTS = ("STATUS_CLIENT", "STATUS_GENERAL")

OnProgress = Callable[[Progress], None]
OnText = Callable[[str], None]


class Tor:
    """A tor that runs while its context is open."""

    def __init__(
        self,
        program: Path,
        folder: Path,
        options: Sequence[Option],
        *,
        on_event: OnText = lambda line: None,
        on_line: OnText = lambda line: None,
        on_down: Callable[[], None] = lambda: None,
        take_ownership: bool = True,
    ) -> None:
        """Prepare; nothing is started before the context is entered.

        Args:
            program: a tor of a version that was checked.
            folder: made if needed, mode 0700; may be one of a tor that was killed.
            options: beside those of `torrc.owned_options`.
            on_event: each control event, as one text.
            on_line: each line of its log.
            on_down: once or twice, when it has ended; also when we ended it.
            take_ownership: whether tor ends with its control connection, too.
        """
        self._program = program
        self._folder = folder
        self._options = [*owned_options(folder, os.getpid()), *options]
        self._on_event, self._on_line, self._on_down = on_event, on_line, on_down
        self._news = asyncio.Event()
        self._takes_ownership = take_ownership
        self._listens = False
        self.heard = 0
        """How many control events it has told."""
        self._is_let_go = False
        self._is_down = False
        self._skew_s: int | None = None
        self._progress = Progress(0, "starting", "Starting")
        self._process: OwnedProcess | None = None
        self._control: Control | None = None
        self._stack = AsyncExitStack()

    @property
    def control(self) -> Control:
        """The control connection; only inside the context."""
        if self._control is None:
            raise RuntimeError(_OUTSIDE)
        return self._control

    @property
    def pid(self) -> int:
        """The process; only inside the context."""
        return self._running.pid

    @property
    def _running(self) -> OwnedProcess:
        if self._process is None:
            raise RuntimeError(_OUTSIDE)
        return self._process

    @property
    def is_down(self) -> bool:
        """Whether process or connection has ended."""
        return self._is_down

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._close_control)
            # Left first, so that a tor that hangs is killed and the control call with it.
            self._process = await stack.enter_async_context(await self._start())
            self._process.when_dead(self._note_down)
            await self._attach()
            self._stack = stack.pop_all()
        return self

    async def __aexit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        await self._stack.aclose()

    async def let_go(self) -> None:
        """Close the control connection and leave tor running; for one that was not owned by it."""
        if self._takes_ownership:
            raise RuntimeError("this tor would end with its connection")
        self._is_let_go = True
        await self._close_control()

    async def ask(self, command: str) -> str:
        """Send one control command.

        Raises:
            ControlRefusedError: if tor says no.
            TorDiedError, DiskFullError: if there is no tor any more.
        """
        try:
            return await self.control.ask(command)
        except ControlRefusedError as error:
            raise (await self._ending(error) if self._is_down else error) from None

    def change(self, *more: Option) -> None:
        """Let it go on with the options of its start, and with these instead of others before.

        By its torrc and a signal: what is read from the control socket counts towards a limited
        bandwidth in a testing network, and would wait behind all that fills the line.

        Raises:
            ControlRefusedError: if there is no tor any more.
            FolderError, DiskFullError: if its torrc cannot be written.
        """
        gone = ControlRefusedError("the connection is closed")
        if self._is_down:
            raise gone
        self._write(*more)
        try:
            os.kill(self.pid, signal.SIGHUP)
        except ProcessLookupError:
            raise gone from None

    async def bootstrap(
        self, *, stall_s: float, on_progress: OnProgress | None = None, events: Sequence[str] = ()
    ) -> None:
        """Wait until tor has reached its network, telling each step.

        Args:
            stall_s: how long it may stay at one percentage.
            on_progress: called in the event loop with each new step or warning.
            events: control events to subscribe to beside those of the bootstrap.

        Raises:
            BootstrapStalledError: if it gets no further.
            TorDiedError, DiskFullError: if tor ends meanwhile.
        """
        loop = asyncio.get_running_loop()
        await self.ask(" ".join(("SETEVENTS", *_EVENTS, *events)))
        self._note_progress(await self.ask("GETINFO status/bootstrap-phase"))
        watch, told = StallWatch(stall_s, loop.time()), None
        while True:
            progress = self._progress
            watch.note(progress.percent, loop.time())
            if progress != told and on_progress is not None:
                on_progress(progress)
            told = progress
            if progress.is_done:
                return
            try:
                await self.wait_for_news(self.heard, bound_s=watch.left_s(loop.time()))
            except TimeoutError:
                raise self._stalled() from None

    async def wait_for_news(self, since: int, *, bound_s: float) -> None:
        """Wait until it has told more than `since` events; errors are those of `wait_until`."""
        await self.wait_until(lambda: self.heard > since, bound_s=bound_s)

    async def wait_until(self, is_so: Callable[[], bool], *, bound_s: float) -> None:
        """Wait for something that an event or a line of this tor makes true.

        Raises:
            TorDiedError, DiskFullError: if tor ends before.
            ControlRefusedError: if only its control connection does.
            TimeoutError: after `bound_s` seconds.
        """
        async with asyncio.timeout(bound_s):
            while not is_so():
                if self._is_down:
                    raise await self._ending(ControlRefusedError("the connection is closed"))
                self._news.clear()
                await self._news.wait()

    async def _start(self) -> OwnedProcess:
        torrc = self._write()
        argv = [str(self._program), "--defaults-torrc", os.devnull, "-f", str(torrc)]
        return await spawn_owned(argv, on_line=self._note_line)

    def _write(self, *more: Option) -> Path:
        make_private_folder(self._folder)
        return write_private(self._folder / "torrc", render_torrc([*self._options, *more]))

    async def _attach(self) -> None:
        try:
            await self.wait_until(lambda: self._listens, bound_s=_CONTROL_BOUND_S)
            self._control = await Control.attach(
                control_socket(self._folder),
                on_event=self._note_event,
                on_closed=self._note_closed,
            )
            if self._takes_ownership:
                await self._control.take_ownership()
        except ControlRefusedError as error:
            # Tor opens the socket early, and may find only then that it cannot run.
            raise await self._ending(error) from None
        except TimeoutError:
            raise ControlRefusedError(f"not open within {_CONTROL_BOUND_S:.0f} s") from None

    async def _close_control(self) -> None:
        if self._control is not None:
            await self._control.close()

    def _note_line(self, line: str) -> None:
        self._listens = self._listens or _LISTENING in line
        self._on_line(line)
        self._news.set()

    def _note_event(self, line: str) -> None:
        self.heard += 1
        self._note_progress(line)
        skew_s = parse_clock_skew(line)
        self._skew_s = self._skew_s if skew_s is None else skew_s
        self._on_event(line)
        self._news.set()

    def _note_progress(self, line: str) -> None:
        self._progress = parse_progress(line) or self._progress

    def _note_closed(self) -> None:
        if not self._is_let_go:
            self._note_down()

    def _note_down(self) -> None:
        self._is_down = True
        self._on_down()
        self._news.set()

    def _stalled(self) -> BootstrapStalledError:
        last = self._progress
        warning = last.warning
        if self._skew_s is not None:
            warning = f"the clock of this machine seems to be off by {self._skew_s} s"
        return BootstrapStalledError(last.percent, last.tag, last.summary, warning)

    async def _ending(self, otherwise: OnionError) -> OnionError:
        """Explain why it is over: by the death of the process if that comes, or `otherwise`."""
        try:
            async with asyncio.timeout(_DEATH_BOUND_S):
                status = await self._running.wait()
        except TimeoutError:
            return otherwise
        # Who was killed had no last words: what stands there is older.
        cause = cause_of(self._running.last_words) if status >= 0 else ""
        if NO_SPACE in cause:
            return DiskFullError(self._folder)
        return TorDiedError(status, cause, hint=hint_for(cause))
