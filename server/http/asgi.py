"""ASGI as our own listener serves it, with one extension: what only our own connection can do.

A stream takes over the connection of its request when the application has answered with a head.
What a framework and a server keep for each open response, tasks, queues and contexts, is released
then, and each chunk is written to the connection itself. The head goes out with the first chunk.

A response that was made before is sent without making its head again (see `ready.py`).

The only entry point is `ConnectionExtension`, in `scope["extensions"][EXTENSION]` of each request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

from server.core.ids import CircuitKey
from server.http.ready import ReadyResponse
from server.stream.transport import StreamProtocol

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[..., Awaitable[None]]
"""These five as ASGI has them."""

EXTENSION = "sottovoce.connection"
"""Names it in `scope["extensions"]`; a `ConnectionExtension`."""


@dataclass(frozen=True, slots=True)
class ConnectionExtension:
    """What our listener offers for each request beyond ASGI."""

    hand_over: Callable[[StreamProtocol], None]
    """Give the connection of this request to a stream. The application has sent the head of a
    response without a content length, sends nothing more, and returns."""

    has_message: Callable[[], object]
    """Whether `receive` would return at once; a true value if so."""

    circuit: CircuitKey | None = None
    """The circuit that the connection came through; `None` where circuits are not known."""

    send_ready: Callable[[ReadyResponse], Awaitable[None]] | None = None
    """Send the whole response to this request, which was made before; instead of `send`. `None` if
    the request is not one of a connection."""
