"""A folder is one running server's, for as long as that lives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from server.core.errors import OperatorError
from server.supervisor.folder_lock import lock_folder

ROOT = Path(__file__).parents[2]


def test_second_server_is_told_where_the_first_one_is(tmp_path: Path) -> None:
    told = f"another sottovoce is running in {tmp_path}"
    with lock_folder(tmp_path):
        with pytest.raises(OperatorError, match=told) as no, lock_folder(tmp_path):
            raise AssertionError("the block was begun")
        assert "--folder" in no.value.hint
    with lock_folder(tmp_path):
        assert list(tmp_path.iterdir()) == [], "nothing is left behind"


def test_two_folders_are_two_servers(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with lock_folder(tmp_path / "one"), lock_folder(tmp_path / "two"):
        pass


HOLDER = """
import sys
from pathlib import Path
from server.supervisor.folder_lock import lock_folder
with lock_folder(Path(sys.argv[1])):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
def test_server_that_was_killed_holds_nothing(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(OperatorError), lock_folder(tmp_path):
            pass
        holder.kill()
        holder.wait()
        with lock_folder(tmp_path):
            pass
