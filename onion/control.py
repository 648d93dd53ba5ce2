"""Tor's control socket, as coroutines. The only file that imports stem.

stem uses threads, and its calls block. Here every call to it runs in one dedicated thread, so
calls keep their order and the event loop never blocks. Callbacks from stem's threads reach the
event loop through `call_soon_threadsafe`. Only stem's lower layer is used (`BaseController`:
socket, replies, events as text); the modules without I/O parse the lines.

The text of an error contains only tor's status line, without any word that could be a key.
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

from .errors import ControlClosedError, ControlRefusedError

T = TypeVar("T")
OnEvent = Callable[[str], None]

# A tor that hangs must not block us: the caller of `close` kills the process next, which ends the
# call in the thread.
_CLOSE_TIMEOUT_S = 2.0
ANSWER_S = 45.0
"""Limit for an answer, which usually takes a millisecond; a tor that hangs gives none. It matters
while tor starts: later, the supervisor replaces a tor that is silent for a shorter time."""

# No keyword or address in a command is this long; a key in base64 has 88 characters.
_MIN_SECRET_CHARACTERS = 60


class _Socket(stem.socket.ControlSocketFile):  # type: ignore[misc]
    """stem's socket without a leak: stem does not close a socket that failed to connect."""

    def _make_socket(self) -> socket.socket:
        made = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            made.connect(self.path)
        except OSError as error:
            made.close()
            raise stem.SocketError(error) from None
        return made


class _Connection(stem.control.BaseController):  # type: ignore[misc]
    """stem's connection, which passes each event on as text."""

    def __init__(self, path: str, on_event: OnEvent) -> None:
        self._on_event = on_event
        super().__init__(_Socket(path))

    def _handle_event(self, event_message: Any) -> None:  # noqa: ANN401 (stem has no types)
        self._on_event(str(event_message))


class Control:
    """An authenticated control connection to a tor; create it with `attach`."""

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
            path: the unix socket on which tor already listens.
            on_event: called in the event loop with each subscribed event, without the code 650.
            on_closed: called in the event loop, once, when either side ends the connection.

        Raises:
            ControlRefusedError: if tor does not accept the cookie, or its reply is not valid.
            ControlClosedError: if nobody listens there, the connection ends, or tor does not answer
                within `ANSWER_S`.
        """
        control = cls(on_event, on_closed)
        try:
            await control._call(control._open, str(path))
        except BaseException:
            control._abandon()
            raise
        return control

    async def request(self, command: str) -> str:
        """Send one command and return tor's reply: its lines joined, without status codes.

        Raises:
            ControlRefusedError: if tor refuses the command, or its reply is not valid.
            ControlClosedError: if the connection is closed, or there is no reply within `ANSWER_S`.
                The next command waits behind this one, until tor answers or ends.
        """
        return await self._call(self._exchange, command)

    async def getinfo(self, key: str) -> str:
        """Request one value; keys are those of control-spec, GETINFO.

        Raises:
            ControlRefusedError, ControlClosedError: see `request`.
        """
        reply = await self.request(f"GETINFO {key}")
        return reply.removeprefix(f"{key}=").removesuffix("\nOK").lstrip("\n")

    async def subscribe(self, *events: str) -> None:
        """Subscribe to these events, and unsubscribe from all others.

        Raises:
            ControlRefusedError: if tor does not know one of them.
            ControlClosedError: if the connection is closed.
        """
        await self.request(" ".join(("SETEVENTS", *events)))

    async def take_ownership(self) -> None:
        """Make tor exit when this connection ends."""
        await self.request("TAKEOWNERSHIP")

    async def close(self) -> None:
        """Close the connection. Idempotent; never raises."""
        if self._is_closing:
            return
        self._is_closing = True
        closing = self._loop.run_in_executor(self._thread, self._shut)
        self._thread.shutdown(wait=False)
        await asyncio.wait([closing], timeout=_CLOSE_TIMEOUT_S)

    def _abandon(self) -> None:
        # Queued in the same thread behind a call that may still be opening the connection, so that
        # it finds that connection and closes it.
        self._thread.submit(self._shut)
        self._thread.shutdown(wait=False)

    async def _call(self, function: Callable[[str], T], argument: str) -> T:
        if self._is_closing:
            raise ControlClosedError
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._loop.run_in_executor(self._thread, function, argument)
        except TimeoutError:
            raise ControlClosedError(f"it gave no answer within {ANSWER_S:.0f} s") from None
        except stem.SocketError:
            raise ControlClosedError from None
        except stem.ControllerError:
            raise ControlRefusedError("its reply is not valid") from None
        except stem.connection.AuthenticationFailure:
            raise ControlRefusedError("it does not accept our cookie") from None

    # The methods below run in the thread.

    def _open(self, path: str) -> None:
        try:
            self._connection = _Connection(path, self._forward_event)
        except stem.SocketError:
            raise ControlClosedError("nobody listens there") from None
        # spawn=False: stem would start a thread only for this callback into our loop.
        self._connection.add_status_listener(self._forward_state, spawn=False)
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

    def _forward_event(self, line: str) -> None:
        self._to_loop(self._on_event, line)

    def _forward_state(self, connection: object, state: str, at: float) -> None:
        if state == stem.control.State.CLOSED:
            self._to_loop(self._on_closed)

    def _to_loop(self, function: Callable[..., None], *arguments: str) -> None:
        # The loop may be closed already while stem's threads are still ending.
        with suppress(RuntimeError):
            self._loop.call_soon_threadsafe(function, *arguments)


def _without_secrets(text: str, command: str) -> str:
    """Mask long words of `command` in `text`: tor may quote a key that it could not parse."""
    for word in re.split(r"[\s:=,]+", command):
        if len(word) >= _MIN_SECRET_CHARACTERS:
            text = text.replace(word, "***")
    return text
