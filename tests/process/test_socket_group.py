"""With `--socket-group`, a tor of another user reaches the socket; nobody else does.

The tests that need several users run as root of a user namespace, unless they run as root anyway.
"""

from __future__ import annotations

import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.core.errors import OperatorError
from server.process.socket_group import (
    FOLDER,
    FOLDER_MODE,
    SocketGroup,
    find_group,
    prepare_folder,
)
from server.process.sockets import listen_on

from .server_process import ANSWER_S, TOP, fail_to_serve
from .two_users import TOR, WEB

GROUP = SocketGroup("of-tor", TOR if os.getuid() == 0 else os.getgid())
"""A group to which this user may give a file."""

AS_ROOT = () if os.getuid() == 0 else ("unshare", "--map-root-user", "--map-auto")


@pytest.fixture
def passable() -> Iterator[Path]:
    """Return a folder through which every user may pass, unlike pytest's own."""
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o711)
        yield Path(folder)


def mode_of(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# The folder and its modes


def test_new_folder_lets_the_group_pass_and_gives_it_the_socket(passable: Path) -> None:
    path = passable / "run" / "web.sock"
    with listen_on(path, GROUP):
        assert (mode_of(path.parent), mode_of(path)) == (FOLDER_MODE, 0o660)
        assert path.stat().st_gid == path.parent.stat().st_gid == GROUP.gid


def test_without_a_group_only_the_owner_may_enter(tmp_path: Path) -> None:
    path = tmp_path / "run" / "web.sock"
    with listen_on(path):
        assert (mode_of(path.parent), mode_of(path)) == (0o700, 0o600)


@pytest.mark.parametrize(
    ("mode", "words"),
    [
        (0o700, "cannot enter"),
        (0o701, "cannot enter"),
        (0o755, "is open to others"),
        (0o1777, "is open to others"),
        (0o2770, "may write in it"),
    ],
)
def test_folder_of_another_mode_is_refused_and_stays_as_it_is(
    passable: Path, mode: int, words: str
) -> None:
    folder = passable / "run"
    folder.mkdir()
    os.chown(folder, -1, GROUP.gid)
    folder.chmod(mode)
    with pytest.raises(OperatorError, match=words) as caught:
        listen_on(folder / "web.sock", GROUP)
    command = f"install -d -m 2710 -o {os.geteuid()} -g of-tor {FOLDER}"
    assert command in caught.value.hint
    assert mode_of(folder) == mode
    assert not [*folder.iterdir()]


def test_folder_above_that_stops_the_group_is_named(passable: Path) -> None:
    closed = passable / "home"
    closed.mkdir(mode=0o700)
    with pytest.raises(OperatorError, match=f"cannot pass through {closed}$"):
        prepare_folder(closed / "run", GROUP)


@pytest.mark.parametrize("name", ["", "no-such-group", "two words", "4294967295", "\u0661"])
def test_unknown_group_stops_the_start(tmp_path: Path, name: str) -> None:
    ran = fail_to_serve("--socket", tmp_path / "run" / "web.sock", "--socket-group", name)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr.startswith("sottovoce: there is no group ")
    assert "debian-tor" in ran.stderr
    assert not [*tmp_path.iterdir()]


def test_group_is_found_by_name_and_by_number() -> None:
    assert find_group("root") == SocketGroup("root", 0)
    assert find_group("12") == SocketGroup("12", 12)


# Two users


def run_with_two_users(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-P", "-m", "tests.process.two_users", str(folder), *words]
    return subprocess.run(
        [*AS_ROOT, *program],
        cwd=TOP,
        env={**os.environ, "PYTHONPATH": str(TOP)},
        capture_output=True,
        text=True,
        check=False,
        timeout=3 * ANSWER_S,
    )


def test_tors_user_reaches_the_visitors_socket_and_nobody_else(passable: Path) -> None:
    ran = run_with_two_users(passable)
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.splitlines() == [
        "tor connects to web.sock: True",
        "tor connects to admin.sock: False",
        "tor lists the folder: False",
        "other connects to web.sock: False",
        "other connects to admin.sock: False",
        "other lists the folder: False",
        "web connects to web.sock: True",
        "left: ['admin', 'run']",
    ]


def test_user_who_may_not_give_the_folder_away_is_told_how(passable: Path) -> None:
    ran = run_with_two_users(passable, "alone")
    assert ran.returncode == 1
    sentence, hint = ran.stderr.splitlines()
    assert sentence.startswith("sottovoce: this user may not give ")
    assert f"install -d -m 2710 -o {WEB} -g {TOR} {FOLDER}" in hint
    assert ran.stdout == "left: []\n"
