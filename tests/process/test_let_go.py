"""When a request was answered, nothing holds it: no timer, no frame, no circle of objects.

Looked at from inside, so that it is told what is held, and so that whoever is not root can run it.
"""

from __future__ import annotations

import asyncio
import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from hypercorn.protocol.http_stream import HTTPStream
from jinja2.runtime import Context
from quart import Request, Response

from server.core.cells import Event
from server.core.ids import Secret
from server.defaultrooms import default_rooms
from server.guest.textbrowser import Connect, TextBrowser
from server.listener import serve_http
from server.openline import OpenLine
from server.serve import build_services
from server.sockets import listening_on
from server.store.base_streams import Heard, Stream
from server.store.memory import MemoryStore
from server.web.app import create_app
from server.web.chatfeed import ChatFeed
from server.web.draft import Draft
from server.web.forms import Form
from server.web.guard import Guard
from server.web.live import Live
from server.web.livebody import LiveBody
from tests.everything import do_everything
from tests.fakes import knock

from .canaries import CANARIES, converse, lines_that_stay, send_nonsense, share_a_room

OF_A_REQUEST = (
    *(HTTPStream, Request, Response, Form, Draft, Context),
    *(LiveBody, Live, ChatFeed, Secret, Stream, OpenLine, Heard, Event),
)


BOUND_S = 20.0
TURNS = 100
"""Of the loop, in which the house finishes what it has answered."""


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Nothing may wait for Python's collector."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@asynccontextmanager
async def house_in_here(folder: Path) -> AsyncIterator[Connect]:
    """Serve in this very process; gives how to reach it."""
    path, stop = folder / "web" / "web.sock", asyncio.Event()
    rooms = default_rooms()
    services = build_services(MemoryStore(rooms=rooms), rooms)
    with listening_on(path) as listening:
        app = Guard(create_app(services), None, services.failures)
        serving = asyncio.ensure_future(serve_http(app, listening, stop))
        # A timer that is due soon, as a house has them: those behind it stay when cancelled.
        async with asyncio.timeout(BOUND_S):
            yield lambda: asyncio.open_unix_connection(str(path))
        stop.set()
        await serving
    assert not services.failures


def held() -> list[str]:
    """What is still there of requests."""
    return [repr(thing) for thing in gc.get_objects() if isinstance(thing, OF_A_REQUEST)]


async def let_it_finish() -> None:
    """Let the house do what it does after an answer."""
    for _ in range(TURNS):
        await asyncio.sleep(0)


@pytest.mark.usefixtures("no_collector")
async def test_nothing_of_a_request_is_held_when_it_was_answered(tmp_path: Path) -> None:
    before = held()
    async with house_in_here(tmp_path) as connect, lines_that_stay(connect, CANARIES[0]):
        for word in CANARIES:
            await send_nonsense(connect, word)
            await share_a_room(connect, word)
            await converse(connect, word, panics=False)
        await do_everything(lambda: TextBrowser(connect))
        await let_it_finish()
        assert held() == before


@pytest.mark.usefixtures("no_collector")
async def test_one_form_that_was_read_is_held_by_no_timer(tmp_path: Path) -> None:
    # One alone: the loop throws its cancelled timers away when there are a hundred.
    before = held()
    async with house_in_here(tmp_path) as connect:
        await knock(TextBrowser(connect), "talk")
        await let_it_finish()
        assert held() == before
