"""Counts the cells of each event on the second core, while something else is measured."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from .children import pinned, two_cores
from .table import print_table

Cells = Mapping[str, int]


@contextmanager
def counted_meanwhile() -> Iterator[Callable[[], Cells | None]]:
    """Start counting; the function that is yielded waits for the end and prints the result."""
    with two_cores() as core:
        counting = subprocess.Popen(
            [sys.executable, "-m", "bench.cells"],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=pinned(core),
        )
    try:
        yield lambda: _counted_by(counting)
    finally:
        # Its tor processes and its server end with it.
        counting.terminate()
        counting.communicate()


def _counted_by(counting: subprocess.Popen[str]) -> Cells | None:
    out, err = counting.communicate()
    if counting.returncode:
        print(f"\nNo cells on a real circuit: {err.strip().splitlines()[-1]}")
        return None
    cells: Cells = json.loads(out)
    print_table(
        "Each event on a real circuit (bar: one cell, but for long messages)",
        ("", "cells"),
        list(cells.items()),
    )
    return cells
