"""Seals a short-lived process as the web process is sealed, and judges what it could still do."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from onion import OnionError, run_owned

from .findings import Finding, State
from .machine import core_limits_in, status_in

CALLS, FILES = "system calls", "files"

BOUND_S = 20.0
LANDLOCK_HINT = (
    "a kernel from 5.13 on has it; where `cat /sys/kernel/security/lsm` does not name it, boot"
    " with lsm=landlock, before what stands there"
)
UNLIMITED = "unlimited"
"""How `/proc/PID/limits` says it."""

UNEXPECTED = "tell the authors which kernel this is"


@dataclass(frozen=True, slots=True)
class Trial:
    """What a process said that was to give up its ways out."""

    refused: str = ""
    """Why it could not be sealed; empty if it was. Then the rest means nothing."""

    hint: str = ""
    calls: tuple[str, ...] = ()
    """What it could still do of what the kernel should refuse."""

    writes: bool = False
    has_landlock: bool = True
    is_filtered: bool = True
    """Whether the kernel counts it as filtered, and as one that gains no privileges."""

    core_limits: tuple[int, int] = (0, 0)
    """Soft and hard, in bytes."""

    is_dumpable: bool = False

    @property
    def is_sealed(self) -> bool:
        """Whether it could give up its ways out at all."""
        return not self.refused


async def try_sealing() -> Trial:
    """Start a process that gives up its ways out, and hear what it can still do."""
    with tempfile.TemporaryDirectory(prefix="sottovoce-doctor-") as folder:
        (Path(folder) / "mine").write_bytes(b"")
        argv = [sys.executable, "-m", "server.doctor.probe", folder]
        try:
            said = await run_owned(argv, timeout_s=BOUND_S)
            # Python may have said something around it: it says all it can in development mode.
            (answer,) = (line for line in said.splitlines() if line.startswith("{"))
            return read_trial(json.loads(answer))
        except OnionError as error:
            return Trial(refused=f"no process could be sealed: {error}", hint=error.hint)
        except (ValueError, KeyError) as error:
            reason = f"the sealed process did not answer ({type(error).__name__})"
            return Trial(refused=reason, hint=UNEXPECTED)


def read_trial(told: Mapping[str, Any]) -> Trial:
    """Read what the probe said.

    Raises:
        KeyError: if something is missing.
    """
    if "refused" in told:
        return Trial(refused=told["refused"], hint=told["hint"])
    status = status_in(told["status"])
    soft, hard = map(_limit, core_limits_in(told["limits"]) or (UNLIMITED, UNLIMITED))
    return Trial(
        calls=tuple(told["calls"]),
        writes=told["writes"],
        has_landlock=told["has_landlock"],
        is_filtered=status["Seccomp"] == "2" and status["NoNewPrivs"] == "1",
        core_limits=(soft, hard),
        is_dumpable=told["is_dumpable"],
    )


def _limit(told: str) -> int:
    return sys.maxsize if told == UNLIMITED else int(told)


def check_calls(trial: Trial) -> Finding:
    """Find whether a sealed process is kept from sockets, connections and programs."""
    if not trial.is_sealed:
        return Finding(CALLS, State.FAILS, trial.refused, trial.hint)
    if trial.calls:
        sentence = f"a sealed process can still {', '.join(trial.calls)}"
        return Finding(CALLS, State.FAILS, sentence, UNEXPECTED)
    if not trial.is_filtered:
        sentence = "the kernel does not count a sealed process as filtered"
        return Finding(CALLS, State.FAILS, sentence, UNEXPECTED)
    return Finding(
        CALLS, State.HOLDS, "a sealed process can make no socket and no connection, run no program"
    )


def check_files(trial: Trial) -> Finding:
    """Find whether a sealed process is kept from writing files."""
    if not trial.is_sealed:
        return Finding(FILES, State.UNKNOWN, "no process could be sealed, so none could try")
    if trial.writes:
        return Finding(FILES, State.FAILS, "a sealed process can still write files", UNEXPECTED)
    if not trial.has_landlock:
        sentence = "no Landlock here: a broken web process could read whatever its user may"
        return Finding(FILES, State.NOTED, sentence, LANDLOCK_HINT)
    return Finding(FILES, State.HOLDS, "a sealed process can write no file, and read only itself")
