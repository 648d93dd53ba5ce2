"""Compiles the program once; splits the tests among processes; prints the table of the checklist.

`make test` runs the suite in two processes. `pytest -m checklist` prints the table at the end.
"""

from __future__ import annotations

import compileall
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.checklist import OUTCOMES, PROPERTY, table

ROOT = Path(__file__).parents[1]
END_TO_END = ROOT / "tests" / "e2e"


def pytest_sessionstart() -> None:
    """Compile the program once, for the hundreds of processes that tests start.

    Where Python is told to write no bytecode, each of them would compile every module anew.
    """
    for package in ("onion", "server"):
        compileall.compile_dir(ROOT / package, quiet=2)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep the tests of a file in one process, and all that use the private Tor network in one.

    The latter come first: they take longest, and mostly wait.
    """
    items.sort(key=lambda item: END_TO_END not in item.path.parents)
    for item in items:
        is_end_to_end = END_TO_END in item.path.parents
        group = END_TO_END if is_end_to_end else item.path
        item.add_marker(pytest.mark.xdist_group(str(group.relative_to(ROOT))))


def pytest_collection_finish(session: pytest.Session) -> None:
    """Attach the checklist lines of each test to its report."""
    for item in session.items:
        lines = {line for mark in item.iter_markers("checklist") for line in mark.args}
        if lines:
            item.user_properties.append((PROPERTY, tuple(sorted(lines))))


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Print the table, if the run selected the mark."""
    if not _is_selected(config):
        return
    terminalreporter.section("checklist")
    for row in table({name: list(_lines(terminalreporter, name)) for name in OUTCOMES}):
        terminalreporter.write_line(row)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Fail a checklist run in which a test was skipped: a skipped test proves nothing."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if _is_selected(session.config) and reporter and any(_lines(reporter, "skipped")):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _is_selected(config: pytest.Config) -> bool:
    expression = str(config.getoption("markexpr"))
    return "checklist" in expression and "not checklist" not in expression


def _lines(reporter: pytest.TerminalReporter, outcome: str) -> Iterator[tuple[int, ...]]:
    """Yield the checklist lines of every test with this outcome."""
    for report in reporter.stats.get(outcome, []):
        lines = dict(report.user_properties).get(PROPERTY)
        if lines:
            yield lines
