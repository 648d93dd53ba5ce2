"""One planted fault, and the test that has to notice it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

TEST_S = 180.0
FAILED = 1
"""The exit code of pytest when a test has failed; any other but 0 is no verdict."""


class Verdict(Enum):
    """The result for a mutant."""

    KILLED = "killed"
    """Its test has failed, as it should."""

    SURVIVED = "SURVIVED"
    """Its test has passed: it does not hold the promise."""

    STALE = "STALE"
    """The code to change is missing, or is there more than once."""

    NO_VERDICT = "NO VERDICT"
    """Its test could not be run at all."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault that breaks one promise."""

    promise: str
    """The promise that it breaks."""

    file: str
    before: str
    """The code to replace, which occurs exactly once."""

    after: str
    test: str
    """File and name, as pytest takes them."""

    def is_fresh(self, top: Path) -> bool:
        """Whether it can still be planted."""
        return (top / self.file).read_text(encoding="utf-8").count(self.before) == 1

    def plant(self, top: Path) -> None:
        """Break the copy of the project in this folder."""
        path = top / self.file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(self.before, self.after), encoding="utf-8")


def run_test(top: Path, *tests: str) -> int:
    """Run some tests in a copy of the project; the exit code of pytest."""
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
