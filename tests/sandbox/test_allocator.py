"""The program starts itself again so that freed memory is overwritten, and finds out if it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import pytest

from server.sandbox import allocator
from server.sandbox.allocator import AGAIN, PROBE, allocator_can_hold, with_settings
from server.sandbox.environment import plain_environment

from .restarted import SIGKILL

BARE = {k: v for k, v in os.environ.items() if k not in {"PYTHONMALLOC", "GLIBC_TUNABLES", AGAIN}}
PROGRAM = ("-m", "tests.sandbox.restarted")


def run(*words: str, environment: Mapping[str, str] = BARE) -> tuple[int, dict[str, Any]]:
    """How often the program started, and what it told at last."""
    ran = subprocess.run(
        [sys.executable, *words],
        env=environment,
        input="through stdin",
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    *starts, told = ran.stdout.splitlines()
    return len(starts), json.loads(told)


def test_program_starts_again_as_it_was_and_overwrites_what_it_frees() -> None:
    starts, told = run("-B", *PROGRAM, "--json", "a word")
    assert starts == 2
    assert told["holds"]
    assert (told["flags"], told["words"]) == (1, ["--json", "a word"])
    assert told["read"] == "through stdin"
    assert told["signal"] == SIGKILL  # it still ends with whoever owns it


def test_program_that_has_the_settings_does_not_start_again() -> None:
    starts, told = run(*PROGRAM, environment=with_settings(plain_environment(BARE)))
    assert (starts, told["holds"]) == (1, True)


def test_settings_that_do_not_take_hold_lead_to_no_third_start() -> None:
    # With -E Python does not look at PYTHONMALLOC; a wrapper may take the others away.
    starts, told = run("-E", *PROGRAM)
    assert (starts, told["holds"]) == (2, False)


def test_what_the_operator_tells_the_c_library_stays_told() -> None:
    own = {**BARE, "GLIBC_TUNABLES": "glibc.malloc.arena_max=2:glibc.malloc.perturb=7"}
    starts, told = run(*PROGRAM, environment=own)
    assert (starts, told["holds"]) == (2, True)
    assert told["tunables"].split(":") == [
        "glibc.malloc.arena_max=2",
        "glibc.malloc.perturb=255",
        "glibc.malloc.tcache_count=0",
    ]


def test_variables_of_whoever_started_it_are_left_behind() -> None:
    shell = {"SSH_CONNECTION": "192.0.2.1 5 192.0.2.2 22", "HOME": "/nowhere", "PYTHONDEVMODE": "1"}
    _, told = run(*PROGRAM, environment={**BARE, **shell})
    assert not set(shell) & set(told["variables"])
    assert "PATH" in told["variables"]


def holds(environment: Mapping[str, str]) -> bool:
    """What a process under these settings finds out about itself."""
    tried = subprocess.run([sys.executable, "-c", PROBE], env=environment, check=False)
    return tried.returncode == 0


def test_none_of_the_settings_can_be_left_out() -> None:
    settings = with_settings(BARE)
    perturb, tcache = settings["GLIBC_TUNABLES"].split(":")
    assert holds(settings)
    assert not holds(BARE)
    assert not holds({**settings, "PYTHONMALLOC": "pymalloc"})
    assert not holds({**settings, "GLIBC_TUNABLES": perturb})
    assert not holds({**settings, "GLIBC_TUNABLES": tcache})


def test_machine_is_told_to_hold_before_anything_runs_on_it() -> None:
    assert allocator_can_hold()


def test_another_c_library_is_served_with_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(_name: str) -> NoReturn:
        raise ValueError("unrecognized configuration name")

    def no_start(*_words: object) -> NoReturn:
        raise AssertionError("it started again")

    monkeypatch.setattr(os, "confstr", no_such_name)
    monkeypatch.setattr(os, "execve", no_start)
    monkeypatch.setattr(os, "environ", plain_environment(BARE))
    allocator.start_again()
    assert not allocator.allocator_holds()
