"""Once a request is answered, nothing refers to it: no timer, no frame, no reference cycle.

Checked inside the process, so that a failure names the objects and the test does not need root.
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
from server.http.circuits import CircuitConnection
from server.http.connection import Connection
from server.http.metered import Meter
from server.http.stream_connection import StreamConnection
from server.stream.broadcast import NewEntry
from server.stream.live import LiveStream
from server.stream.subscription import Subscription
from server.web.edge.forms import Form
from server.web.feeds.chat import ChatSource
from server.web.render.composer_draft import Draft
from tests.everything import do_everything
from tests.fakes import press_intent

from .canaries import CANARIES, converse, persistent_connections, send_nonsense, share_a_room
from .in_process import in_process_server, live_objects, run_pending_callbacks
from .needles import Needles

OF_A_REQUEST = (
    *(HTTPStream, Request, Response, Form, Draft, Context),
    *(LiveStream, ChatSource, Secret, Subscription, StreamConnection, NewEntry, Event),
)


@pytest.fixture
def no_collector() -> Iterator[None]:
    """Switch off Python's garbage collector: no object may depend on it."""
    gc.collect()
    gc.disable()
    yield
    gc.enable()


OF_A_CONNECTION = (Connection, CircuitConnection, Meter)


def remaining_objects() -> list[str]:
    """Return the objects of requests that are still alive."""
    return [repr(thing) for thing in live_objects(*OF_A_REQUEST)]


@pytest.mark.parametrize("trusts_circuits", [False, True])
@pytest.mark.usefixtures("no_collector")
async def test_answered_requests_leave_no_objects(tmp_path: Path, trusts_circuits: bool) -> None:
    before, needles = remaining_objects(), Needles()
    async with (
        in_process_server(tmp_path, trusts_circuits=trusts_circuits) as server,
        persistent_connections(needles.on_circuit(server.connect), CANARIES[0]),
    ):
        for word in CANARIES:
            # Each on a circuit of its own: one that is in debt refuses connections.
            await send_nonsense(needles.on_circuit(server.connect), word)
            await share_a_room(needles.on_circuit(server.connect), word)
            connect, other = (needles.on_circuit(server.connect) for _ in "12")
            await converse(connect, word, panics=False, other=other)
        await do_everything(server.browser)
        await run_pending_callbacks()
        assert remaining_objects() == before
    await run_pending_callbacks()
    assert not live_objects(*OF_A_CONNECTION)


@pytest.mark.usefixtures("no_collector")
async def test_no_timer_refers_to_a_form_that_was_read(tmp_path: Path) -> None:
    # Only one request: the event loop drops its cancelled timers once there are a hundred.
    before = remaining_objects()
    async with in_process_server(tmp_path) as server:
        await press_intent(server.browser(), "talk")
        await run_pending_callbacks()
        assert remaining_objects() == before
