"""A server inside the test process, with a real socket, for tests that inspect its objects."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from server.config.defaults import default_rooms
from server.demo.text_browser import Connect, TextBrowser
from server.http.listener import serve_http
from server.process.sockets import listening_on
from server.serve import build_services
from server.store.memory.store import MemoryStore
from server.stream.timer_wheel import TimerWheel
from server.web.app import create_web
from server.web.downloads import Downloads
from server.web.form_tokens import FormTokens
from server.web.services import Services
from tests.fakes import DrawsAtOnce

MAX_BLOCK_S = 20.0
SHUTDOWN_S = 0.05
TURNS = 100
"""Turns of the event loop in which the server finishes its work after an answer."""


@dataclass(frozen=True, slots=True)
class InProcessServer:
    """The running server, and how to connect to it."""

    services: Services
    connect: Connect

    def browser(self) -> TextBrowser:
        """Return a new visitor."""
        return TextBrowser(self.connect)


@cache
def _shared_services() -> Services:
    """Build the parts that are the same in every test: pages, stylesheet and archive."""
    return build_services(MemoryStore(), default_rooms())


@asynccontextmanager
async def in_process_server(
    folder: Path, *, trusts_circuits: bool = False
) -> AsyncIterator[InProcessServer]:
    """Serve while the block runs."""
    path, stop = folder / "web" / "web.sock", asyncio.Event()
    store = MemoryStore(rooms=default_rooms())
    services = replace(
        _shared_services(),
        store=store,
        draws=DrawsAtOnce(store),
        tokens=FormTokens(),
        timer_wheel=TimerWheel(),
        failures=Counter(),
        downloads=Downloads(),
    )
    with listening_on(path) as listening:
        app = create_web(services, None)
        serving = asyncio.ensure_future(
            serve_http(app, listening, stop, SHUTDOWN_S, trusts_circuits=trusts_circuits)
        )
        # A real server always has a timer that is due soon; cancelled timers behind it stay queued.
        async with asyncio.timeout(MAX_BLOCK_S):
            yield InProcessServer(services, lambda: asyncio.open_unix_connection(str(path)))
        await services.store.close()
        stop.set()
        await serving
    assert not services.failures


async def run_pending_callbacks() -> None:
    """Let the server finish its work after an answer."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


def live_objects(*kinds: type) -> list[object]:
    """Return every object of these types that is still alive."""
    return [thing for thing in gc.get_objects() if isinstance(thing, kinds)]
