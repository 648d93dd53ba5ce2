"""A stream opens through a SOCKS server that replies as tor does, and a refusal is explained."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from onion.errors import SocksError
from onion.socks import open_socks_stream

from .listening import listening

IPV4, IPV6, NAME = b"\x01" + bytes(6), b"\x04" + bytes(18), b"\x03\x02ab" + bytes(2)
HOST = "pqlcc24drs3ovrfm5kkduor2x5swps47dmevmtcrls72jwo7ebvfloyd.onion"


@asynccontextmanager
async def tor_like(
    path: Path, reply: bytes, *, method: bytes = b"\x05\x00"
) -> AsyncIterator[list[bytes]]:
    """Serve SOCKS on a unix socket: record the requests, send `reply`, then echo one line."""
    received: list[bytes] = []

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readexactly(3))
        writer.write(method)
        if method == b"\x05\x02":
            _, size = await reader.readexactly(2)
            received.append(await reader.readexactly(size))
            await reader.readexactly(2)
            writer.write(b"\x01\x00")
        head = await reader.readexactly(5)
        received.append(await reader.readexactly(head[4] + 2))
        writer.write(reply)
        writer.write(await reader.readline())

    async with listening(path, answer):
        yield received


@pytest.mark.parametrize("address", [IPV4, IPV6, NAME], ids=["ipv4", "ipv6", "name"])
async def test_stream_works_with_any_address_type_in_the_reply(
    tmp_path: Path, address: bytes
) -> None:
    async with tor_like(tmp_path / "s", b"\x05\x00\x00" + address) as received:
        reader, writer = await open_socks_stream(f"unix:{tmp_path}/s", HOST, 80)
        writer.write(b"hello\n")
        assert await reader.readline() == b"hello\n"
        writer.close()
    assert received == [b"\x05\x01\x00", HOST.encode() + b"\x00\x50"]


async def test_isolation_value_is_sent_as_the_user_name(tmp_path: Path) -> None:
    async with tor_like(tmp_path / "s", b"\x05\x00\x00" + IPV4, method=b"\x05\x02") as received:
        _, writer = await open_socks_stream(f"unix:{tmp_path}/s", HOST, 80, isolation="alone")
        writer.close()
    assert received[:2] == [b"\x05\x01\x02", b"alone"]


@pytest.mark.parametrize(
    ("code", "name"), [(0xF0, "descriptor not found"), (0x06, "expired"), (0x77, "unknown")]
)
async def test_refusal_is_reported_with_its_code(tmp_path: Path, code: int, name: str) -> None:
    async with tor_like(tmp_path / "s", b"\x05" + bytes([code, 0]) + IPV4):
        with pytest.raises(SocksError, match=f"{name}.*0x{code:02x}") as refused:
            await open_socks_stream(f"unix:{tmp_path}/s", HOST, 80)
    assert refused.value.code == code


async def test_invalid_reply_is_reported(tmp_path: Path) -> None:
    async with tor_like(tmp_path / "s", b"\x05\x00\x00\x09" + bytes(6)):
        with pytest.raises(SocksError, match="not valid"):
            await open_socks_stream(f"unix:{tmp_path}/s", HOST, 80)


@pytest.mark.parametrize("sent", [b"", b"\x05", b"\x05\x00", b"\x05\x00\x05\x00\x00\x01"])
async def test_connection_that_ends_too_early_is_reported(tmp_path: Path, sent: bytes) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(sent)
        writer.write_eof()
        await reader.read()

    async with listening(tmp_path / "s", answer):
        with pytest.raises(SocksError, match="closed"):
            await open_socks_stream(f"unix:{tmp_path}/s", HOST, 80)


async def test_server_that_is_not_socks_is_reported(tmp_path: Path) -> None:
    async with tor_like(tmp_path / "s", b"", method=b"HT"):
        with pytest.raises(SocksError, match="socks 5"):
            await open_socks_stream(f"unix:{tmp_path}/s", HOST, 80)


@pytest.mark.parametrize("socks", ["unix:/nowhere/socks", "127.0.0.1:1"])
async def test_absent_tor_is_reported(socks: str) -> None:
    with pytest.raises(SocksError, match="no socks server at"):
        await open_socks_stream(socks, HOST, 80)
