"""After a request was answered, nothing refers to it: no timer, no frame, no reference cycle.

Checked from inside the process: so a failure names the objects, and the test does not need root.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypercorn.protocol.http_stream import HTTPStream
from jinja2.runtime import Context
from quart import Request, Response

from server.core.cells import Event
from server.core.ids import Secret
from server.http.stream_connection import StreamConnection
from server.stream.broadcast import NewEntry
from server.stream.live import LiveStream
from server.stream.subscription import Subscription
from server.web.edge.forms import Form
from server.web.feeds.chat import ChatSource
from server.web.render.composer_draft import Draft
from tests.everything import do_everything
from tests.fakes import knock

from .canaries import CANARIES, converse, lines_that_stay, send_nonsense, share_a_room
from .inhere import in_process_server, living, run_pending_callbacks

OF_A_REQUEST = (
    *(HTTPStream, Request, Response, Form, Draft, Context),
    *(LiveStream, ChatSource, Secret, Subscription, StreamConnection, NewEntry, Event),
)


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Switch off Python's garbage collector: no object may wait for it."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def held() -> list[str]:
    """Return the remaining objects of requests."""
    return [repr(thing) for thing in living(*OF_A_REQUEST)]


@pytest.mark.usefixtures("no_collector")
async def test_answered_requests_leave_no_objects(tmp_path: Path) -> None:
    before = held()
    async with in_process_server(tmp_path) as server, lines_that_stay(server.connect, CANARIES[0]):
        for word in CANARIES:
            await send_nonsense(server.connect, word)
            await share_a_room(server.connect, word)
            await converse(server.connect, word, panics=False)
        await do_everything(server.browser)
        await run_pending_callbacks()
        assert held() == before


@pytest.mark.usefixtures("no_collector")
async def test_no_timer_holds_a_form_that_was_read(tmp_path: Path) -> None:
    # Only one request: the loop drops its cancelled timers when there are a hundred.
    before = held()
    async with in_process_server(tmp_path) as server:
        await knock(server.browser(), "talk")
        await run_pending_callbacks()
        assert held() == before
