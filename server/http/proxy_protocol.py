"""Reads the PROXY line that tor may put before the first request of a connection.

    PROXY TCP6 fc00:dead:beef:4dad::0:46 ::1 70 80

The last two groups of the first address are tor's number for the circuit, in hexadecimal: the same
for all connections of one circuit, and no address of anybody. Tor writes the line before anything
that a visitor sends, so only the first line counts: a second one is not HTTP, and refused as such.

Source: the PROXY protocol, version 1 (HAProxy); tor(1), `HiddenServiceExportCircuitID haproxy`, and
`export_hs_client_circuit_id` in tor's `connection_edge.c`.
"""

from __future__ import annotations

import asyncio
import re
import socket

PROXY_PREFIX = b"PROXY "
PROXY_LINE_BYTES = 107
"""The longest line of version 1, its CRLF included."""

READ_BYTES = 2**16

_LINE = re.compile(
    rb"PROXY TCP6 fc00:dead:beef:4dad::([\da-f]{1,4}:[\da-f]{1,4}) ::1 \d{1,5} \d{1,5}"
)
_NO_CIRCUIT = b"0:0"
"""What tor writes for a connection without a circuit."""


def peek_circuit_id(accepted: socket.socket) -> bytes | None:
    """Return the number of a circuit from a line that has already arrived, and leave it there."""
    try:
        data = accepted.recv(PROXY_LINE_BYTES, socket.MSG_PEEK | socket.MSG_DONTWAIT)
    except OSError:
        return None
    return circuit_id_in(data.partition(b"\r\n")[0])


async def read_proxy_line(reader: asyncio.StreamReader) -> tuple[bytes, bytes]:
    """Read a connection's PROXY line, if it begins with one.

    Returns:
        The line without its CRLF, empty if there is none; and the bytes behind it that came with
        it. Both are empty if the connection ended.
    """
    data = b""
    while len(data) < PROXY_LINE_BYTES:
        try:
            more = await reader.read(READ_BYTES)
        except ConnectionError:
            return b"", b""
        data += more
        if not more or not data.startswith(PROXY_PREFIX[: len(data)]):
            return b"", data
        line, end, rest = data.partition(b"\r\n")
        if end and line.startswith(PROXY_PREFIX) and len(line) <= PROXY_LINE_BYTES - 2:
            return line, rest
    return b"", data


def circuit_id_in(line: bytes) -> bytes | None:
    """Return tor's number for a circuit, as it stands in a PROXY line; `None` if none does."""
    found = _LINE.fullmatch(line)
    return None if found is None or found[1] == _NO_CIRCUIT else found[1]
