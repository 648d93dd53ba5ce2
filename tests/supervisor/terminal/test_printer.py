"""Output is flushed at once. A closed reader or an unencodable character does not stop a server."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.supervisor.terminal.printer import Printer
from tests.supervisor.fakes import FakeOutput

ROOT = Path(__file__).parents[2]


def test_characters_the_encoding_lacks_are_escaped() -> None:
    output = FakeOutput(encoding="ascii")
    printer = Printer(output)
    printer.write("naïve \udcff")
    assert output.text == "na\\xefve \\udcff"
    assert not printer.can_encode("ï")
    assert printer.can_encode("i")


def test_reader_that_closed_the_pipe_is_ignored() -> None:
    reading, writing = os.pipe()
    with open(writing, "w", encoding="utf-8") as out:
        printer = Printer(out)
        printer.write("read\n")
        assert os.read(reading, 100) == b"read\n"
        os.close(reading)
        printer.write("discarded\n")
        printer.write("discarded\n")


def test_reader_who_does_not_read_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("server.supervisor.terminal.printer.MAX_UNWRITTEN", 3)
    reading, writing = os.pipe()
    text = "x" * 65535 + "\n"  # fills a pipe
    with open(writing, "w", encoding="utf-8") as out, open(reading, encoding="utf-8") as reader:
        printer = Printer(out)
        for _ in range(10):
            printer.write(text)
        assert reader.readline() == text
        lines, line = 1, text
        while line == text:
            # It is dropped as long as the others wait.
            printer.write("read again\n")
            line = reader.readline()
            lines += line == text
    assert lines <= 5, "one in the pipe, one being written, three that wait"


CLOSED = """
from server.supervisor.terminal.printer import Printer
printer = Printer()
printer.write("discarded")
assert not printer.is_terminal
"""


@pytest.mark.slow
def test_stdout_closed_before_the_start_is_ignored() -> None:
    done = subprocess.run(
        ["sh", "-c", 'exec "$0" -c "$1" >&-', sys.executable, CLOSED],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


PIPED = """
import sys
from server.supervisor.terminal.printer import Printer
sys.stdin.readline()
Printer().write("discarded")
"""


@pytest.mark.slow
def test_program_exits_cleanly_after_its_reader_is_gone() -> None:
    with subprocess.Popen(
        [sys.executable, "-c", PIPED],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as program:
        assert program.stdout is not None
        program.stdout.close()
        _, err = program.communicate("go on\n")
    assert (program.returncode, err) == (0, "")
