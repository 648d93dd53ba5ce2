"""Reads past the PROXY line that tor may put before the first request of a connection.

Source: the PROXY protocol, version 1 (HAProxy); tor's `HiddenServiceExportCircuitID haproxy`.
"""

from __future__ import annotations

import asyncio

PROXY_PREFIX = b"PROXY "
PROXY_LINE_BYTES = 107
"""The longest line of version 1, its CRLF included."""

READ_BYTES = 2**16


async def read_past_proxy_line(reader: asyncio.StreamReader) -> bytes:
    """The first bytes of the first request; empty if the connection ended before."""
    data = b""
    while len(data) < PROXY_LINE_BYTES:
        try:
            more = await reader.read(READ_BYTES)
        except ConnectionError:
            return b""
        data += more
        if not more or not data.startswith(PROXY_PREFIX[: len(data)]):
            return data
        line, end, rest = data.partition(b"\r\n")
        if end and line.startswith(PROXY_PREFIX) and len(line) <= PROXY_LINE_BYTES - 2:
            return rest or await reader.read(READ_BYTES)
    return data
