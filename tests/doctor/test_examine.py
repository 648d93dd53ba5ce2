"""Every check has its own name; an unusable folder is reported before all checks."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path, PosixPath

import pytest

from onion import UserTorrcError
from server.core.errors import OperatorError
from server.doctor.examine import CHECKS, examine, gather_facts
from server.doctor.findings import State
from server.doctor.machine import Machine


class ClosedFolder(PosixPath):
    """A folder of another user."""

    def iterdir(self) -> Generator[ClosedFolder, None, None]:
        """Refuse, as the kernel does."""
        raise PermissionError


@pytest.mark.parametrize(
    ("folder", "sentence"),
    [
        (ClosedFolder("/closed"), "cannot read /closed"),
        (Path("/dev/null"), "/dev/null is not a folder"),
        (Path("relative"), "'relative' cannot be used"),
        (Path("/" + "long" * 30), "cannot be used: a socket path has at most"),
    ],
)
async def test_unusable_folder_is_reported_at_once(folder: Path, sentence: str) -> None:
    with pytest.raises(OperatorError, match=sentence) as refused:
        await gather_facts(Machine(), folder, None)
    assert refused.value.hint


async def test_unusable_torrc_file_is_reported_at_once(tmp_path: Path) -> None:
    own_lines = tmp_path / "torrc"
    own_lines.write_text("SafeLogging 0\n")
    with pytest.raises(UserTorrcError, match="SafeLogging"):
        await gather_facts(Machine(), tmp_path, own_lines)


@pytest.mark.tor
@pytest.mark.checklist(25, 27, 28, 29, 32)
async def test_every_command_of_the_checklist_has_its_check(tmp_path: Path) -> None:
    findings = await examine(tmp_path / "server", None)
    names = [finding.name for finding in findings]
    assert len(names) == len(set(names)) == len(CHECKS)
    assert {"swap", "core dumps", "left behind", "tcp ports", "system calls"} <= set(names)
    assert {"tor's settings", "tor's sandbox", "key"} <= set(names)


async def test_every_failure_has_a_hint(tmp_path: Path) -> None:
    (tmp_path / "core").write_text("")
    for finding in await examine(tmp_path, None):
        assert finding.sentence == finding.sentence.strip().rstrip(".")
        assert finding.sentence.isprintable()
        if finding.state is State.FAILS:
            assert finding.hint
