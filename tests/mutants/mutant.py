"""One planted fault, and the test that has to detect it."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

TEST_S = 180.0
"""Patience with one test."""

ALL_S = 1_800.0
"""Patience with all named tests in one run."""

FAILED = 1
"""Exit status of pytest when a test has failed. Any other number except 0 gives no verdict."""


class Verdict(Enum):
    """The result for one mutant."""

    KILLED = "killed"
    """Its test failed, as it should."""

    SURVIVED = "SURVIVED"
    """Its test passed: the test does not hold the promise."""

    STALE = "STALE"
    """The code to change is missing, or occurs more than once."""

    NO_VERDICT = "NO VERDICT"
    """Its test could not be run."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A fault that breaks one promise."""

    promise: str
    """The promise that the fault breaks, as a sentence."""

    file: str
    before: str
    """The code to change. It occurs exactly once in the file."""

    after: str
    test: str
    """File and name of the test, as pytest takes them."""

    def is_fresh(self, top: Path) -> bool:
        """Whether the fault can still be planted."""
        return (top / self.file).read_text(encoding="utf-8").count(self.before) == 1

    def plant(self, top: Path) -> None:
        """Change the copy of the project in this folder."""
        path = top / self.file
        text = path.read_text(encoding="utf-8")
        path.write_text(text.replace(self.before, self.after), encoding="utf-8")


def run_test(top: Path, *tests: str) -> int:
    """Run tests in a copy of the project; return the exit status of pytest."""
    quiet = ("-q", "-x", "-p", "no:cacheprovider", "--no-header", "--durations=0")
    return subprocess.run(
        [sys.executable, "-m", "pytest", *quiet, *tests],
        cwd=top,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        timeout=TEST_S if len(tests) == 1 else ALL_S,
        check=False,
    ).returncode


def judge(mutant: Mutant, top: Path) -> Verdict:
    """Plant a mutant in a fresh copy of the project, and check whether its test detects it."""
    if not mutant.is_fresh(top):
        return Verdict.STALE
    mutant.plant(top)
    code = run_test(top, mutant.test)
    if code == FAILED:
        return Verdict.KILLED
    return Verdict.SURVIVED if code == 0 else Verdict.NO_VERDICT
