"""A unix socket server for one test; it waits until every connection is closed."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(path: Path, handle: Handler) -> AsyncIterator[None]:
    """Serve each connection with `handle`; a peer that disconnects early is not an error."""
    closed: list[asyncio.Event] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        closed.append(asyncio.Event())
        end = closed[-1]
        try:
            await handle(reader, writer)
            writer.close()
            await writer.wait_closed()
        except (asyncio.IncompleteReadError, ConnectionError):
            writer.close()
        finally:
            end.set()

    async with await asyncio.start_unix_server(serve, path):
        yield
        async with asyncio.timeout(30):
            for end in closed:
                await end.wait()
