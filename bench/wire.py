"""A cheap client: HTTP written by hand over the Unix socket."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Self

UNREAD_BYTES = 2**20
"""The most unread bytes of a stream that is read later: the joins of some hundreds of members."""


class Line:
    """One kept-alive connection."""

    def __init__(
        self, socket: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self._socket, self._reader, self._writer = socket, reader, writer

    @classmethod
    async def open(cls, socket: Path) -> Self:
        """Connect to a server."""
        return cls(socket, *await asyncio.open_unix_connection(str(socket), limit=UNREAD_BYTES))

    async def another(self) -> Self:
        """Open another connection to the same server."""
        return await self.open(self._socket)

    def send(self, data: bytes) -> None:
        """Write something that has no answer."""
        self._writer.write(data)

    async def ask(self, request: bytes) -> tuple[bytes, bytes]:
        """Send a request and read head and body of its answer, which must name its length."""
        self._writer.write(request)
        head = await self._reader.readuntil(b"\r\n\r\n")
        _, _, after = head.lower().partition(b"content-length:")
        return head, await self._reader.readexactly(int(after.partition(b"\r\n")[0]))

    async def follow(self, request: bytes) -> None:
        """Send a request whose answer does not end, and read its head."""
        self._writer.write(request)
        await self._reader.readuntil(b"\r\n\r\n")

    async def until(self, mark: bytes) -> bytes:
        """Read a stream up to and with `mark`."""
        return await self._reader.readuntil(mark)

    def close(self) -> None:
        """Hang up."""
        self._writer.close()


def get(path: str, cookie: str = "") -> bytes:
    """A GET as bytes."""
    return _request("GET", path, cookie, b"")


def post(path: str, cookie: str, form: bytes) -> bytes:
    """A POST of a form as bytes."""
    return _request("POST", path, cookie, form)


def _request(method: str, path: str, cookie: str, body: bytes) -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "host: sottovoce"]
    if cookie:
        lines.append(f"cookie: {cookie}")
    if method == "POST":
        lines.append("content-type: application/x-www-form-urlencoded")
        lines.append(f"content-length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body
