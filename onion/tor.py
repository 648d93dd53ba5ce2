"""One tor that we launched: its folder, its process, its control connection.

This file does not depend on what the tor is for. A service, a relay and a client are handled
alike: options go in, the process is started and controlled, and the tor counts as down when
either the process or the connection ends.

No task runs in the background. Events, log lines and the end arrive as callbacks. Each callback
wakes the coroutines that wait for a condition, and they check it again.
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
from .bridges.line import parse_bridge
from .control import Control
from .diagnosis.explain import diagnose
from .errors import (
    BootstrapStalledError,
    ControlClosedError,
    ControlError,
    DiskFullError,
    OnionError,
    TorDiedError,
)
from .launch.exit_reason import NO_SPACE, cause_of, hint_for
from .launch.folder import make_private_folder, write_private
from .launch.process import OwnedProcess, spawn_owned
from .launch.torrc import Option, bridges_of, control_socket, owned_options, render_torrc

# Tor opens its control socket 20 to 100 ms after its start; a busy machine needs longer.
_CONTROL_TIMEOUT_S = 30.0
# When tor dies, its connection is lost as well. If the connection is lost first, wait this long for
# the exit of the process, which explains why.
_EXIT_TIMEOUT_S = 1.0
_NOT_LAUNCHED = "this tor was not launched: enter its context first"
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
        """Prepare; nothing is started until the context is entered.

        Args:
            program: a tor whose version was checked.
            folder: created if needed, mode 0700; may be the folder of a tor that was killed.
            options: in addition to those of `owned_options`.
            on_event: called with each control event, as text.
            on_line: called with each line of tor's log.
            on_down: called once or twice when tor has ended, also when we ended it.
            take_ownership: whether tor also exits when its control connection ends.

        Raises:
            ValueError: if tor would go around a bridge, or if a bridge is damaged; see
                `onion.bridges.plan`.
        """
        self._program = program
        self._folder = folder
        self._options = [*owned_options(folder, os.getpid()), *options]
        self._bridges = [parse_bridge(line).address for line in bridges_of(self._options)]
        self._on_event, self._on_line, self._on_down = on_event, on_line, on_down
        self._changed = asyncio.Event()
        self._takes_ownership = take_ownership
        self._listens = False
        self.event_count = 0
        """How many control events have arrived."""
        self._is_detached = False
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
            raise RuntimeError(_NOT_LAUNCHED)
        return self._control

    @property
    def pid(self) -> int:
        """The process id; only inside the context."""
        return self._running.pid

    @property
    def _running(self) -> OwnedProcess:
        if self._process is None:
            raise RuntimeError(_NOT_LAUNCHED)
        return self._process

    @property
    def is_down(self) -> bool:
        """Whether the process or the connection has ended."""
        return self._is_down

    async def __aenter__(self) -> Self:
        async with AsyncExitStack() as stack:
            stack.push_async_callback(self._close_control)
            # Exited before the callback above: killing a tor that hangs also ends a control call.
            self._process = await stack.enter_async_context(await self._start())
            self._process.add_exit_callback(self._note_down)
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

    async def detach(self) -> None:
        """Close the control connection and leave tor running.

        Only for a tor that was started with `take_ownership=False`.
        """
        if self._takes_ownership:
            raise RuntimeError("this tor would exit with its control connection")
        self._is_detached = True
        await self._close_control()

    async def request(self, command: str) -> str:
        """Send one control command and return tor's reply.

        Raises:
            ControlRefusedError: if tor refuses the command.
            ControlClosedError: if only its control connection has ended.
            TorDiedError, DiskFullError: if tor has ended.
        """
        try:
            return await self.control.request(command)
        except ControlError as error:
            raise (await self._explain_end(error) if self._is_down else error) from None

    def reload(self, *more: Option) -> None:
        """Make tor reread its configuration: its initial options and `more`.

        The options of an earlier call are dropped. A torrc and SIGHUP are used, not SETCONF: in a
        testing network the traffic of the control socket counts towards the bandwidth limit, so
        a command would wait behind the data that fills a limited connection.

        Raises:
            ControlClosedError: if tor has ended.
            FolderError, DiskFullError: if its torrc cannot be written.
        """
        if self._is_down:
            raise ControlClosedError
        self._write_torrc(*more)
        try:
            os.kill(self.pid, signal.SIGHUP)
        except ProcessLookupError:
            raise ControlClosedError from None

    async def bootstrap(
        self, *, stall_s: float, on_progress: OnProgress | None = None, events: Sequence[str] = ()
    ) -> None:
        """Wait until tor has connected to its network, and report each step.

        Args:
            stall_s: how long the percentage may stay the same.
            on_progress: called in the event loop with each new step or warning.
            events: control events to subscribe to, in addition to those of the bootstrap.

        Raises:
            BootstrapStalledError: if it makes no progress.
            ControlRefusedError: if tor refuses a command.
            ControlClosedError: if only its control connection ends meanwhile.
            TorDiedError, DiskFullError: if tor ends meanwhile.
        """
        loop = asyncio.get_running_loop()
        await self.request(" ".join(("SETEVENTS", *_EVENTS, *events)))
        self._note_progress(await self.request("GETINFO status/bootstrap-phase"))
        watch, reported = StallWatch(stall_s, loop.time()), None
        while True:
            progress = self._progress
            watch.note(progress.percent, loop.time())
            if progress != reported and on_progress is not None:
                on_progress(progress)
            reported = progress
            if progress.is_done:
                return
            try:
                await self.wait_for_event(self.event_count, timeout_s=watch.left_s(loop.time()))
            except TimeoutError:
                raise self._stalled() from None

    async def wait_for_event(self, since: int, *, timeout_s: float) -> None:
        """Wait until `event_count` is greater than `since`; raises the errors of `wait_until`."""
        await self.wait_until(lambda: self.event_count > since, timeout_s=timeout_s)

    async def wait_until(self, condition: Callable[[], bool], *, timeout_s: float) -> None:
        """Wait for a condition that becomes true through an event or a log line of this tor.

        Raises:
            TorDiedError, DiskFullError: if tor ends first.
            ControlClosedError: if only its control connection ends first.
            TimeoutError: after `timeout_s` seconds.
        """
        async with asyncio.timeout(timeout_s):
            while not condition():
                if self._is_down:
                    raise await self._explain_end(ControlClosedError())
                self._changed.clear()
                await self._changed.wait()

    async def _start(self) -> OwnedProcess:
        torrc = self._write_torrc()
        argv = [str(self._program), "--defaults-torrc", os.devnull, "-f", str(torrc)]
        return await spawn_owned(argv, on_line=self._note_line)

    def _write_torrc(self, *more: Option) -> Path:
        make_private_folder(self._folder)
        return write_private(self._folder / "torrc", render_torrc([*self._options, *more]))

    async def _attach(self) -> None:
        try:
            await self.wait_until(lambda: self._listens, timeout_s=_CONTROL_TIMEOUT_S)
            self._control = await Control.attach(
                control_socket(self._folder),
                on_event=self._note_event,
                on_closed=self._note_closed,
            )
            if self._takes_ownership:
                await self._control.take_ownership()
        except ControlError as error:
            # Tor opens the socket early in its start, and may still fail after that.
            raise await self._explain_end(error) from None
        except TimeoutError:
            raise ControlClosedError(f"not open within {_CONTROL_TIMEOUT_S:.0f} s") from None

    async def _close_control(self) -> None:
        if self._control is not None:
            await self._control.close()

    def _note_line(self, line: str) -> None:
        self._listens = self._listens or _LISTENING in line
        self._on_line(line)
        self._changed.set()

    def _note_event(self, line: str) -> None:
        self.event_count += 1
        self._note_progress(line)
        skew_s = parse_clock_skew(line)
        self._skew_s = self._skew_s if skew_s is None else skew_s
        self._on_event(line)
        self._changed.set()

    def _note_progress(self, line: str) -> None:
        self._progress = parse_progress(line) or self._progress

    def _note_closed(self) -> None:
        if not self._is_detached:
            self._note_down()

    def _note_down(self) -> None:
        self._is_down = True
        self._on_down()
        self._changed.set()

    @property
    def last_warning(self) -> str:
        """Tor's last warning, without date and level; empty if it gave none that says anything."""
        return cause_of(self._running.last_lines)

    def _stalled(self) -> BootstrapStalledError:
        last = self._progress
        found = diagnose(
            self._running.last_lines,
            tag=last.tag,
            warning=last.warning,
            skew_s=self._skew_s,
            bridges=self._bridges,
        )
        return BootstrapStalledError(
            last.percent,
            last.tag,
            last.summary,
            found.words,
            meaning=found.meaning,
            hint=found.hint,
        )

    async def _explain_end(self, otherwise: OnionError) -> OnionError:
        """Return the error that explains the exit of the process; `otherwise` if it still runs."""
        try:
            async with asyncio.timeout(_EXIT_TIMEOUT_S):
                status = await self._running.wait()
        except TimeoutError:
            return otherwise
        # A killed process cannot log why: its last lines are older and do not explain the end.
        cause = cause_of(self._running.last_lines) if status >= 0 else ""
        if NO_SPACE in cause:
            return DiskFullError(self._folder)
        return TorDiedError(status, cause, hint=hint_for(cause))
