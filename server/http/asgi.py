"""How a connection is handed over to what streams on it, once the head of its response is sent.

What a framework and a server keep for each response that is open, tasks, queues and contexts, is
let go of then, and each chunk is written to the connection itself. Whoever serves offers this as an
extension of the ASGI scope.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from server.stream.transport import StreamProtocol

Message = MutableMapping[str, Any]
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[..., Awaitable[None]]
"""These five as ASGI has them."""

EXTENSION = "sottovoce.hand_over"
"""Names it in `scope["extensions"]`; a `HandOver`."""


IS_WAITING = "sottovoce.is_waiting"
"""Names another: a function that says whether `receive` would return at once."""


HandOver = Callable[[StreamProtocol], None]
"""Takes the connection of this request for a speaker. The application has sent the head of a
response in chunks, sends nothing more, and returns."""
