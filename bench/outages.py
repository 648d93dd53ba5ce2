"""How soon a server answers again after an outage, and whether an acknowledged message was lost.

python -m bench.outages [TIMES]

Three servers run in the demo's private network: one for outages of tor, one for its web process,
one for its network. In each of them pairs talk through the tor of the demo's client while something
is killed, stops or starves, TIMES times each (10), for 1, 2, 3 ... seconds. From the end of the
cause on, newcomers come each second through another tor, each on new circuits, until one is
answered.

A web process that is killed takes every conversation with it. Then nobody may see anything of them,
and new pairs are matched.
"""

from __future__ import annotations

import asyncio
import itertools
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

from bench.attack.__main__ import demo
from bench.attack.second_client import second_client
from bench.table import print_table
from onion import open_socks_stream, read_user_torrc, render_torrc
from server.demo.text_browser import TextBrowser
from tests.e2e.cut_line import Line, line
from tests.e2e.events import Events
from tests.e2e.workspace import running_processes

from .acknowledged import FAILED, Pairs
from .disturbances import (
    Cause,
    Pid,
    cut_network,
    hold_network,
    kill,
    starve,
    starve_network,
    stop,
)

TIMES = 10
PAIRS = 2
BAR_S = 15.0
NEWCOMER_EVERY_S = 1.0
NEWCOMER_S = 20.0
"""A newcomer gives up after so long; others have come meanwhile."""

BOUND_S = 180.0
"""After so long without an answer the measurement gives up."""

QUIET_S = 3.0
"""Between two outages."""

HEADS = (
    *("", "times", "newcomer answered after, s", "worst", ""),
    *("those inside, s", "worst", "acknowledged", "lost", "doubled", "seen of before"),
)


@dataclass(slots=True)
class Server:
    """A running `sottovoce up`, and the line to its network."""

    events: Events
    line: Line
    onion: str

    def tor(self) -> int:
        """The process id of its present tor."""
        return self._child("/tor/torrc")

    def web(self) -> int:
        """The process id of its present web process."""
        return self._child("\0serve\0")

    def _child(self, mark: str) -> int:
        ours = (p for p in running_processes() if p.parent == self.events.process.pid)
        return next(child.pid for child in ours if mark in child.command_line)


@asynccontextmanager
async def up(network: Path) -> AsyncIterator[Server]:
    """Run a server whose tor reaches the network through a line of its own."""
    async with line() as own:
        with tempfile.TemporaryDirectory(prefix="sv-") as folder:
            torrc = Path(folder) / "torrc"
            torrc.write_text(render_torrc([*read_user_torrc(network), *own.torrc]))
            argv = ["-m", "server", "up", "--json", "--folder", f"{folder}/s", "--torrc", torrc]
            with _running([sys.executable, *map(str, argv)]) as events:
                ready = await asyncio.to_thread(events.wait_ready)
                yield Server(events, own, ready["onion"])


@contextmanager
def _running(argv: list[str]) -> Iterator[Events]:
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Events(process)
        finally:
            process.terminate()


@dataclass(slots=True)
class Outcome:
    """What was seen of one kind of outage."""

    newcomer_s: list[float] = field(default_factory=list)
    inside_s: list[float] = field(default_factory=list)
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    seen_of_before: int = 0

    def row(self, name: str) -> tuple[object, ...]:
        """The row that is printed."""
        held = max(self.newcomer_s) <= BAR_S and not (self.lost or self.doubled)
        inside = (median(self.inside_s), max(self.inside_s)) if self.inside_s else ("", "")
        return (
            *(name, len(self.newcomer_s), median(self.newcomer_s), max(self.newcomer_s)),
            "held" if held and not self.seen_of_before else "NOT HELD",
            *(*inside, self.acknowledged, self.lost, self.doubled, self.seen_of_before),
        )


