"""How a connection is handed over to what streams on it, once the head of its response is sent.

What a framework and a server keep for each response that is open, tasks, queues and contexts, is
let go of then, and each chunk is written to the connection itself. Whoever serves offers this as an
extension of the ASGI scope.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Protocol

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


class Outlet(Protocol):
    """Where chunks go: of HTTP, framed."""

    @property
    def write(self) -> Callable[[bytes], object]:
        """Sends a chunk. When no more may follow for now, `Speaker.pause` is called at once."""

    def finish(self, closing: bytes) -> None:
        """Send a last event with the end of the body behind it, and hang up when it is sent."""

    def cut(self) -> None:
        """Hang up, and drop what is not sent."""


class Speaker(Protocol):
    """What speaks on an outlet. No call of it may raise."""

    def attach(self, outlet: Outlet) -> None:
        """Begin."""

    def pause(self) -> None:
        """The outlet takes no more for now."""

    def resume(self) -> None:
        """It takes more."""

    def lost(self) -> None:
        """Nobody is there any more; or nobody ever was. Twice is as once."""


HandOver = Callable[[Speaker], None]
"""Takes the connection of this request for a speaker. The application has sent the head of a
response in chunks, sends nothing more, and returns."""
