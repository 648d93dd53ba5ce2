"""When a request was answered, nothing holds it: no timer, no frame, no circle of objects.

Looked at from inside, so that it is told what is held, and so that whoever is not root can run it.
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
from server.stream.subscription import Stream
from server.web.edge.forms import Form
from server.web.feeds.chat import ChatSource
from server.web.feeds.stream_response import LiveBody
from server.web.render.composer_draft import Draft
from tests.everything import do_everything
from tests.fakes import knock

from .canaries import CANARIES, converse, lines_that_stay, send_nonsense, share_a_room
from .inhere import let_it_finish, living, server_in_here

OF_A_REQUEST = (
    *(HTTPStream, Request, Response, Form, Draft, Context),
    *(LiveBody, LiveStream, ChatSource, Secret, Stream, StreamConnection, NewEntry, Event),
)


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Nothing may wait for Python's collector."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


def held() -> list[str]:
    """What is still there of requests."""
    return [repr(thing) for thing in living(*OF_A_REQUEST)]


@pytest.mark.usefixtures("no_collector")
async def test_nothing_of_a_request_is_held_when_it_was_answered(tmp_path: Path) -> None:
    before = held()
    async with server_in_here(tmp_path) as server, lines_that_stay(server.connect, CANARIES[0]):
        for word in CANARIES:
            await send_nonsense(server.connect, word)
            await share_a_room(server.connect, word)
            await converse(server.connect, word, panics=False)
        await do_everything(server.browser)
        await let_it_finish()
        assert held() == before


@pytest.mark.usefixtures("no_collector")
async def test_one_form_that_was_read_is_held_by_no_timer(tmp_path: Path) -> None:
    # One alone: the loop throws its cancelled timers away when there are a hundred.
    before = held()
    async with server_in_here(tmp_path) as server:
        await knock(server.browser(), "talk")
        await let_it_finish()
        assert held() == before
