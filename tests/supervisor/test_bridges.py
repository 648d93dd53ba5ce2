"""The operator's bridges are read from both files; an error names the place of a line."""

from __future__ import annotations

from pathlib import Path

import pytest

from onion import BridgesUnusableError
from server.core.errors import OperatorError
from server.supervisor.bridges import operator_lines, parse_bridges
from tests.onion.bridges.test_line import OBFS4, PLAIN

pytestmark = pytest.mark.checklist(34)


def test_damaged_line_is_named_by_its_place() -> None:
    with pytest.raises(OperatorError) as refused:
        parse_bridges([OBFS4, OBFS4[:60]])
    assert str(refused.value).startswith("the configuration's tor.bridges[2] has no cert=")
    assert refused.value.hint.startswith("tor.bridges[2]: bridges = [")
    assert "192.0.2" not in str(refused.value) + refused.value.hint


async def test_bridges_of_both_files_are_used_together(tmp_path: Path) -> None:
    config, own_lines = tmp_path / "server.toml", tmp_path / "torrc"
    config.write_text(f'[tor]\nbridges = ["Bridge {PLAIN}"]\n')
    own_lines.write_text("Bridge 192.0.2.9:9001\nUseBridges 1\n")
    found = await operator_lines(config, own_lines)
    values = [("UseBridges", "1"), ("Bridge", PLAIN), ("Bridge", "192.0.2.9:9001")]
    assert (list(found.options), found.notes) == (values, ())
    assert (await operator_lines(None, None)).options == ()


async def test_contradiction_names_the_file(tmp_path: Path) -> None:
    own_lines = tmp_path / "torrc"
    own_lines.write_text("Bridge 192.0.2.9:9001\nUseBridges 0\n")
    with pytest.raises(BridgesUnusableError, match="go around the bridge") as refused:
        await operator_lines(None, own_lines)
    assert str(own_lines) in refused.value.hint
