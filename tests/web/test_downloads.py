"""The source archive is sent at its pace, to a few at once, and to one on each circuit."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager

import pytest

from server.demo.text_browser import Reply
from server.web import request_handling
from server.web.downloads import MAX_DOWNLOADS
from server.web.edge.error_pages import TOO_MANY_DOWNLOADS
from server.web.request_handling import PIECE_BYTES
from server.web.views.static_pages import SOURCE_PATH
from tests.process.in_process import run_pending_callbacks

from .appbrowser import AppBrowser, AppServer, make_server

STOPPED_S = 60.0
"""A pause between two pieces in which a test ends."""


@pytest.fixture(autouse=True)
def stop_after_one_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let every download pause after its first piece."""
    monkeypatch.setattr(request_handling, "PIECE_S", STOPPED_S)


@asynccontextmanager
async def downloading(server: AppServer, circuit: str = "") -> AsyncIterator[asyncio.Task[bytes]]:
    """Download during the block."""
    before = len(server.services.downloads)
    task = asyncio.ensure_future(archive(server.browser(circuit=circuit)))
    while len(server.services.downloads) == before:
        await run_pending_callbacks()
    try:
        yield task
    finally:
        task.cancel()


async def until_none_is_sent(server: AppServer) -> None:
    """Wait until every place is free."""
    async with asyncio.timeout(20):
        while len(server.services.downloads):
            await run_pending_callbacks()


async def ask(browser: AppBrowser) -> Reply:
    """Ask for the archive; the answer must not be the archive, which stops after one piece.

    Raises:
        TimeoutError: if it is.
    """
    async with asyncio.timeout(20):
        return await browser.get(SOURCE_PATH)


async def archive(browser: AppBrowser) -> bytes:
    reply = await browser.get(SOURCE_PATH)
    assert reply.status == 200
    return reply.body


async def test_archive_is_sent_whole_and_no_faster_than_its_pace(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(request_handling, "PIECE_S", 0.01)
    server, loop = make_server(), asyncio.get_running_loop()
    began_s = loop.time()
    assert await archive(server.browser()) == server.services.source_archive
    pieces = -(-len(server.services.source_archive) // PIECE_BYTES)
    # The clock of a timer may be a little coarse.
    assert loop.time() - began_s > 0.9 * 0.01 * (pieces - 1)
    assert len(server.services.downloads) == 0


async def test_only_a_few_are_sent_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    server = make_server()
    async with AsyncExitStack() as stack:
        for _ in range(MAX_DOWNLOADS):
            await stack.enter_async_context(downloading(server))
        for _ in range(3):
            refused = await ask(server.browser())
            assert refused.status == 503
            assert TOO_MANY_DOWNLOADS.sentence in refused.page.text
        assert (await server.browser().get("/help")).status == 200
    await until_none_is_sent(server)
    monkeypatch.setattr(request_handling, "PIECE_S", 0.0)
    assert await archive(server.browser())


async def test_one_circuit_has_one_at_a_time_and_others_have_theirs() -> None:
    server = make_server()
    async with downloading(server, "one"):
        assert (await ask(server.browser(circuit="one"))).status == 503
        async with downloading(server, "two"):
            assert len(server.services.downloads) == 2


async def test_head_takes_no_place() -> None:
    server = make_server()
    for _ in range(MAX_DOWNLOADS + 1):
        reply = await server.browser().request("HEAD", SOURCE_PATH)
        assert reply.status == 200
        assert int(reply.headers["content-length"]) == len(server.services.source_archive)
    assert len(server.services.downloads) == 0


async def test_download_that_takes_too_long_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(request_handling, "MAX_DOWNLOAD_S", 0.05)
    server = make_server()
    reply = await server.browser().get(SOURCE_PATH)
    assert reply.body == server.services.source_archive[:PIECE_BYTES]
    assert len(server.services.downloads) == 0
    assert not server.services.failures


async def test_download_that_is_broken_off_frees_its_place() -> None:
    server = make_server()
    async with downloading(server):
        pass
    await until_none_is_sent(server)
    assert not server.services.failures
