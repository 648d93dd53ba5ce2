"""Data that a call has left on the stack is gone after the stack was overwritten."""

from __future__ import annotations

import json
import subprocess
import sys


def test_data_that_a_call_left_on_the_stack_is_overwritten() -> None:
    program = [sys.executable, "-m", "tests.sandbox.stack_residue"]
    ran = subprocess.run(program, capture_output=True, timeout=30, check=True)
    before, after = json.loads(ran.stdout)
    assert before > 100
    assert after == 0
