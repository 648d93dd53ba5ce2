"""The list of mutants is up to date: each fault can be planted, and each named test exists."""

from __future__ import annotations

import ast
import shutil
from functools import cache
from pathlib import Path

import pytest

from tests.failures import Failures

from .mutant import FAILED, Mutant, Verdict, judge, run_test
from .planted import MUTANTS

TOP = Path(__file__).parents[2]


@cache
def names_in(file: Path) -> set[str]:
    """Return the names of the tests in a file, with those that it imports from a contract."""
    names = set[str]()
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names.update(target.id for target in node.targets if isinstance(target, ast.Name))
        elif isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
            names |= names_in(TOP / f"{(node.module or '').replace('.', '/')}.py")
    return names


def test_fault_can_be_planted_and_its_test_exists() -> None:
    with Failures() as failures:
        for mutant in MUTANTS:
            with failures.of(mutant.promise):
                assert mutant.is_fresh(TOP), "the code to change is missing, or occurs twice"
                assert mutant.before != mutant.after
                file, _, name = mutant.test.partition("::")
                assert name in names_in(TOP / file)


def make_project(folder: Path, test: str) -> Path:
    """Make a project of one file and one test."""
    (folder / "server.py").write_text("ANSWER = 42\n", encoding="utf-8")
    (folder / "test_server.py").write_text(test, encoding="utf-8")
    shutil.copy(TOP / "pyproject.toml", folder)
    return folder


GOOD = "from server import ANSWER\n\ndef test_answer() -> None:\n    assert ANSWER == 42\n"
WEAK = "from server import ANSWER\n\ndef test_answer() -> None:\n    assert ANSWER\n"
BROKEN = "from server import ANSWER, NOTHING\n\ndef test_answer() -> None:\n    assert ANSWER\n"


@pytest.mark.slow  # a pytest of its own
@pytest.mark.parametrize(
    ("before", "test", "verdict"),
    [
        ("42", GOOD, Verdict.KILLED),
        ("42", WEAK, Verdict.SURVIVED),
        ("42", BROKEN, Verdict.NO_VERDICT),
        ("43", GOOD, Verdict.STALE),
    ],
)
def test_mutant_is_judged_only_by_its_test(
    tmp_path: Path, before: str, test: str, verdict: Verdict
) -> None:
    mutant = Mutant("the answer", "server.py", before, "41", "test_server.py::test_answer")
    assert judge(mutant, make_project(tmp_path, test)) is verdict


@pytest.mark.slow
def test_missing_test_gives_no_verdict(tmp_path: Path) -> None:
    assert run_test(make_project(tmp_path, GOOD), "test_server.py::test_other") not in (0, FAILED)
