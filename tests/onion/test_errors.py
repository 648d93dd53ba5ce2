"""Every error is one plain sentence with advice, and keeps no secret."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from onion import errors
from onion.errors import OnionError, folder_error

HERE = Path("/somewhere")
ALL: list[OnionError] = [
    errors.ProgramMissingError("setpriv", ["/bin"], package="util-linux"),
    errors.TorMissingError(["/usr/bin", "/usr/sbin"]),
    errors.TorTooOldError("0.4.7.16", "0.4.8"),
    errors.TorDiedError(1, "Could not bind", hint="choose another port"),
    errors.ControlRefusedError("nobody listens there"),
    errors.BootstrapStalledError(45, "conn", "Connecting to a relay", "No route to host"),
    errors.PublishFailedError("no directory confirmed it"),
    errors.KeyFileError(HERE, "is damaged", hint="restore it"),
    errors.UserTorrcError(HERE, "has a name and no value", line=3),
    errors.FolderError(HERE, "permission denied"),
    errors.DiskFullError(HERE),
    errors.NoFreePortError(11, 3, "20000-20010"),
    errors.SocksError("general failure", code=1),
]


@pytest.mark.parametrize("error", ALL, ids=lambda e: type(e).__name__)
def test_error_is_a_lower_case_sentence_without_full_stop_and_has_advice(error: OnionError) -> None:
    sentence = str(error)
    assert sentence[0].islower()
    assert not sentence.endswith(".")
    assert "\n" not in sentence
    assert error.hint


def test_no_error_of_the_tree_is_missing_here() -> None:
    tree = {
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, OnionError)
    }
    assert tree - {OnionError} == {type(error) for error in ALL}


def test_death_by_a_signal_is_told_apart_from_an_exit() -> None:
    assert str(errors.TorDiedError(-9, "")) == "tor was ended by signal 9"
    assert str(errors.TorDiedError(1, "no")) == "tor ended with status 1: no"
    assert str(errors.TorDiedError(None, "slow", program="x")) == "x ended: slow"


def test_stalled_bootstrap_names_percent_step_and_warning() -> None:
    told = str(errors.BootstrapStalledError(45, "conn", "Connecting", "No route"))
    assert told == "the connection to the tor network is stuck at 45%: Connecting (No route)"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_want_of_space_is_a_full_disk(number: int) -> None:
    assert isinstance(folder_error(HERE, OSError(number, "x")), errors.DiskFullError)


def test_other_refusal_of_the_system_keeps_its_reason() -> None:
    error = folder_error(HERE, PermissionError(errno.EACCES, "Permission denied"))
    assert type(error) is errors.FolderError
    assert str(error) == "cannot write in /somewhere: permission denied"
