"""`setup.sh` lists the missing packages, and installs none without root."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

TOP = Path(__file__).parents[1]

GOOD_PYTHON = "exit 0"
"""Has every module that `setup.sh` checks for, and is new enough."""

INSTALL = "export RUNLEVEL=1 && apt-get update && apt-get install -y --no-install-recommends tor"


class Machine:
    """A machine with only a few programs: those that a test puts on its path.

    Args:
        folder: the only folder on the path.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        # The script itself needs these.
        self.put("dirname", "sh")
        self.fake("id", "echo 1000")

    def put(self, *names: str) -> None:
        """Link programs of the machine that runs the test."""
        for name in names:
            program = shutil.which(name)
            assert program, name
            (self.folder / name).symlink_to(program)

    def fake(self, name: str, script: str) -> None:
        """Write a program of a line or two."""
        program = self.folder / name
        program.write_text(f"#!/bin/sh\n{script}\n")
        program.chmod(0o755)

    def set_up(self, kind: str) -> subprocess.CompletedProcess[str]:
        """Run `setup.sh` there."""
        return subprocess.run(
            [str(self.folder / "sh"), str(TOP / "setup.sh"), kind],
            env={"PATH": str(self.folder), "HOME": os.devnull},
            cwd="/",
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=20,
            check=False,
        )


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def failure(done: subprocess.CompletedProcess[str]) -> tuple[str, str]:
    assert (done.returncode, done.stdout) == (1, "")
    sentence, hint = done.stderr.splitlines()
    return sentence.removeprefix("sottovoce: "), hint.removeprefix("hint: ")


def test_all_missing_packages_are_listed_without_apt_get(machine: Machine) -> None:
    sentence, hint = failure(machine.set_up("run"))
    assert sentence == (
        "these packages are missing, and this system has no apt-get: "
        "python3 tor util-linux python3-venv"
    )
    assert "package manager" in hint


def test_only_missing_packages_are_listed(machine: Machine) -> None:
    machine.put("setpriv")
    machine.fake("python3", GOOD_PYTHON)
    assert failure(machine.set_up("run"))[0].endswith("no apt-get: tor")


def test_python_without_venv_is_reported(machine: Machine) -> None:
    machine.put("tor", "setpriv")
    machine.fake("python3", "exit 1")
    assert failure(machine.set_up("run"))[0].endswith("no apt-get: python3-venv")


def test_setup_for_tests_needs_more_packages(machine: Machine) -> None:
    machine.put("tor", "setpriv", "ss")
    machine.fake("python3", GOOD_PYTHON)
    packages = failure(machine.set_up("test"))[0].rpartition(": ")[2]
    expected = ["firefox-esr", "procps", "strace", "xvfb", "xdotool", "obfs4proxy"]
    assert packages.split() == expected
    machine.fake("firefox", "exit 1")
    assert "firefox" not in failure(machine.set_up("test"))[0], "any Firefox is enough"


def test_unprivileged_user_gets_the_install_command(machine: Machine, tmp_path: Path) -> None:
    called = tmp_path / "called"
    machine.put("setpriv")
    machine.fake("python3", GOOD_PYTHON)
    machine.fake("apt-get", f"echo >>{called}")
    sentence, hint = failure(machine.set_up("run"))
    assert sentence == "these packages are missing, and installing them takes root: tor"
    assert hint == f"run: sudo sh -c '{INSTALL}'"
    assert not called.exists(), "nothing was installed"


def test_failed_install_is_reported(machine: Machine, tmp_path: Path) -> None:
    called = tmp_path / "called"
    machine.put("setpriv")
    machine.fake("python3", GOOD_PYTHON)
    machine.fake("id", "echo 0")
    machine.fake("apt-get", f'echo "$@" >>{called}; exit 100')
    done = machine.set_up("run")
    assert (done.returncode, done.stdout) == (1, "installing tor\n")
    assert done.stderr.splitlines() == [
        "sottovoce: could not install tor",
        f"hint: run: {INSTALL}",
    ]
    assert called.read_text() == "update\n"


@pytest.mark.checklist(51)
def test_tor_of_the_package_is_kept_from_starting_before_it_is_installed(
    machine: Machine, tmp_path: Path
) -> None:
    called = tmp_path / "called"
    machine.put("setpriv")
    machine.fake("python3", GOOD_PYTHON)
    machine.fake("id", "echo 0")
    machine.fake("systemctl", f'echo systemctl "$@" >>{called}')
    machine.fake("apt-get", f'echo apt-get $RUNLEVEL "$@" >>{called}; [ "$1" = update ]')
    assert machine.set_up("run").returncode == 1
    assert called.read_text().splitlines() == [
        "systemctl --quiet mask tor.service",
        "apt-get 1 update",
        "apt-get 1 install -y --no-install-recommends tor",
    ]
    called.unlink()
    machine.fake("systemctl", "exit 1")
    assert machine.set_up("run").returncode == 1
    assert not called.exists(), "nothing is installed that could not be kept from starting"


def test_other_packages_touch_no_service(machine: Machine, tmp_path: Path) -> None:
    called = tmp_path / "called"
    machine.put("tor")
    machine.fake("python3", GOOD_PYTHON)
    machine.fake("id", "echo 0")
    machine.fake("systemctl", f"echo >>{called}")
    machine.fake("apt-get", "exit 100")
    assert "util-linux" in machine.set_up("run").stderr
    assert not called.exists()


def test_old_python_is_reported(machine: Machine) -> None:
    machine.put("tor", "setpriv")
    # It passes the checks for modules, and fails the check of its version.
    machine.fake("python3", 'case "$2" in *version*) exit 1;; esac')
    sentence, hint = failure(machine.set_up("run"))
    assert sentence == "python3 is older than 3.11"
    assert "newer" in hint


def test_missing_kind_is_refused(machine: Machine) -> None:
    done = subprocess.run(
        ["sh", str(TOP / "setup.sh")],
        env={"PATH": str(machine.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode != 0
    assert "run or test" in done.stderr


@pytest.mark.parametrize(
    ("python", "first_line", "is_replaced"),
    [
        ("exit 0", "#!{house}/.venv/bin/python", False),
        ("exit 0", "#!/bin/sh", False),
        ("exit 0", "#!/elsewhere/.venv/bin/python", True),
        ("exit 127", "#!{house}/.venv/bin/python", True),
    ],
    ids=["as it was made", "long path", "moved checkout", "python is gone"],
)
def test_environment_that_does_not_run_is_replaced(
    machine: Machine, tmp_path: Path, python: str, first_line: str, *, is_replaced: bool
) -> None:
    house = tmp_path / "house"
    (house / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(TOP / "setup.sh", house)
    (house / ".venv" / "bin" / "sottovoce").write_text(first_line.format(house=house) + "\n")
    (house / ".venv" / "bin" / "python").write_text(f"#!/bin/sh\n{python}\n")
    (house / ".venv" / "bin" / "python").chmod(0o755)
    (house / ".venv" / ".installed-run").touch()
    machine.put("setpriv", "rm")
    machine.fake("python3", GOOD_PYTHON)
    machine.fake("tor", GOOD_PYTHON)
    done = subprocess.run(
        [str(tmp_path / "sh"), str(house / "setup.sh"), "run"],
        env={"PATH": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=20,
        check=False,
    )
    assert ("replacing .venv" in done.stdout) == is_replaced, done
    assert (house / ".venv" / "bin" / "sottovoce").exists() != is_replaced
