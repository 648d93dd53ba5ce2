"""Refuses requests by method, host and upgrade before the application sees them.

A plain ASGI layer around the application, so that no route can bypass it.
"""

from __future__ import annotations

import re
from collections import Counter

from server.http.asgi import App, Message, Receive, Scope, Send

from . import headers

_HOST = re.compile(rb"\s*([\w-]{1,63}(\.[\w-]{1,63})*\.?|\[[\da-fA-F:.]+\])?(:\d{1,5})?\s*", re.A)
"""Syntax of a valid `Host`: a name with DNS labels, an address, or empty."""

METHODS = frozenset({"GET", "HEAD", "POST"})


class ResponseAbortedError(Exception):
    """A response that has begun cannot continue: the server closes the connection.

    It carries no detail about the cause.
    """


class Guard:
    """Forwards acceptable requests to the application and answers the rest with an empty body.

    Args:
        app: the application behind the guard.
        host: the onion address, the only `Host` that is served; `None` accepts any.
        failures: counts exceptions that escape the application.
    """

    def __init__(self, app: App, host: str | None, failures: Counter[str]) -> None:
        self._app = app
        self._host = None if host is None else host.lower().encode("ascii")
        self._failures = failures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse one request or forward it."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._forward(scope, receive, send)
        else:
            await _refuse(send, refusal)

    async def _forward(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Forward a request to the application. No exception of the application gets past here."""
        guarded_send = _GuardedSend(send)
        try:
            await self._app(scope, receive, guarded_send)
        except Exception as error:  # its text may hold what a visitor sent
            self._failures[type(error).__name__] += 1
            if scope["type"] != "http" or guarded_send.has_begun:
                raise ResponseAbortedError from None
            await _refuse(send, 500)

    def _refusal(self, scope: Scope) -> int | None:
        """Return the status with which a request is refused, or `None` if it is acceptable."""
        hosts = [value for name, value in scope["headers"] if name.lower() == b"host"]
        if not all(_HOST.fullmatch(host) for host in hosts):
            return 400
        if self._host is not None and not all(self._is_ours(host) for host in hosts or [b""]):
            return 400
        if scope["method"] not in METHODS:
            return 405
        if not scope["path"].startswith("/"):
            return 400
        return None

    def _is_ours(self, host: bytes) -> bool:
        return host.strip().lower().removesuffix(b":80") == self._host


class _GuardedSend:
    """ASGI `send` that adds the common headers that the response does not set itself."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        """Send one ASGI message of the response."""
        if message["type"] == "http.response.start":
            self.has_begun = True
            message["headers"] = headers.with_everywhere(list(message["headers"]))
        await self._send(message)


async def _refuse(send: Send, status: int) -> None:
    own = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
    if status == 405:
        own.append((b"allow", b"GET, HEAD, POST"))
    await send(
        {"type": "http.response.start", "status": status, "headers": headers.with_everywhere(own)}
    )
    await send({"type": "http.response.body", "body": b"", "more_body": False})
