"""What tor's own defences cost while there is no flood, and what an introduction costs that waits.

    python -m bench.introductions

On one private Tor network, one service after the other: by ADD_ONION, as it was before; from a
folder with all defences; and with a queue that serves one request a second, so that nearly all
introductions only wait.
"""

from __future__ import annotations

import asyncio
import re
import time
from base64 import b64encode
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

from onion import (
    OnionError,
    PrivateNetwork,
    ServiceKey,
    ServiceSpec,
    SocksError,
    find_tor,
    open_socks_stream,
    run_folder,
)
from onion.descriptor import Uploads
from onion.launch.folder import make_private_folder
from onion.launch.torrc import Option, service_options
from onion.private.ports import ReservedPorts
from onion.service_folder import Place as Where
from onion.service_folder import service_folder
from onion.tor import Tor
from tests.onion.listening import listening

from .children import spent_s
from .table import print_table

LAUNCHES = 5
ROUNDS, VISITS, AT_ONCE = 4, 100, 40
PATIENCE_S = 60.0
FLOOD_PATIENCE_S = 5.0
SETTLE_S = 2.0

BEFORE, NOW, WAITING = "ADD_ONION", "folder and defences", "queue of one a second"


@dataclass(frozen=True, slots=True)
class Place:
    """Where the services of a run are."""

    folder: Path
    network: PrivateNetwork
    metrics_port: int

    @property
    def socket(self) -> Path:
        """Where the web process of the services listens."""
        return self.folder / "s"

    def options(self, kind: str, folder: Path) -> list[Option]:
        """Return the options of tor for one kind of service."""
        service = [] if kind == BEFORE else ServiceSpec(self.socket).options(folder)
        if kind == WAITING:
            queue = ("HiddenServicePoWQueueRate", "HiddenServicePoWQueueBurst")
            service = [(name, "1" if name in queue else value) for name, value in service]
        port = f"127.0.0.1:{self.metrics_port}"
        metrics = [("MetricsPort", port), ("MetricsPortPolicy", "accept 127.0.0.1")]
        return [*service_options(), *self.network.torrc, *metrics, *service]


@dataclass(frozen=True, slots=True)
class Service:
    """A service that can be visited."""

    place: Place
    key: ServiceKey
    tor: Tor

    async def visit(self, circuit: str, patience_s: float = PATIENCE_S) -> float:
        """Open one stream on a circuit of its own; return the seconds until the answer.

        Raises:
            OnionError, TimeoutError, IncompleteReadError: if there is none.
        """
        began_s = time.monotonic()
        async with asyncio.timeout(patience_s):
            socks = self.place.network.socks
            reader, writer = await open_socks_stream(
                socks, self.key.address, 80, isolation=f"{self.key.address} {circuit}"
            )
            writer.write(b"?\n")
            await reader.readexactly(1)
            writer.close()
        return time.monotonic() - began_s

    async def introductions(self) -> int:
        """Return how many introductions have arrived, from tor's metrics."""
        found = 0
        reader, writer = await asyncio.open_connection("127.0.0.1", self.place.metrics_port)
        writer.write(b"GET /metrics HTTP/1.0\r\n\r\n")
        # tor keeps the connection open.
        with suppress(TimeoutError):
            async with asyncio.timeout(1.0):
                while line := await reader.readline():
                    if match := re.match(rb"tor_hs_intro_num_total\{.*\} (\d+)", line):
                        found = int(match[1])
        writer.close()
        return found


@asynccontextmanager
async def published(place: Place, kind: str, name: str) -> AsyncIterator[Service]:
    """Launch a tor and publish a service of one kind."""
    key, folder = ServiceKey.generate(), place.folder / name
    make_private_folder(folder)
    uploads = Uploads(key.address)

    def note(line: str) -> None:
        uploads.note(line)

    async with service_folder(Where(folder), key) as secret:
        options = place.options(kind, secret)
        async with Tor(find_tor(), folder, options, on_event=note) as tor:
            await tor.bootstrap(stall_s=PATIENCE_S, events=("HS_DESC",))
            if kind == BEFORE:
                blob = b64encode(key.reveal()).decode("ascii")
                port = f"Port=80,unix:{place.socket}"
                await tor.request(f"ADD_ONION ED25519-V3:{blob} Flags=DiscardPK {port}")
            await tor.wait_until(lambda: uploads.is_reachable, timeout_s=PATIENCE_S)
            yield Service(place, key, tor)


