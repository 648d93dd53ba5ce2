"""The finding reports whether freed memory is overwritten on this machine."""

from __future__ import annotations

import pytest

from server.doctor.findings import State
from server.doctor.freed import check_freed
from server.sandbox.allocator import child_overwrites_freed_memory


@pytest.mark.checklist(26)
def test_machine_that_overwrites_freed_memory_holds() -> None:
    assert check_freed(overwrites=child_overwrites_freed_memory()).state is State.HOLDS


@pytest.mark.checklist(26)
def test_machine_that_leaves_traces_is_noted() -> None:
    finding = check_freed(overwrites=False)
    assert finding.state is State.NOTED
    assert "traces" in finding.sentence
    assert finding.hint
