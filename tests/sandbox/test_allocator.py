"""The program re-executes itself so that freed memory is overwritten, and checks whether it is."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any, NoReturn

import pytest

from server.sandbox import allocator
from server.sandbox.allocator import (
    AGAIN,
    PROBE,
    child_overwrites_freed_memory,
    with_allocator_settings,
)
from server.sandbox.environment import plain_environment

from .restarted import SIGKILL

BARE = {k: v for k, v in os.environ.items() if k not in {"PYTHONMALLOC", "GLIBC_TUNABLES", AGAIN}}
PROGRAM = ("-m", "tests.sandbox.restarted")


def run(*words: str, environment: Mapping[str, str] = BARE) -> tuple[int, dict[str, Any]]:
    """Return how often the program started, and its final state."""
    ran = subprocess.run(
        [sys.executable, *words],
        env=environment,
        input="through stdin",
        capture_output=True,
        text=True,
        timeout=30,
        check=True,
    )
    *starts, state = ran.stdout.splitlines()
    return len(starts), json.loads(state)


def test_reexec_keeps_the_program_and_overwrites_freed_memory() -> None:
    starts, state = run("-B", *PROGRAM, "--json", "a word")
    assert starts == 2
    assert state["overwrites"]
    assert (state["flags"], state["words"]) == (1, ["--json", "a word"])
    assert state["read"] == "through stdin"
    assert state["signal"] == SIGKILL  # it still dies with its parent


def test_program_with_the_settings_does_not_reexec() -> None:
    starts, state = run(*PROGRAM, environment=with_allocator_settings(plain_environment(BARE)))
    assert (starts, state["overwrites"]) == (1, True)


def test_settings_without_effect_cause_no_third_start() -> None:
    # With -E Python ignores PYTHONMALLOC; a wrapper may remove the other settings.
    starts, state = run("-E", *PROGRAM)
    assert (starts, state["overwrites"]) == (2, False)


def test_other_glibc_tunables_of_the_operator_are_kept() -> None:
    own = {**BARE, "GLIBC_TUNABLES": "glibc.malloc.arena_max=2:glibc.malloc.perturb=7"}
    starts, state = run(*PROGRAM, environment=own)
    assert (starts, state["overwrites"]) == (2, True)
    assert state["tunables"].split(":") == [
        "glibc.malloc.arena_max=2",
        "glibc.malloc.perturb=255",
        "glibc.malloc.tcache_count=0",
    ]


def test_other_variables_are_removed() -> None:
    shell = {"SSH_CONNECTION": "192.0.2.1 5 192.0.2.2 22", "HOME": "/nowhere", "PYTHONDEVMODE": "1"}
    _, state = run(*PROGRAM, environment={**BARE, **shell})
    assert not set(shell) & set(state["variables"])
    assert set(state["variables"]) >= {"TZ", "LC_ALL"}


def overwrites(environment: Mapping[str, str]) -> bool:
    """Whether a process with this environment finds that it overwrites freed memory."""
    tried = subprocess.run([sys.executable, "-c", PROBE], env=environment, check=False)
    return tried.returncode == 0


def test_every_setting_is_necessary() -> None:
    settings = with_allocator_settings(BARE)
    perturb, tcache = settings["GLIBC_TUNABLES"].split(":")
    assert overwrites(settings)
    assert not overwrites(BARE)
    assert not overwrites({**settings, "PYTHONMALLOC": "pymalloc"})
    assert not overwrites({**settings, "GLIBC_TUNABLES": perturb})
    assert not overwrites({**settings, "GLIBC_TUNABLES": tcache})


def test_child_process_is_found_to_overwrite_freed_memory() -> None:
    assert child_overwrites_freed_memory()


def test_another_c_library_runs_without_settings(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_such_name(_name: str) -> NoReturn:
        raise ValueError("unrecognized configuration name")

    def no_start(*_words: object) -> NoReturn:
        raise AssertionError("it was re-executed")

    monkeypatch.setattr(os, "confstr", no_such_name)
    monkeypatch.setattr(os, "execve", no_start)
    monkeypatch.setattr(os, "environ", plain_environment(BARE))
    allocator.reexec()
    assert not allocator.overwrites_freed_memory()
