"""Run each attack on each number of circuits beside honest visitors; print what these met with.

python -m bench.attack [--seconds S] [--circuits 1,10,100] [KIND ...]
"""

from __future__ import annotations

import argparse
import asyncio
import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from bench.table import print_table

from .honest import Honest, Seen
from .hostile import KINDS
from .second_client import second_client

CIRCUITS = (1, 10, 100)
RUN_S = 25.0
BEGIN_S = 5.0
"""Before it is measured: the attacker has begun."""

HEADS = (
    *("", "circuits", "page p50", "p99 ms", "/ quiet", "word p50", "p99 ms", "/ quiet"),
    *("in", "back", "invited", "honest met", "unmet", "room B/s", "attacker: answers"),
)


@contextmanager
def demo() -> Iterator[tuple[str, str, Path]]:
    """Run the demo; yield its SOCKS port, its address and its run folder."""
    argv = [sys.executable, "-m", "server", "demo", "--json"]
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        try:
            for line in process.stdout:
                event = json.loads(line)
                if event["event"] == "ready":
                    break
            else:
                raise RuntimeError("the demo did not become ready")
            yield event["socks"], event["onion"], Path(event["web_socket"]).parents[1]
        finally:
            process.send_signal(signal.SIGTERM)


def p(values: list[float], share: float) -> float:
    """A percentile in ms; 0 if there is no value."""
    ordered = sorted(values)
    return 1e3 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else 0.0


def share(values: list[bool]) -> str:
    """How many of how many."""
    return f"{sum(values)}/{len(values)}"


def row(name: str, circuits: int, seen: Seen, quiet: Seen, run_s: float, answers: str) -> list[Any]:
    """One line of the table."""
    cells: list[Any] = [name, circuits]
    for values, usual in ((seen.page_s, quiet.page_s), (seen.word_s, quiet.word_s)):
        usual_ms = p(usual, 0.99)
        cells += [round(p(values, 0.5)), round(p(values, 0.99)), p(values, 0.99) / (usual_ms or 1)]
    cells += [share(seen.came_in), share(seen.came_back), share(seen.entered)]
    return [*cells, share(seen.met_honest), seen.unmatched, round(seen.room_bytes / run_s), answers]


async def attacked(
    honest: Honest, kind: str, circuits: int, socks: str, onion: str, run_s: float
) -> tuple[Seen, str]:
    """Let honest visitors live beside one attack; return what they met with, and its answers."""
    await honest.invite()
    argv = ("-m", "bench.attack.hostile", kind, str(circuits), socks, onion)
    hostile = await asyncio.create_subprocess_exec(
        sys.executable, *argv, stdout=asyncio.subprocess.PIPE
    )
    assert hostile.stdout is not None
    try:
        await hostile.stdout.readline()
        await asyncio.sleep(BEGIN_S)
        seen = await honest.live(run_s)
    finally:
        with suppress(ProcessLookupError):
            hostile.terminate()
        out, _ = await hostile.communicate()
    counted = json.loads(out)
    return seen, " ".join(f"{status}:{n}" for status, n in sorted(counted.items()))


async def run(kinds: list[str], circuits: list[int], run_s: float) -> None:
    """Measure the quiet server first, then each attack."""
    with demo() as (socks, onion, folder), second_client(folder) as attackers_socks:
        honest = Honest(socks, onion)
        await honest.gather()
        await honest.invite()
        await honest.live(BEGIN_S)
        quiet = await honest.live(run_s)
        rows = [row("quiet", 0, quiet, quiet, run_s, "")]
        for kind in kinds:
            for count in circuits:
                seen, answers = await attacked(honest, kind, count, attackers_socks, onion, run_s)
                rows.append(row(kind, count, seen, quiet, run_s, answers))
                print(rows[-1], file=sys.stderr, flush=True)
        title = f"Honest visitors beside an attacker, {run_s:.0f} s each (bar: in all shares whole)"
        print_table(title, HEADS, rows)


def main() -> None:
    """Read the arguments and run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=", ".join(KINDS))
    parser.add_argument("--seconds", type=float, default=RUN_S)
    parser.add_argument("--circuits", default=",".join(map(str, CIRCUITS)))
    arguments = parser.parse_args()
    kinds = arguments.kinds or list(KINDS)
    asyncio.run(run(kinds, [int(n) for n in arguments.circuits.split(",")], arguments.seconds))


if __name__ == "__main__":
    main()
