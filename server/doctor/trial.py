"""Runs a short-lived process in the web process's sandbox, and judges what it could still do."""

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
    "linux has it since 5.13; if `cat /sys/kernel/security/lsm` does not list it, boot with"
    " lsm=landlock, before the names that are listed there"
)
UNLIMITED = "unlimited"
"""As `/proc/PID/limits` writes it."""

UNEXPECTED = "report your kernel's version to the authors"


@dataclass(frozen=True, slots=True)
class Trial:
    """What a process reported that tried to enter the sandbox."""

    refused: str = ""
    """Why it could not enter the sandbox; empty if it did. If set, the rest means nothing."""

    hint: str = ""
    calls: tuple[str, ...] = ()
    """Actions that it could still do, although the kernel should refuse them."""

    writes: bool = False
    has_landlock: bool = True
    is_filtered: bool = True
    """Whether the kernel reports it as filtered, and as unable to gain privileges."""

    core_limits: tuple[int, int] = (0, 0)
    """Soft and hard, in bytes."""

    is_dumpable: bool = False

    @property
    def is_sandboxed(self) -> bool:
        """Whether it could enter the sandbox at all."""
        return not self.refused


async def try_sandbox() -> Trial:
    """Start a process that enters the sandbox, and read what it could still do."""
    with tempfile.TemporaryDirectory(prefix="sottovoce-doctor-") as folder:
        (Path(folder) / "mine").write_bytes(b"")
        # With -P the working directory is not searched for modules.
        argv = [sys.executable, "-P", "-m", "server.doctor.probe", folder]
        try:
            output = await run_owned(argv, timeout_s=BOUND_S)
            # In development mode, Python prints lines of its own around the answer.
            (answer,) = (line for line in output.splitlines() if line.startswith("{"))
            return read_trial(json.loads(answer))
        except OnionError as error:
            return Trial(refused=f"the sandbox cannot be entered: {error}", hint=error.hint)
        except (ValueError, KeyError) as error:
            reason = f"the sandboxed process did not answer ({type(error).__name__})"
            return Trial(refused=reason, hint=UNEXPECTED)


def read_trial(result: Mapping[str, Any]) -> Trial:
    """Parse the probe's output.

    Raises:
        KeyError: if a field is missing.
    """
    if "refused" in result:
        return Trial(refused=result["refused"], hint=result["hint"])
    status = status_in(result["status"])
    soft, hard = map(_limit_bytes, core_limits_in(result["limits"]) or (UNLIMITED, UNLIMITED))
    return Trial(
        calls=tuple(result["calls"]),
        writes=result["writes"],
        has_landlock=result["has_landlock"],
        is_filtered=status["Seccomp"] == "2" and status["NoNewPrivs"] == "1",
        core_limits=(soft, hard),
        is_dumpable=result["is_dumpable"],
    )


def _limit_bytes(text: str) -> int:
    return sys.maxsize if text == UNLIMITED else int(text)


def check_calls(trial: Trial) -> Finding:
    """Find whether a sandboxed process is kept from sockets, connections and programs."""
    if not trial.is_sandboxed:
        return Finding(CALLS, State.FAILS, trial.refused, trial.hint)
    if trial.calls:
        sentence = f"a sandboxed process can still {', '.join(trial.calls)}"
        return Finding(CALLS, State.FAILS, sentence, UNEXPECTED)
    if not trial.is_filtered:
        sentence = "the kernel does not report a sandboxed process as filtered"
        return Finding(CALLS, State.FAILS, sentence, UNEXPECTED)
    return Finding(
        CALLS, State.HOLDS, "a sandboxed process cannot make a socket, connect, or run a program"
    )


def check_files(trial: Trial) -> Finding:
    """Find whether a sandboxed process is kept from writing files."""
    if not trial.is_sandboxed:
        return Finding(FILES, State.UNKNOWN, "not tried: no process could enter the sandbox")
    if trial.writes:
        return Finding(FILES, State.FAILS, "a sandboxed process can still write files", UNEXPECTED)
    if not trial.has_landlock:
        sentence = "no landlock here: an attacker in the web process could delete its user's files"
        return Finding(FILES, State.NOTED, sentence, LANDLOCK_HINT)
    return Finding(FILES, State.HOLDS, "a sandboxed process can open no file")
