"""The asyncio protocol of a connection that requests are read from."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast


class _Writer(asyncio.StreamWriter):
    """Does not close a connection that was handed over when nothing refers to the writer."""

    def __del__(self) -> None:
        pass


class ReaderProtocol(asyncio.StreamReaderProtocol):
    """Reads requests into asyncio's streams.

    Args:
        connected: handles all requests of a connection.
    """

    def __init__(
        self, connected: Callable[[asyncio.StreamReader, asyncio.StreamWriter], None]
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader: asyncio.StreamReader | None = asyncio.StreamReader(loop=self._loop)
        super().__init__(self._reader, loop=self._loop)
        self._connected = connected
        self.has_eof = False
        """Whether the visitor has closed their sending side."""

    def eof_received(self) -> bool | None:
        """See `asyncio.Protocol`."""
        self.has_eof = True
        return super().eof_received()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        super().connection_made(transport)
        # From here on only the task holds it.
        reader, self._reader = self._reader, None
        if reader is not None:
            duplex = cast(asyncio.Transport, transport)
            self._connected(reader, _Writer(duplex, self, reader, self._loop))
