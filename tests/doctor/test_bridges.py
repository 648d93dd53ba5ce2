"""The doctor says whether tor goes through the bridges, and why `up` would not start."""

from __future__ import annotations

from pathlib import Path

import pytest

from onion import BridgedLines
from server.doctor.bridges import BridgeFacts, check_bridges, examine_bridges
from server.doctor.findings import State


def test_bridges_with_their_transports_are_named() -> None:
    finding = check_bridges(BridgeFacts(BridgedLines((), (), ("obfs4",), has_bridges=True)))
    assert finding.state is State.HOLDS
    assert finding.sentence == "tor goes through bridges only; obfs4"


def test_what_was_changed_is_worth_knowing() -> None:
    finding = check_bridges(BridgeFacts(BridgedLines((), ("it is set",), (), has_bridges=True)))
    assert finding.state is State.NOTED
    assert finding.sentence.endswith("; no transport; it is set")


async def test_no_bridges_is_no_failure() -> None:
    finding = check_bridges(await examine_bridges(None, None))
    assert finding.state is State.HOLDS
    assert "directly" in finding.sentence


@pytest.mark.checklist(34)
async def test_unusable_bridges_fail_with_a_hint(tmp_path: Path) -> None:
    own_lines = tmp_path / "torrc"
    own_lines.write_text("UseBridges 1\n")
    facts = await examine_bridges(None, own_lines)
    finding = check_bridges(facts)
    assert finding.state is State.FAILS
    assert "without any bridge" in finding.sentence
    assert finding.hint
    assert not facts.lines.options
