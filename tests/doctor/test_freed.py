"""Whether freed memory is overwritten on this machine is told as it is."""

from __future__ import annotations

import pytest

from server.doctor.findings import State
from server.doctor.freed import check_freed
from server.sandbox.allocator import allocator_can_hold


@pytest.mark.checklist(26)
def test_what_was_tried_is_told() -> None:
    assert check_freed(overwrites=allocator_can_hold()).state is State.HOLDS


@pytest.mark.checklist(26)
def test_machine_that_leaves_traces_is_worth_knowing_of() -> None:
    finding = check_freed(overwrites=False)
    assert finding.state is State.NOTED
    assert "traces" in finding.sentence
    assert finding.hint
