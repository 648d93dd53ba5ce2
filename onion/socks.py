"""A SOCKS 5 client for tor's SOCKS port, for our own checks and tests.

Source: RFC 1928 and 1929; tor's socks-extensions, "Extended error codes" and
"Stream isolation".
"""

from __future__ import annotations

import asyncio

from .errors import SocksError

_REPLIES = {
    0x01: "general failure",
    0x02: "not allowed",
    0x03: "network unreachable",
    0x04: "host unreachable",
    0x05: "connection refused",
    0x06: "expired before it was open",
    0x07: "command not supported",
    0x08: "address type not supported",
    0xF0: "onion service descriptor not found",
    0xF1: "onion service descriptor not valid",
    0xF2: "introduction to the onion service failed",
    0xF3: "rendezvous with the onion service failed",
    0xF4: "client authorization is missing",
    0xF5: "client authorization is wrong",
    0xF6: "not an onion address",
    0xF7: "introduction to the onion service timed out",
}
_NO_AUTH, _PASSWORD = b"\x05\x01\x00", b"\x05\x01\x02"
_ADDRESS_BYTES = {0x01: 4, 0x04: 16}
_NAME_TYPE = 0x03

Streams = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def open_socks_stream(socks: str, host: str, port: int, *, isolation: str = "") -> Streams:
    """Open a stream to `host` through tor; only tor resolves the name.

    Args:
        socks: `127.0.0.1:PORT` or `unix:/path`.
        host: a name of at most 255 bytes, such as an onion address.
        port: 1 to 65535.
        isolation: streams with different values here never share a circuit; at most 255 bytes.

    Raises:
        SocksError: if no tor listens at `socks`, or it could not open the stream.
    """
    reader, writer = await _connect(socks)
    try:
        await _greet(reader, writer, isolation.encode())
        name = host.encode("ascii")
        writer.write(
            b"\x05\x01\x00\x03" + bytes([len(name)]) + name + port.to_bytes(2, byteorder="big")
        )
        await _read_reply(reader)
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()
        raise SocksError("it closed the connection") from None
    except BaseException:
        writer.close()
        raise
    return reader, writer


async def _connect(socks: str) -> Streams:
    try:
        if socks.startswith("unix:"):
            return await asyncio.open_unix_connection(socks.removeprefix("unix:"))
        host, _, port = socks.rpartition(":")
        return await asyncio.open_connection(host, int(port))
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise SocksError(f"no socks server at {socks} ({reason})") from None


async def _greet(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, isolation: bytes
) -> None:
    writer.write(_PASSWORD if isolation else _NO_AUTH)
    version, method = await reader.readexactly(2)
    if version != 5 or method != (2 if isolation else 0):
        raise SocksError("the server at this port does not speak socks 5 as tor does")
    if isolation:
        writer.write(b"\x01" + bytes([len(isolation)]) + isolation + b"\x01-")
        _, status = await reader.readexactly(2)
        if status != 0:
            raise SocksError("it rejected the user name that isolates the stream")


async def _read_reply(reader: asyncio.StreamReader) -> None:
    _, code, _, kind = await reader.readexactly(4)
    # The bound address is not needed, but must be consumed. Its type varies: tor sends IPv6 over
    # a unix SocksPort, and IPv4 over TCP.
    if kind == _NAME_TYPE:
        (size,) = await reader.readexactly(1)
    elif kind in _ADDRESS_BYTES:
        size = _ADDRESS_BYTES[kind]
    else:
        raise SocksError("its reply is not valid")
    await reader.readexactly(size + 2)
    if code != 0:
        raise SocksError(_REPLIES.get(code, "unknown reply"), code=code)
