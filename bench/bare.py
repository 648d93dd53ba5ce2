"""A yardstick: Hypercorn as the server runs it, with an application that does nothing.

It reads the form and answers `303` with the same number of header bytes. The rest of the server's
time is its own and the framework's.

    python -m bench.bare SOCKET
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from hypercorn.typing import ASGIReceiveCallable, ASGISendCallable, Scope

from server.http.asgi import App
from server.http.listener import serve_http
from server.process.sockets import listening_on
from server.web.edge.headers import EVERYWHERE, NO_STORE

HEADERS = [
    (name.encode(), value.encode())
    for name, value in {**EVERYWHERE, **NO_STORE, "location": "/", "content-length": "0"}.items()
]


async def app(_scope: Scope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """Answer anything with an empty `303`."""
    while (await receive()).get("more_body"):
        pass
    await send({"type": "http.response.start", "status": 303, "headers": HEADERS})
    await send({"type": "http.response.body", "body": b"", "more_body": False})


def serve(application: App, socket: Path) -> None:
    """Serve an application until killed."""
    with listening_on(socket) as listening:
        print("ready", flush=True)
        asyncio.run(serve_http(application, listening, asyncio.Event()))


if __name__ == "__main__":
    serve(app, Path(sys.argv[1]))
