"""Tor's control socket, as coroutines. The one file that knows stem.

stem is built on threads and blocks. Here every call to it runs in one thread of its own, so
calls keep their order and the event loop never waits; what stem's threads tell us comes over
by `call_soon_threadsafe`. Only its lower half is used (`BaseController`: socket, replies,
events as text), because what the lines mean is the matter of the pure files.

Of a refusal only tor's status line is told, and of that no word that could be a key.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import PurePath
from typing import Any, Self, TypeVar

import stem
import stem.connection
import stem.control
import stem.socket

from .errors import ControlRefusedError

T = TypeVar("T")
OnEvent = Callable[[str], None]

# A tor that hangs must not hang us: who closes kills the process next, and that ends the call.
_CLOSE_BOUND_S = 2.0
# No keyword or address part of a command is as long; a key in base64 has 88 characters.
_SECRET_CHARACTERS = 60


class _Socket(stem.socket.ControlSocketFile):  # type: ignore[misc]
    """stem's socket, without its leak: stem forgets to close one that could not connect."""

    def _make_socket(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.connect(self.path)
        except OSError as error:
            made.close()
            raise stem.SocketError(error) from None
        return made


class _Connection(stem.control.BaseController):  # type: ignore[misc]
    """stem's connection, handing each event over as text."""

    def __init__(self, path: str, on_event: OnEvent) -> None:
        self._on_event = on_event
        super().__init__(_Socket(path))

    def _handle_event(self, event_message: Any) -> None:  # noqa: ANN401 (stem has no types)
        self._on_event(str(event_message))


class Control:
    """An authenticated control connection to a tor; make it with `attach`."""

    def __init__(self, on_event: OnEvent, on_closed: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="tor control")
        self._connection: _Connection | None = None
        self._is_closing = False
        self._on_event = on_event
        self._on_closed = on_closed

    @classmethod
    async def attach(
        cls,
        path: PurePath,
        *,
        on_event: OnEvent = lambda line: None,
        on_closed: Callable[[], None] = lambda: None,
    ) -> Self:
        """Connect to a control socket and authenticate with tor's cookie.

        Args:
            path: the unix socket, where tor listens already.
            on_event: called in the event loop with each event subscribed to, without its 650.
            on_closed: called in the event loop, once, when the connection ends, by whomever.

        Raises:
            ControlRefusedError: if nobody listens there, or the cookie is not accepted.
        """
        control = cls(on_event, on_closed)
        try:
            await control._call(control._open, str(path))
        except BaseException:
            control._abandon()
            raise
        return control

    async def ask(self, command: str) -> str:
        """Send one command and give tor's answer, lines joined, without its status codes.

        Raises:
            ControlRefusedError: if tor says no, or the connection is gone.
        """
        return await self._call(self._exchange, command)

    async def getinfo(self, key: str) -> str:
        """Ask for one value; keys are those of control-spec, GETINFO.

        Raises:
            ControlRefusedError: as `ask`.
        """
        answer = await self.ask(f"GETINFO {key}")
        return answer.removeprefix(f"{key}=").removesuffix("\nOK").lstrip("\n")

    async def subscribe(self, *events: str) -> None:
        """Have these events told from now on, and no others.

        Raises:
            ControlRefusedError: if tor does not know one of them.
        """
        await self.ask(" ".join(("SETEVENTS", *events)))

    async def take_ownership(self) -> None:
        """Make tor end when this connection does."""
        await self.ask("TAKEOWNERSHIP")

    async def close(self) -> None:
        """Close the connection; never raises, and may be called again."""
        if self._is_closing:
            return
        self._is_closing = True
        closing = self._loop.run_in_executor(self._thread, self._shut)
        self._thread.shutdown(wait=False)
        await asyncio.wait([closing], timeout=_CLOSE_BOUND_S)

    def _abandon(self) -> None:
        # Behind the call that may still be opening, in the same thread: so it finds what to shut.
        self._thread.submit(self._shut)
        self._thread.shutdown(wait=False)

    async def _call(self, function: Callable[[str], T], argument: str) -> T:
        if self._is_closing:
            raise ControlRefusedError("the connection is closed")
        try:
            return await self._loop.run_in_executor(self._thread, function, argument)
        except stem.SocketError:
            raise ControlRefusedError("the connection is closed") from None
        except stem.ControllerError:
            raise ControlRefusedError("its answer made no sense") from None
        except stem.connection.AuthenticationFailure:
            raise ControlRefusedError("it does not accept our cookie") from None

    # What follows runs in the thread.

    def _open(self, path: str) -> None:
        try:
            self._connection = _Connection(path, self._tell_event)
        except stem.SocketError:
            raise ControlRefusedError("nobody listens there") from None
        # Not spawned: it would be a thread only to call back into our loop.
        self._connection.add_status_listener(self._tell_state, spawn=False)
        stem.connection.authenticate(self._connection)

    def _exchange(self, command: str) -> str:
        if self._connection is None:
            raise stem.SocketClosed
        reply = self._connection.msg(command)
        if not reply.is_ok():
            code, _, text = reply.content()[-1]
            raise ControlRefusedError(f"{code} {_without_secrets(text, command)}")
        return str(reply)

    def _shut(self) -> None:
        if self._connection is not None:
            self._connection.close()

    def _tell_event(self, line: str) -> None:
        self._to_loop(self._on_event, line)

    def _tell_state(self, connection: object, state: str, at: float) -> None:
        if state == stem.control.State.CLOSED:
            self._to_loop(self._on_closed)

    def _to_loop(self, function: Callable[..., None], *arguments: str) -> None:
        # The loop may be gone while stem's threads still end.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)


def _without_secrets(text: str, command: str) -> str:
    """Tor may say what it could not read: a key that was mistaken for something else."""
    for word in re.split(r"[\s:=,]+", command):
        if len(word) >= _SECRET_CHARACTERS:
            text = text.replace(word, "***")
    return text
