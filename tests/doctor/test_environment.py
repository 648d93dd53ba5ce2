"""Python's debugging variables are found in this environment, and in the running server's."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.doctor.environment import check_environment
from server.doctor.findings import State

from .fake_machine import make_machine


@pytest.mark.parametrize(
    ("environ", "state"),
    [
        ({"PYTHONUNBUFFERED": "1", "PYTHONPATH": "/elsewhere"}, State.HOLDS),
        ({"PYTHONDEVMODE": "1"}, State.FAILS),
        ({"PYTHONASYNCIODEBUG": "yes"}, State.FAILS),
        ({"PYTHONINSPECT": "x"}, State.FAILS),
        ({"PYTHONDEVMODE": "", "PYTHONINSPECT": "0"}, State.HOLDS),
        ({"PYTHONFAULTHANDLER": "1"}, State.NOTED),
        ({"PYTHONTRACEMALLOC": "5", "PYTHONDEVMODE": "1"}, State.FAILS),
    ],
)
def test_variable_that_prints_objects_fails_and_names_are_noted(
    tmp_path: Path, environ: dict[str, str], state: State
) -> None:
    found = check_environment(make_machine(tmp_path, {}, environ), None)
    assert found.state is state
    assert all(name in found.hint for name in environ) == (state is not State.HOLDS)


def test_environment_of_the_running_server_is_checked_too(tmp_path: Path) -> None:
    machine = make_machine(tmp_path, {"proc/7/environ": "HOME=/nowhere\0PYTHONDEVMODE=1\0"})
    assert check_environment(machine, 7).state is State.FAILS
    assert check_environment(machine, None).state is State.HOLDS
    assert check_environment(machine, 8).state is State.HOLDS
