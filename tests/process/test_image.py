"""The memory search finds data of a process in every form that Python and HTTP use for text."""

from __future__ import annotations

import base64
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from .image import forms, image

HOLDER = "import sys; held = eval(sys.stdin.readline()); print(flush=True); sys.stdin.readline()"
"""Evaluates a line, reports that it is done, and keeps the value until it reads another line."""

SECRET = bytes(range(100, 132))


@contextmanager
def process_that_holds(expression: str) -> Iterator[int]:
    """Run a process that holds the value of an expression; yield its process id."""
    child = subprocess.Popen(
        [sys.executable, "-c", HOLDER], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert child.stdin is not None
    assert child.stdout is not None
    try:
        child.stdin.write(f"{expression}\n")
        child.stdin.flush()
        assert child.stdout.readline() == "\n"
        yield child.pid
    finally:
        child.communicate("\n")


@pytest.mark.parametrize(
    ("needle", "expression"),
    [
        ("quoxwyzj", "bytes([0x71, 0x75, 0x6F, 0x78, 0x77, 0x79, 0x7A, 0x6A])"),
        ("پژغظ", "''.join(map(chr, [0x67E, 0x698, 0x63A, 0x638]))"),
        ("پژغظ", "''.join(map(chr, [0x67E, 0x698, 0x63A, 0x638, 0x1F426]))"),
        ("پژغظ", "''.join(map(chr, [0x67E, 0x698, 0x63A, 0x638])).encode()"),
        ("پژغظ", "'%'.join(['', 'D9', 'BE', 'DA', '98', 'D8', 'BA', 'D8', 'B8'])"),
        ("پژغظ", "'%'.join(['', 'd9', 'be', 'da', '98', 'd8', 'ba', 'd8', 'b8'])"),
        (SECRET, "bytes(range(100, 132))"),
        (SECRET, "bytes(range(100, 132)).hex()"),
        (SECRET, "__import__('base64').urlsafe_b64encode(bytes(range(100, 132)))"),
    ],
    ids=["ascii", "ucs-2", "ucs-4", "utf-8", "percent", "Percent", "raw", "hex", "base64url"],
)
def test_data_of_a_process_is_found(needle: str | bytes, expression: str) -> None:
    with process_that_holds(expression) as pid:
        seen = image(pid, [needle, "zyxw-not-there"])
    assert set(seen.found) == {needle}
    assert seen.needles == 2
    assert seen.mappings > 10
    assert seen.size_bytes > 2**20


def test_secret_is_also_searched_in_its_cookie_form() -> None:
    assert base64.urlsafe_b64encode(SECRET).rstrip(b"=") in forms(SECRET)
