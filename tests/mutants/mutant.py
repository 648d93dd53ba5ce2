"""One planted fault, and the test that has to notice it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

TEST_S = 180.0
FAILED = 1
"""What pytest ends with when a test has failed; any other number is no verdict."""


class Verdict(Enum):
    """What became of a mutant."""

    KILLED = "killed"
    """Its test has failed, as it should."""

    SURVIVED = "SURVIVED"
    """Its test has passed: the promise is not held by it."""

    STALE = "STALE"
    """The place where it was to be planted is not there, or there is more than one."""

    NO_VERDICT = "NO VERDICT"
    """Its test could not be run at all."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault."""

    promise: str
    """What would be broken."""

    file: str
    before: str
    """What stands there once, and only once."""

    after: str
    test: str
    """File and name, as pytest takes them."""

    def is_fresh(self, top: Path) -> bool:
        """Whether it can be planted still."""
        return (top / self.file).read_text(encoding="utf-8").count(self.before) == 1

    def plant(self, top: Path) -> None:
        """Break the copy of the project that stands there."""
        path = top / self.file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(self.before, self.after), encoding="utf-8")


def run_test(top: Path, *tests: str) -> int:
    """Run some tests in a copy of the project; what pytest ended with."""
    quiet = ("-q", "-x", "-p", "no:cacheprovider", "--no-header", "--durations=0")
    return subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, *tests],
        cwd=top,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=TEST_S,
        check=False,
    ).returncode


def judge(mutant: Mutant, top: Path) -> Verdict:
    """Plant a mutant in a fresh copy of the project, and see whether its test notices."""
    if not mutant.is_fresh(top):
        return Verdict.STALE
    mutant.plant(top)
    code = run_test(top, mutant.test)
    if code == FAILED:
        return Verdict.KILLED
    return Verdict.SURVIVED if code == 0 else Verdict.NO_VERDICT
