"""A yardstick: Hypercorn as the server runs it, with an application that has only bytes to send.

`GET /5000` is answered with 5,000 bytes, under the headers of a page. A long answer is sent as the
source archive is: in pieces, and at its pace.

    python -m bench.bare_pages SOCKET
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from server.http.asgi import Receive, Scope, Send
from server.web.downloads import PIECE_S
from server.web.edge.headers import EVERYWHERE, HTML_TYPE, NO_STORE
from server.web.request_handling import PIECE_BYTES

from .bare import serve

BODY = b"x" * 2**21
HEADERS = [
    (name.encode(), value.encode())
    for name, value in {**EVERYWHERE, **NO_STORE, "content-type": HTML_TYPE}.items()
]


async def app(scope: Scope, _receive: Receive, send: Send) -> None:
    """Answer with as many bytes as the path says."""
    length = int(scope["path"][1:])
    head = [(b"content-length", str(length).encode()), *HEADERS]
    await send({"type": "http.response.start", "status": 200, "headers": head})
    for first in range(0, max(1, length), PIECE_BYTES):
        piece, more = BODY[first : min(length, first + PIECE_BYTES)], first + PIECE_BYTES < length
        await send({"type": "http.response.body", "body": piece, "more_body": more})
        if more:
            await asyncio.sleep(PIECE_S)


if __name__ == "__main__":
    serve(app, Path(sys.argv[1]))
