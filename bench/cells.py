"""Cells of each event on a real circuit: readers connect through a private Tor network.

Each reader's stream is alone on its circuit; all other visitors use the Unix socket. The cells that
tor counts on that circuit are the cost of the reader.

    python -m bench.cells

prints one JSON object: the cells of each event.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from functools import partial

from onion import (
    OnionService,
    PrivateNetwork,
    ServiceKey,
    ServiceSpec,
    open_socks_stream,
    run_folder,
)
from onion.control import Control
from onion.launch.torrc import control_socket
from server.core.limits import HEARTBEAT_S
from server.demo.text_browser import TextBrowser
from tests.fakes import Talker, join_room
from tests.process.server_process import ServerProcess, running_server

from .meter import Meter

LENGTHS = (1, 200, 300, 2_000)
"""Of messages, in characters."""

BUSY, SILENT = "common", "quiet"
"""The two rooms; in the second nobody posts."""

STEADY_EVERY_S, STEADY_TICKS = 2, 12
STEADY = f"steady, {STEADY_TICKS} ticks while others talk"
"""A third reader, in the first room, has a constant-rate stream: one cell at each tick."""

READERS = ((BUSY, ""), (SILENT, ""), (BUSY, f"?steady={STEADY_EVERY_S}"))

SETTLE_S = 3.0
"""Seconds until the cells of building circuits and opening streams are all counted."""

Found = dict[str, int]
"""Cells by event."""


class Reading:
    """A stream through tor, read and dropped while its block is open."""

    def __init__(self, browser: TextBrowser, path: str) -> None:
        self._browser, self._path = browser, path
        self._opened = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        self._task = asyncio.create_task(self._read())
        await self._opened.wait()

    async def __aexit__(self, *_: object) -> None:
        assert self._task is not None
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _read(self) -> None:
        async with self._browser.stream(self._path) as stream:
            async for _ in stream.chunks():
                self._opened.set()


async def measure() -> Found:
    """Start everything; cause one event after the other in one room, and none in the other."""
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(run_folder("sottovoce-bench-"))
        server = stack.enter_context(running_server(folder))
        network = await stack.enter_async_context(PrivateNetwork(folder / "net"))
        key = ServiceKey.generate()
        spec = ServiceSpec(server.socket)
        service = OnionService(spec, key, folder / "tor", torrc_extra=network.torrc)
        _, socks = await asyncio.gather(stack.enter_async_context(service), network.start_client())
        meter = Meter()
        control = await Control.attach(
            control_socket(folder / "net" / "client"), on_event=meter.note
        )
        stack.push_async_callback(control.close)
        await control.subscribe("CIRC_BW")
        circuits = []
        for room, how in READERS:
            inside = await join_room(server.browser(), room)
            through = _through(socks, key.address, room + how)
            through.cookie = inside.browser.cookie
            await stack.enter_async_context(Reading(through, f"{inside.path}/live{how}"))
            joined = await meter.joined(control)
            circuits += [circuit for circuit in joined if circuit not in circuits]
        await asyncio.sleep(SETTLE_S)
        busy, silent, steady = circuits
        events, heartbeat, ticks = await asyncio.gather(
            _events(meter, busy, server),
            meter.cost_of(silent, _nothing, HEARTBEAT_S + SETTLE_S),
            meter.within(steady, STEADY_TICKS * STEADY_EVERY_S),
        )
        return {**events, "heartbeat": heartbeat, STEADY: ticks}


def _through(socks: str, address: str, isolation: str) -> TextBrowser:
    return TextBrowser(lambda: open_socks_stream(socks, address, 80, isolation=isolation), address)


async def _nothing() -> None:
    """The event before a heartbeat: none."""


async def _events(meter: Meter, circuit: str, server: ServerProcess) -> Found:
    """Measure what the events of other members cost a reader."""
    came: list[Talker[TextBrowser]] = []
    found: Found = {}

    async def join() -> None:
        came.append(await join_room(server.browser(), BUSY))

    async def cost(name: str, cause: Callable[[], Awaitable[object]]) -> None:
        found[name] = await meter.cost_of(circuit, cause)

    await cost("join", join)
    (writer,) = came
    for length in LENGTHS:
        await cost(f"message of {length:,} characters", partial(writer.send, "a" * length))
    await cost("delete", partial(_delete, writer))
    await cost("leave", partial(writer.press, "leave"))
    return found


async def _delete(writer: Talker[TextBrowser]) -> None:
    """Delete the newest message."""
    people = await writer.browser.get(f"{writer.path}/people")
    newest = people.body.decode().partition("<button name=seq value=")[2].partition(">")[0]
    await writer.browser.submit(people.page.form("/delete"), seq=newest)


if __name__ == "__main__":
    print(json.dumps(asyncio.run(measure())))
