"""`sottovoce serve --config` serves what the file says, or says why it cannot."""

from __future__ import annotations

from pathlib import Path

import pytest

from .house import fail_to_serve

pytestmark = pytest.mark.slow  # each test starts a process of its own


def test_mistake_in_the_configuration_stops_the_start_with_a_hint(tmp_path: Path) -> None:
    file = tmp_path / "house.toml"
    file.write_text("[[rooms]]\nname = 'a room'\n", encoding="utf-8")
    ended = fail_to_serve("--socket", tmp_path / "run" / "web.sock", "--config", file)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "hint: rooms[1]." in ended.stderr
    assert "Traceback" not in ended.stderr
