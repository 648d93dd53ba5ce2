"""What is refused before anything is looked at: methods, hosts, upgrades.

A plain ASGI layer around the application, so that no route can escape it.
"""

from __future__ import annotations

import re
from collections import Counter

from server.http.asgi import App, Message, Receive, Scope, Send

from . import headers

_HOST = re.compile(rb"\s*([\w-]{1,63}(\.[\w-]{1,63})*\.?|\[[\da-fA-F:.]+\])?(:\d{1,5})?\s*", re.A)
"""What can be a host at all: names, addresses, or nothing; labels as DNS has them."""

METHODS = frozenset({"GET", "HEAD", "POST"})


class BrokenOffError(Exception):
    """An answer that has begun cannot go on: the server ends its connection, and learns no more."""


class Guard:
    """Lets through what the house answers, and answers the rest with an empty body.

    Args:
        app: the application behind it.
        host: the onion address, the one `Host` that is served; `None` serves any.
        failures: where an exception is counted that the application has let out.
    """

    def __init__(self, app: App, host: str | None, failures: Counter[str]) -> None:
        self._app = app
        self._host = None if host is None else host.lower().encode("ascii")
        self._failures = failures

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or hand it on."""
        if scope["type"] == "websocket":
            await send({"type": "websocket.close"})
            return
        refusal = self._refusal(scope) if scope["type"] == "http" else None
        if refusal is None:
            await self._answer(scope, receive, send)
        else:
            await _refuse(send, refusal)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand a request on. Whatever comes out instead of an answer has no way past here."""
        answering = _Answering(send)
        try:
            await self._app(scope, receive, answering)
        except Exception as error:  # its text may hold what somebody sent
            self._failures[type(error).__name__] += 1
            if scope["type"] != "http" or answering.has_begun:
                raise BrokenOffError from None
            await _refuse(send, 500)

    def _refusal(self, scope: Scope) -> int | None:
        """The status with which a request is refused, or `None`."""
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


class _Answering:
    """Sends an answer, with the headers of every response where it does not set its own."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.has_begun = False

    async def __call__(self, message: Message) -> None:
        """Send one part of it."""
        if message["type"] == "http.response.start":
            self.has_begun = True
            own = list(message["headers"])
            names = {bytes(name).lower() for name, _ in own}
            message["headers"] = own + [pair for pair in _EVERYWHERE if pair[0] not in names]
        await self._send(message)


_EVERYWHERE = [(name.encode(), value.encode()) for name, value in headers.EVERYWHERE.items()]


async def _refuse(send: Send, status: int) -> None:
    own = [(b"content-length", b"0"), (b"cache-control", b"no-store")]
    if status == 405:
        own.append((b"allow", b"GET, HEAD, POST"))
    await send({"type": "http.response.start", "status": status, "headers": own + _EVERYWHERE})
    await send({"type": "http.response.body", "body": b"", "more_body": False})
