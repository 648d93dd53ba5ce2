"""Compiles the program once; splits the tests among processes; prints the table of the checklist.

`make test` runs the suite in two processes. `pytest -m checklist` prints the table at the end.
"""

from __future__ import annotations

import compileall
from collections.abc import Iterator
from pathlib import Path

import pytest
from xdist.scheduler import LoadScopeScheduling

from tests.checklist import OUTCOMES, PROPERTY, table

ROOT = Path(__file__).parents[1]
END_TO_END = "tests/e2e/"


def pytest_sessionstart(session: pytest.Session) -> None:
    """Compile the program once, for the hundreds of processes that tests start.

    Where Python is told to write no bytecode, each of them would compile every module anew.
    """
    if hasattr(session.config, "workerinput"):
        return  # the process that has started this one has done it
    for package in ("onion", "server"):
        compileall.compile_dir(ROOT / package, quiet=2)


class FailuresAtOnce:
    """Prints a failure when it happens: a run that is cut off never comes to its summary."""

    def __init__(self, reporter: pytest.TerminalReporter) -> None:
        self._reporter = reporter

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Print the name of a failed test, and its last lines."""
        if report.failed:
            self._reporter.write_line("")
            self._reporter.write_line(f"FAILED {report.nodeid} ({report.when})")
            for line in report.longreprtext.splitlines()[-12:]:
                self._reporter.write_line(f"    {line}")


@pytest.hookimpl(trylast=True)
def pytest_configure(config: pytest.Config) -> None:
    """Print failures at once in the process that has the terminal."""
    if reporter := config.pluginmanager.get_plugin("terminalreporter"):
        config.pluginmanager.register(FailuresAtOnce(reporter))


class Groups(LoadScopeScheduling):  # type: ignore[misc]  # untyped
    """Keeps the tests of a file in one process, and all that use the private Tor network in one."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.split("::")[0]
        return END_TO_END if file.startswith(END_TO_END) else file


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> Groups:
    """Split the tests in these groups, if they run in several processes."""
    return Groups(config, log)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests of the private Tor network: they take longest, and mostly wait."""
    items.sort(key=lambda item: not item.nodeid.startswith(END_TO_END))


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
