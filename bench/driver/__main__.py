"""Drives one server and prints what was measured, one JSON object a line.

    python -m bench.driver house|bare SOCKET PID STEP...

Steps: `fill=NAME,PEOPLE`, `idle`, `measure` of a crowd; `meet=PEOPLE`, `talk` of pairs; `end`.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from .bare import Bare
from .crowd import CrowdRun
from .line import Line
from .pairs import PairsRun, end
from .server_process import ServerProcess
from .swarm import Swarm


def main(way_name: str, socket: str, pid: str, *steps: str) -> None:
    """Take one step after the other."""
    swarm = Swarm(Path(socket))
    line = Line(swarm)
    way = ServerProcess(line) if way_name == "house" else Bare(line)
    crowd, pairs = CrowdRun(swarm, way, int(pid)), PairsRun(swarm, way, int(pid))
    does: dict[str, Callable[[str], object]] = {
        "fill": lambda told: crowd.fill(told.partition(",")[0], int(told.partition(",")[2])),
        "measure": lambda _: asdict(crowd.measure()),
        "idle": lambda _: crowd.idle(),
        "meet": lambda told: pairs.fill(int(told)),
        "talk": lambda _: asdict(pairs.measure()),
        "end": lambda _: asdict(end(swarm, int(pid))),
    }
    # Its own collector must not stand in the middle of a measurement.
    gc.freeze()
    gc.disable()
    for step in steps:
        name, _, told = step.partition("=")
        measured = does[name](told)
        if measured is not None:
            print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
