"""Every required line of the checklist has a test that carries its number."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.checklist import LINES, OUTCOMES, REQUIRED, table

TESTS = Path(__file__).parent
MARK = "pytest.mark.checklist"
SKIPS = {"pytest.skip", "pytest.importorskip", "pytest.xfail"}
SKIPS |= {f"pytest.mark.{name}" for name in ("skip", "skipif", "xfail")}


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def files_of_tests() -> list[Path]:
    """List every file of tests, and of contracts that tests import."""
    return sorted(TESTS.rglob("*.py"))


def marks_in(node: ast.AST) -> Iterator[ast.Call]:
    """Yield every checklist mark with numbers, anywhere below a node."""
    for found in ast.walk(node):
        if isinstance(found, ast.Call) and ast.unparse(found.func) == MARK:
            yield found


def marked(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """Yield each marked test, or the `pytestmark` of a whole file, with its mark."""
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
    tested = {line for mark in marks for line in lines_of(mark)}
    assert {line: LINES[line] for line in REQUIRED - tested} == {}


@pytest.mark.parametrize("file", files_of_tests(), ids=lambda file: str(file.relative_to(TESTS)))
def test_mark_is_on_a_test_and_names_known_lines(file: Path) -> None:
    found = list(marked(file))
    assert len(found) == len(list(marks_in(parsed(file)))), "a mark outside of a test"
    for name, mark in found:
        assert name == "pytestmark" or name.startswith("test_")
        assert not mark.keywords
        assert lines_of(mark)
        assert set(lines_of(mark)) <= set(LINES)


@pytest.mark.parametrize("file", files_of_tests(), ids=lambda file: str(file.relative_to(TESTS)))
def test_no_test_can_skip_or_expect_failure(file: Path) -> None:
    used = [n for n in ast.walk(parsed(file)) if isinstance(n, ast.Attribute)]
    assert not [ast.unparse(node) for node in used if ast.unparse(node) in SKIPS]


def test_table_counts_a_test_for_each_of_its_lines() -> None:
    none: list[tuple[int, ...]] = []
    rows = table({**dict.fromkeys(OUTCOMES, none), "passed": [(1, 4), (4,)], "failed": [(4,)]})
    assert rows[0].split()[-5:] == ["tests", *OUTCOMES]
    cells = {int(row.split()[0]): row.split()[-5:] for row in rows[1:]}
    assert set(cells) == REQUIRED
    assert cells[1] == ["1", "1", "0", "0", "0"]
    assert cells[4] == ["3", "2", "1", "0", "0"]
    assert cells[28] == ["0", "0", "0", "0", "0"]


@pytest.mark.slow  # runs pytest in a subprocess
def test_run_selected_by_the_mark_ends_with_the_table() -> None:
    file = "tests/web/test_tokens.py"
    output = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-m", "checklist", file],
        cwd=TESTS.parent,
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    rows = output.partition("= checklist =")[2].splitlines()
    (row,) = [row for row in rows if row.startswith("  14  ")]
    assert int(row.split()[-5]) == int(row.split()[-4]) > 0
