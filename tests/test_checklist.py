"""Every required line of the checklist has a test that carries its number."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import pytest

from tests.checklist import LINES, OUTCOMES, REQUIRED, table
from tests.failures import Failures

TESTS = Path(__file__).parent
MARK = "pytest.mark.checklist"
SKIPS = {"pytest.skip", "pytest.importorskip", "pytest.xfail"}
SKIPS |= {f"pytest.mark.{name}" for name in ("skip", "skipif", "xfail")}


@cache
def nodes_of(file: Path) -> tuple[ast.AST, ...]:
    """Every syntax node of a file; each file is parsed once, for all rules."""
    return tuple(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))


def files_of_tests() -> list[Path]:
    """Every file of tests, and of contracts that tests are made of."""
    return sorted(TESTS.rglob("*.py"))


def dotted(node: ast.expr) -> str:
    """The name of an attribute as it is written, `a.b.c`; empty for anything else."""
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    return node.id if isinstance(node, ast.Name) else ""


def marks_in(nodes: Iterable[ast.AST]) -> list[ast.Call]:
    """Every mark with numbers among these nodes."""
    return [node for node in nodes if isinstance(node, ast.Call) and dotted(node.func) == MARK]


def marked(file: Path) -> Iterator[tuple[str, ast.Call]]:
    """Each mark of a file, with the test that carries it, or with `pytestmark` for all of them."""
    for node in nodes_of(file):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            for decorator in node.decorator_list:
                yield from ((node.name, mark) for mark in marks_in(ast.walk(decorator)))
        elif isinstance(node, ast.Assign) and dotted(node.targets[0]) == "pytestmark":
            yield from (("pytestmark", mark) for mark in marks_in(ast.walk(node.value)))


def lines_of(mark: ast.Call) -> list[int]:
    return [ast.literal_eval(number) for number in mark.args]


def test_every_required_line_has_a_test() -> None:
    marks = [mark for file in files_of_tests() for _, mark in marked(file)]
    tested = {line for mark in marks for line in lines_of(mark)}
    assert {line: LINES[line] for line in REQUIRED - tested} == {}


def test_mark_is_on_a_test_and_names_known_lines() -> None:
    with Failures() as failures:
        for file in files_of_tests():
            with failures.of(file.relative_to(TESTS)):
                found = list(marked(file))
                assert len(found) == len(marks_in(nodes_of(file))), "a mark outside of a test"
                for name, mark in found:
                    assert name == "pytestmark" or name.startswith("test_")
                    assert not mark.keywords
                    assert lines_of(mark)
                    assert set(lines_of(mark)) <= set(LINES)


def test_no_test_can_skip_or_expect_failure() -> None:
    assert not [
        f"{file.relative_to(TESTS)}:{node.lineno}"
        for file in files_of_tests()
        for node in nodes_of(file)
        if isinstance(node, ast.Attribute) and dotted(node) in SKIPS
    ]


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
