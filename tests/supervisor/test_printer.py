"""What is printed is there at once; nobody who reads, and no character, can make it fall."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from server.supervisor.printer import Printer

from .fakes import Paper

ROOT = Path(__file__).parents[2]


def test_what_the_encoding_lacks_is_spelled_out() -> None:
    paper = Paper(encoding="ascii")
    printer = Printer(paper)
    printer.say("naïve \udcff")
    assert paper.text == "na\\xefve \\udcff"
    assert not printer.can_say("ï")
    assert printer.can_say("i")


def test_reader_who_is_gone_is_no_reason_to_fall() -> None:
    reading, writing = os.pipe()
    with open(writing, "w", encoding="utf-8") as out:
        printer = Printer(out)
        printer.say("heard\n")
        assert os.read(reading, 100) == b"heard\n"
        os.close(reading)
        printer.say("unheard\n")
        printer.say("unheard\n")


CLOSED = """
from server.supervisor.printer import Printer
printer = Printer()
printer.say("nobody hears this")
assert not printer.is_terminal
"""


@pytest.mark.slow
def test_stdout_that_was_closed_before_is_no_reason_to_fall() -> None:
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
from server.supervisor.printer import Printer
sys.stdin.readline()
Printer().say("nobody hears this")
"""


@pytest.mark.slow
def test_program_whose_reader_is_gone_ends_well() -> None:
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