async def launch_s(place: Place, kind: str, name: str) -> float:
    """Return the seconds from the launch of tor to the first answer."""
    began_s = time.monotonic()
    async with published(place, kind, name) as service:
        while True:
            try:
                await service.visit("first")
                return time.monotonic() - began_s
            except SocksError:  # the client has not found the descriptor yet
                await asyncio.sleep(0.1)


@dataclass(slots=True)
class Visits:
    """What visits have cost, over all rounds."""

    answered_s: list[float] = field(default_factory=list)
    """From the beginning to the answer, of each that was answered."""

    introductions: int = 0
    used_s: float = 0.0
    """Processor time of tor."""

    def row(self, kind: str) -> Sequence[object]:
        """Return a row of the table."""
        p99_s = quantiles(self.answered_s, n=100, method="inclusive")[98]
        each_ms = 1000 * self.used_s / self.introductions
        answered = len(self.answered_s)
        return kind, answered, median(self.answered_s), p99_s, self.introductions, each_ms


async def add_visits(visits: Visits, place: Place, kind: str, name: str) -> None:
    """Let visitors come, some at a time, each on a circuit of its own."""
    patience_s = FLOOD_PATIENCE_S if kind == WAITING else PATIENCE_S
    async with published(place, kind, name) as service:
        await asyncio.sleep(SETTLE_S)
        places = asyncio.Semaphore(AT_ONCE)

        async def visit(number: int) -> None:
            async with places:
                with suppress(OnionError, TimeoutError, EOFError):
                    visits.answered_s.append(await service.visit(f"{number}", patience_s))

        introduced, before_s = await service.introductions(), spent_s(service.tor.pid)
        await asyncio.gather(*(visit(number) for number in range(VISITS)))
        visits.used_s += spent_s(service.tor.pid) - before_s
        visits.introductions += await service.introductions() - introduced


async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Answer with one byte after the last line; a PROXY line may come before it."""
    await reader.readuntil(b"?\n")
    writer.write(b"!")
    await writer.drain()
    await reader.read()


async def main() -> None:
    """Measure and print."""
    async with AsyncExitStack() as stack:
        folder = await stack.enter_async_context(run_folder("sottovoce-bench-"))
        ports = stack.enter_context(ReservedPorts(1)).ports
        network = await stack.enter_async_context(PrivateNetwork(folder / "net"))
        await network.start_client()
        place = Place(folder, network, ports[0])
        await stack.enter_async_context(listening(place.socket, answer))
        launches: dict[str, list[float]] = {BEFORE: [], NOW: []}
        for number in range(LAUNCHES):
            for kind, seconds in launches.items():
                seconds.append(await launch_s(place, kind, f"{kind} {number}"))
        print_table(
            f"From the launch of tor to the first answer, {LAUNCHES} times each",
            ("", "median s", "shortest", "longest"),
            [(kind, median(took), min(took), max(took)) for kind, took in launches.items()],
        )
        found = {BEFORE: Visits(), NOW: Visits(), WAITING: Visits()}
        for number in range(ROUNDS):
            for kind in (BEFORE, NOW):
                await add_visits(found[kind], place, kind, f"visits {kind} {number}")
        await add_visits(found[WAITING], place, WAITING, "visits waiting")
        print_table(
            f"{VISITS} visits in each of {ROUNDS} rounds (the last: one), {AT_ONCE} at a time,"
            " each on a new circuit",
            ("", "answered", "p50 s", "p99 s", "introductions", "tor's ms for each"),
            [visits.row(kind) for kind, visits in found.items()],
        )


if __name__ == "__main__":
    asyncio.run(main())