class Trial:
    """The outages of one server.

    Args:
        name: what has the outages.
        server: it.
        socks: the SOCKS port of those inside, and that of the newcomers.
    """

    def __init__(self, name: str, server: Server, socks: tuple[str, str]) -> None:
        self._name, self._server, self._socks = name, server, socks
        self._numbers = itertools.count()
        self._outcomes: dict[str, Outcome] = {}
        self._ended_s = 0.0

    async def run(self, causes: dict[str, Cause], times: int, ends_all: str = "") -> None:
        """Cause each outage so often, in turns.

        Args:
            causes: by name.
            times: how often each.
            ends_all: the one that ends every conversation.
        """
        self._outcomes = {name: Outcome() for name in causes}
        others = {name: cause for name, cause in causes.items() if name != ends_all}
        for seconds in range(1, times + 1):
            async with self._pairs() as pairs:
                for name, cause in others.items():
                    await self._suffer(name, cause, seconds)
                    await self._compare(name, pairs)
                if ends_all:
                    texts = [text for person in pairs.people for _, text in person.acknowledged]
                    await self._suffer(ends_all, causes[ends_all], seconds)
                    outcome = self._outcomes[ends_all]
                    outcome.acknowledged += len(texts)
                    outcome.seen_of_before += await self._seen_of(pairs, texts)

    @property
    def rows(self) -> list[tuple[object, ...]]:
        """The rows that are printed."""
        return [outcome.row(f"{self._name} {name}") for name, outcome in self._outcomes.items()]

    def _pairs(self) -> Pairs:
        return Pairs(self._visitor, PAIRS, f"{self._name} {next(self._numbers)}")

    def _visitor(self, name: str) -> TextBrowser:
        return self._browser(self._socks[0], name)

    def _browser(self, socks: str, circuit: str) -> TextBrowser:
        onion = self._server.onion
        return TextBrowser(
            lambda: open_socks_stream(socks, onion, 80, isolation=f"{onion} {circuit}"), onion
        )

    async def _suffer(self, name: str, cause: Cause, seconds: float) -> None:
        await asyncio.sleep(QUIET_S)
        self._server.events.skip_unread()
        known = len(self._server.events.seen)
        await cause(seconds)
        self._ended_s = time.monotonic()
        after_s = await self._newcomer_answered() - self._ended_s
        self._outcomes[name].newcomer_s.append(after_s)
        self._server.events.skip_unread()
        told = [event.get("text") for event in self._server.events.seen[known:]]
        _note(f"{self._name} {name} for {seconds} s: answered after {after_s:.1f} s; {told}")

    async def _newcomer_answered(self) -> float:
        """Let newcomers come until one is answered; return when, in monotonic seconds."""
        coming: set[asyncio.Task[float]] = set()
        try:
            async with asyncio.timeout(BOUND_S):
                while True:
                    coming.add(asyncio.ensure_future(self._newcomer()))
                    done, coming = await asyncio.wait(
                        coming, timeout=NEWCOMER_EVERY_S, return_when=asyncio.FIRST_COMPLETED
                    )
                    answered = [task.result() for task in done if not task.exception()]
                    if answered:
                        return min(answered)
                    await asyncio.sleep(0.05)
        finally:
            for task in coming:
                task.cancel()

    async def _newcomer(self) -> float:
        browser = self._browser(self._socks[1], f"newcomer {next(self._numbers)}")
        async with asyncio.timeout(NEWCOMER_S):
            if (await browser.get("/")).status != 200:
                raise ConnectionError("not answered as usual")
        return time.monotonic()

    async def _compare(self, name: str, pairs: Pairs) -> None:
        """Wait until those inside talk again, and compare what they wrote with what they read."""
        outcome = self._outcomes[name]
        async with asyncio.timeout(BOUND_S):
            outcome.inside_s.append(await pairs.wait_talking(self._ended_s))
        _note(f"{self._name} {name}: those inside talk after {outcome.inside_s[-1]:.1f} s")
        acknowledged, lost, doubled = await pairs.compare()
        outcome.acknowledged += acknowledged
        outcome.lost, outcome.doubled = outcome.lost + lost, outcome.doubled + doubled

    async def _seen_of(self, pairs: Pairs, texts: list[str]) -> int:
        """How many of the texts anybody who was inside can still see."""
        shown = b""
        for person in pairs.people:
            for path in (person.talker.path, f"{person.talker.path}/plain", "/wait", "/"):
                with suppress(*FAILED):
                    async with asyncio.timeout(NEWCOMER_S):
                        shown += (await person.talker.browser.get(path)).body
        assert shown, "nobody was answered"
        return sum(text.encode() in shown for text in texts)


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


async def run(times: int) -> None:
    """Measure all three servers at the same time, and print."""
    with demo() as (socks, _, folder), second_client(folder) as others:
        network = folder / "network.torrc"
        async with up(network) as one, up(network) as two, up(network) as three:
            both = (socks, others)
            tor, web, net = (
                Trial(name, server, both)
                for name, server in (("tor", one), ("web", two), ("network", three))
            )
            await asyncio.gather(
                tor.run(_of_process(one.tor), times),
                web.run(_of_process(two.web), times, ends_all="killed"),
                net.run(
                    {
                        "cut": cut_network(three.line),
                        "stopped": hold_network(three.line),
                        "starved": starve_network(three.line),
                    },
                    times,
                ),
            )
    title = f"Outages during conversations through tor (bar: answered within {BAR_S:.0f} s)"
    print_table(title, HEADS, [*tor.rows, *web.rows, *net.rows])


def _of_process(pid: Pid) -> dict[str, Cause]:
    return {"stopped": stop(pid), "starved": starve(pid), "killed": kill(pid)}


if __name__ == "__main__":
    asyncio.run(run(int(sys.argv[1]) if len(sys.argv) > 1 else TIMES))
