"""The asyncio protocol of a connection that requests are read from."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import cast


class ReadingSwitch(asyncio.Transport):
    """Whether a connection is read from: not if the reader holds enough or its circuit is in debt.

    To the reader it is the transport.

    Args:
        transport: the connection.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        super().__init__()
        self._transport = transport
        self._is_full = self._is_in_debt = False

    def pause_reading(self) -> None:
        """The reader holds enough."""
        self._is_full = True
        self._transport.pause_reading()

    def resume_reading(self) -> None:
        """The reader takes more."""
        self._is_full = False
        self._apply()

    def set_in_debt(self, in_debt: bool) -> None:
        """Note whether the circuit is in debt."""
        self._is_in_debt = in_debt
        self._apply()

    def _apply(self) -> None:
        # Both are idempotent, and do nothing on a connection that is closing.
        if self._is_full or self._is_in_debt:
            self._transport.pause_reading()
        else:
            self._transport.resume_reading()


class _Writer(asyncio.StreamWriter):
    """Does not close a connection that was handed over when nothing refers to the writer."""

    def __del__(self) -> None:
        pass


@dataclass(frozen=True, slots=True)
class Wire:
    """What one connection is read from and written to."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter
    switch: ReadingSwitch


class ReaderProtocol(asyncio.StreamReaderProtocol):
    """Reads requests into asyncio's streams."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._reader: asyncio.StreamReader | None = asyncio.StreamReader(loop=self._loop)
        super().__init__(self._reader, loop=self._loop)
        self._wire: Wire | None = None
        self.has_eof = False
        """Whether the visitor has closed their sending side."""

    def eof_received(self) -> bool | None:
        """See `asyncio.Protocol`."""
        self.has_eof = True
        return super().eof_received()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """See `asyncio.Protocol`."""
        duplex = cast(asyncio.Transport, transport)
        switch = ReadingSwitch(duplex)
        super().connection_made(switch)
        reader, self._reader = self._reader, None
        if reader is not None:
            self._wire = Wire(reader, _Writer(duplex, self, reader, self._loop), switch)

    def take_wire(self) -> Wire:
        """Return the connection, once it is made. From then on only the caller holds it."""
        wire, self._wire = self._wire, None
        if wire is None:
            raise ConnectionError("the connection is not made, or was taken before")
        return wire
