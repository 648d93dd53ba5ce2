"""A visitor who reads nothing is disconnected, and nothing waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from server.http import listener, timeouts
from server.process.sockets import listening_on

LARGE = b"x" * 2**20


async def _send_forever(
    send: Callable[[dict[str, Any]], Awaitable[None]], message: dict[str, Any]
) -> None:
    while True:
        await send(message)
        await asyncio.sleep(0)


async def test_visitor_that_never_reads_is_disconnected(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(timeouts, "WRITE_S", 0.05)
    ended = asyncio.Event()

    async def endless(
        scope: dict[str, Any],
        receive: Callable[[], Awaitable[dict[str, Any]]],
        send: Callable[[dict[str, Any]], Awaitable[None]],
    ) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": []})
        body = {"type": "http.response.body", "body": LARGE, "more_body": True}
        sending = asyncio.ensure_future(_send_forever(send, body))
        while (await receive())["type"] != "http.disconnect":
            pass
        sending.cancel()
        ended.set()

    stop, path = asyncio.Event(), tmp_path / "web" / "web.sock"
    with listening_on(path) as listening:
        serving = asyncio.ensure_future(listener.serve_http(endless, listening, stop))
        reader, writer = await asyncio.open_unix_connection(path, limit=2)
        writer.write(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        async with asyncio.timeout(20):
            await ended.wait()
        # Data that was already sent may still be read; then the connection ends.
        with suppress(ConnectionError):
            while await reader.read(2**16):
                pass
        writer.close()
        stop.set()
        await serving
