"""Every error is one plain sentence with a hint."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from onion import errors
from onion.errors import OnionError, folder_error

PATH = Path("/somewhere")
ALL: list[OnionError] = [
    errors.ProgramMissingError("setpriv", ["/bin"], package="util-linux"),
    errors.TorMissingError(["/usr/bin", "/usr/sbin"]),
    errors.BridgesUnusableError("UseBridges 0 beside a bridge"),
    errors.TransportMissingError("obfs4", ["obfs4proxy"], "obfs4proxy"),
    errors.TransportMissingError("obsf4", [], ""),
    errors.TransportFailedError("obfs4", PATH, "it may not be executed"),
    errors.TorTooOldError("0.4.7.16", "0.4.8"),
    errors.TorDiedError(1, "Could not bind", hint="choose another port"),
    errors.ToolFailedError("tor-gencert", 1, "no such option", hint="install a newer one"),
    errors.ControlRefusedError("it does not accept our cookie"),
    errors.ControlClosedError(),
    errors.BootstrapStalledError(45, "conn", "Connecting to a relay", "No route to host"),
    errors.PublishFailedError("no directory confirmed it"),
    errors.NotReachedError("connection refused"),
    errors.NetworkLostError(),
    errors.KeyFileError(PATH, "is damaged", hint="restore it"),
    errors.WrongPassphraseError(),
    errors.UserTorrcError(PATH, "has a name and no value", line=3),
    errors.FolderError(PATH, "permission denied"),
    errors.DiskFullError(PATH),
    errors.NoFreePortError(11, 3, "20000-20010"),
    errors.SocksError("general failure", code=1),
]
PARENTS = {OnionError, errors.ProgramEndedError, errors.ControlError}
"""Classes that are never raised themselves."""


@pytest.mark.parametrize("error", ALL, ids=lambda e: type(e).__name__)
def test_error_is_one_lower_case_sentence_with_a_hint(error: OnionError) -> None:
    sentence = str(error)
    assert sentence[0].islower()
    assert not sentence.endswith(".")
    assert "\n" not in sentence
    assert error.hint


def test_list_contains_every_error_of_the_tree() -> None:
    tree = {
        each
        for each in vars(errors).values()
        if isinstance(each, type) and issubclass(each, OnionError)
    }
    assert tree - PARENTS == {type(error) for error in ALL}


def test_signal_is_distinguished_from_an_exit_status() -> None:
    assert str(errors.TorDiedError(-9, "")) == "tor was killed by signal 9"
    assert str(errors.TorDiedError(1, "no")) == "tor ended with status 1: no"
    assert str(errors.ToolFailedError("x", None, "slow")) == "x ended: slow"


def test_stalled_bootstrap_names_percent_step_and_warning() -> None:
    stuck = "the connection to the tor network is stuck at 45%: "
    sentence = str(errors.BootstrapStalledError(45, "conn", "Connecting", "No route"))
    assert sentence == f"{stuck}Connecting (tor's last warning: No route)"
    explained = errors.BootstrapStalledError(45, "conn", "Connecting", "No route", meaning="no way")
    assert str(explained) == f"{stuck}no way (tor's last warning: No route)"
    assert str(errors.BootstrapStalledError(45, "conn", "")) == f"{stuck}conn (tor gave no warning)"


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
def test_error_for_lack_of_space_is_a_full_disk(number: int) -> None:
    assert isinstance(folder_error(PATH, OSError(number, "x")), errors.DiskFullError)


def test_other_system_error_keeps_its_reason() -> None:
    error = folder_error(PATH, PermissionError(errno.EACCES, "Permission denied"))
    assert type(error) is errors.FolderError
    assert str(error) == "cannot write in /somewhere: permission denied"
