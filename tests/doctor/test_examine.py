"""Every check is told under a name of its own; a folder that is none is told before them all."""

from __future__ import annotations

from collections.abc import Generator
from pathlib import Path, PosixPath

import pytest

from onion import UserTorrcError
from server.core.errors import OperatorError
from server.doctor.examine import CHECKS, examine, gather
from server.doctor.findings import State
from server.doctor.machine import Machine


class ClosedFolder(PosixPath):
    """Somebody else's."""

    def iterdir(self) -> Generator[ClosedFolder, None, None]:
        """Refuse, as the system does."""
        raise PermissionError


@pytest.mark.parametrize(
    ("folder", "said"),
    [
        (ClosedFolder("/closed"), "cannot look into /closed"),
        (Path("/dev/null"), "/dev/null is no folder"),
        (Path("relative"), "'relative' cannot be used"),
        (Path("/" + "long" * 30), "cannot be used: a socket path has at most"),
    ],
)
async def test_folder_that_cannot_be_looked_into_is_told_at_once(folder: Path, said: str) -> None:
    with pytest.raises(OperatorError, match=said) as refused:
        await gather(Machine(), folder, None)
    assert refused.value.hint


async def test_operators_file_that_is_not_fit_is_told_at_once(tmp_path: Path) -> None:
    own_lines = tmp_path / "torrc"
    own_lines.write_text("SafeLogging 0\n")
    with pytest.raises(UserTorrcError, match="SafeLogging"):
        await gather(Machine(), tmp_path, own_lines)


@pytest.mark.tor
@pytest.mark.checklist(25, 27, 28, 29, 32)
async def test_every_line_that_is_a_command_on_the_host_has_its_check(tmp_path: Path) -> None:
    findings = await examine(tmp_path / "server", None)
    names = [finding.name for finding in findings]
    assert len(names) == len(set(names)) == len(CHECKS)
    assert {"swap", "core dumps", "left behind", "tcp ports", "system calls"} <= set(names)
    assert {"tor's settings", "tor's sandbox", "key"} <= set(names)


async def test_whoever_finds_a_fault_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "core").write_text("")
    for finding in await examine(tmp_path, None):
        assert finding.sentence == finding.sentence.strip().rstrip(".")
        assert finding.sentence.isprintable()
        if finding.state is State.FAILS:
            assert finding.hint
