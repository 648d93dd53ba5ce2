"""A folder is locked for one running server, as long as that server lives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from server.core.errors import OperatorError
from server.supervisor.folder_lock import lock_folder

ROOT = Path(__file__).parents[2]


def test_second_server_is_refused_and_names_the_folder(tmp_path: Path) -> None:
    sentence = f"another sottovoce is running in {tmp_path}"
    with lock_folder(tmp_path):
        with pytest.raises(OperatorError, match=sentence) as refused, lock_folder(tmp_path):
            raise AssertionError("the second server got the lock")
        assert "--folder" in refused.value.hint
    with lock_folder(tmp_path):
        assert list(tmp_path.iterdir()) == [], "a file was left behind"


def test_two_folders_can_be_locked_at_once(tmp_path: Path) -> None:
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    with lock_folder(tmp_path / "one"), lock_folder(tmp_path / "two"):
        pass


HOLDER = """
import sys
from pathlib import Path
from server.supervisor.folder_lock import lock_folder
with lock_folder(Path(sys.argv[1])):
    print("locked", flush=True)
    sys.stdin.read()
"""


@pytest.mark.slow
def test_killed_server_releases_the_lock(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        cwd=ROOT,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"locked\n"
        with pytest.raises(OperatorError), lock_folder(tmp_path):
            pass
        holder.kill()
        holder.wait()
        with lock_folder(tmp_path):
            pass
