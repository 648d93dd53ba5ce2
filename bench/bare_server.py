"""A yardstick: the least that asyncio can do for streams that stay open.

`GET /7` is a chunked stream that never ends. A post to `/all` is framed in one chunk of a cell and
written to every stream, a post to `/7` to that one. There are no sessions, no rooms, no seals, no
heartbeats and no limits, and no connection is ever closed by it.

    python -m bench.bare_server SOCKET
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from urllib.parse import unquote_plus

from server.core.cells import pad_to_cells
from server.process.sockets import listening_on

STREAM = b"HTTP/1.1 200 \r\ntransfer-encoding: chunked\r\n\r\n"
POSTED = b"HTTP/1.1 303 \r\nlocation: /\r\ncontent-length: 0\r\n\r\n"


class Connection(asyncio.Protocol):
    """One connection; each request arrives in one read, because the driver sends it in one."""

    def __init__(self, streams: dict[bytes, asyncio.Transport]) -> None:
        self._streams = streams
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        """See `asyncio.Protocol`."""
        assert self._transport is not None
        method, path, _ = data.split(b" ", 2)
        if method == b"GET":
            self._streams[path] = self._transport
            self._transport.write(STREAM)
            return
        chunk = framed(data.rpartition(b"text=")[2])
        streams = self._streams
        for stream in streams.values() if path == b"/all" else [streams[path]]:
            stream.write(chunk)
        self._transport.write(POSTED)


def framed(text: bytes) -> bytes:
    """Frame a message with the HTML that the real server writes."""
    words = unquote_plus(text.decode())
    html = f'<p class="m n1" data-seq=1><bdi>Somebody</bdi> <span dir=auto>{words}</span></p>'
    padded = pad_to_cells(html.encode())
    return b"%x\r\n%b\r\n" % (len(padded), padded)


async def serve(path: Path) -> None:
    """Serve until killed."""
    streams: dict[bytes, asyncio.Transport] = {}
    loop = asyncio.get_running_loop()
    with listening_on(path) as listening:
        server = await loop.create_unix_server(
            lambda: Connection(streams), sock=listening, backlog=1024
        )
        print("ready", flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
