"""Drives one server and prints what was measured, one JSON object a line.

    python -m bench.driver server|bare SOCKET PID STEP...

Steps: `fill=NAME,PEOPLE`, `idle`, `measure` of large rooms; `meet=PEOPLE`, `talk` of pairs; `end`.
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

from .bare_target import BareTarget
from .chat_target import ChatTarget
from .line import Line
from .pairs import PairsRun, end
from .rooms import RoomsRun
from .swarm import Swarm


def main(target_name: str, socket: str, pid: str, *steps: str) -> None:
    """Take one step after the other."""
    swarm = Swarm(Path(socket))
    line = Line(swarm)
    target = ChatTarget(line) if target_name == "server" else BareTarget(line)
    rooms, pairs = RoomsRun(swarm, target, int(pid)), PairsRun(swarm, target, int(pid))
    actions: dict[str, Callable[[str], object]] = {
        "fill": lambda told: rooms.fill(told.partition(",")[0], int(told.partition(",")[2])),
        "measure": lambda _: asdict(rooms.measure()),
        "idle": lambda _: rooms.idle(),
        "meet": lambda told: pairs.fill(int(told)),
        "talk": lambda _: asdict(pairs.measure()),
        "end": lambda _: asdict(end(swarm, int(pid))),
    }
    # Its own collector must not stand in the middle of a measurement.
    gc.freeze()
    gc.disable()
    for step in steps:
        name, _, told = step.partition("=")
        measured = actions[name](told)
        if measured is not None:
            print(json.dumps(measured), flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
