"""Every line of the checklist that has to be held has a test that says so."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.checklist import HELD, LINES, OUTCOMES, table

TESTS = Path(__file__).parent
MARK = "pytest.mark.checklist"
GIVES_UP = {"pytest.skip", "pytest.importorskip", "pytest.xfail"}
GIVES_UP |= {f"pytest.mark.{name}" for name in ("skip", "skipif", "xfail")}


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def files_of_tests() -> list[Path]:
    """Every file of tests, and of promises that tests are made of."""
    return sorted(TESTS.rglob("*.py"))


def marks_in(node: ast.AST) -> Iterator[ast.Call]:
    """Every mark with numbers, anywhere below."""
    for found in ast.walk(node):
        if isinstance(found, ast.Call) and ast.unparse(found.func) == MARK:
            yield found


def marked(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """The name of each test that is marked, or of the list of a whole file, and its mark."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                yield from ((node.name, mark) for mark in marks_in(decorator))
        elif isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "pytestmark":
            yield from (("pytestmark", mark) for mark in marks_in(node.value))


def lines_of(mark: ast.Call) -> list[int]:
    return [ast.literal_eval(number) for number in mark.args]


def test_every_required_line_has_a_test() -> None:
    marks = [mark for file in files_of_tests() for _, mark in marked(file)]
    held = {line for mark in marks for line in lines_of(mark)}
    assert {line: LINES[line] for line in HELD - held} == {}


@pytest.mark.parametrize("file", files_of_tests(), ids=lambda file: str(file.relative_to(TESTS)))
def test_mark_is_on_a_test_and_names_known_lines(file: Path) -> None:
    found = list(marked(file))
    assert len(found) == len(list(marks_in(parsed(file)))), "a mark that marks nothing"
    for name, mark in found:
        assert name == "pytestmark" or name.startswith("test_")
        assert not mark.keywords
        assert lines_of(mark)
        assert set(lines_of(mark)) <= set(LINES)


@pytest.mark.parametrize("file", files_of_tests(), ids=lambda file: str(file.relative_to(TESTS)))
def test_no_test_can_skip_or_expect_failure(file: Path) -> None:
    used = [n for n in ast.walk(parsed(file)) if isinstance(n, ast.Attribute)]
    assert not [ast.unparse(node) for node in used if ast.unparse(node) in GIVES_UP]


def test_table_counts_a_test_for_each_of_its_lines() -> None:
    nothing: list[tuple[int, ...]] = []
    rows = table({**dict.fromkeys(OUTCOMES, nothing), "passed": [(1, 4), (4,)], "failed": [(4,)]})
    assert rows[0].split()[-5:] == ["tests", *OUTCOMES]
    cells = {int(row.split()[0]): row.split()[-5:] for row in rows[1:]}
    assert set(cells) == HELD
    assert cells[1] == ["1", "1", "0", "0", "0"]
    assert cells[4] == ["3", "2", "1", "0", "0"]
    assert cells[28] == ["0", "0", "0", "0", "0"]


@pytest.mark.slow  # a run of pytest inside of this one
def test_run_selected_by_the_mark_ends_with_the_table() -> None:
    file = "tests/web/test_tokens.py"
    told = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "checklist", file],
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = told.partition("= checklist =")[2].splitlines()
    (row,) = [row for row in rows if row.startswith("  14  ")]
    assert int(row.split()[-5]) == int(row.split()[-4]) > 0
