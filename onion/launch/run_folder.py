"""A run folder that is gone after the run, however the run ends.

A program that is killed with SIGKILL cannot clean up. So a small `/bin/sh` child, in a session
of its own and deaf to the usual signals, reads from a pipe that only we hold open. When we are
gone, in whatever way, the pipe ends, and it removes the folder and itself. The normal end
closes the pipe too: one way of cleaning, used every time, and not only in disasters.

The pipe's write end is close-on-exec (PEP 446), so no other child of ours keeps it open.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import tempfile
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from onion.errors import DiskFullError, FolderError, folder_error
from onion.spec import MAX_SOCKET_PATH_BYTES

# A private network with a service and a client held 1.2 MiB after its start; the caches of a tor
# on the public network are larger.
NEEDED_BYTES = 32 * 1024 * 1024
# What is put below a run folder, up to the longest socket path: `/authority4/control` and spare.
_ROOM_BELOW_BYTES = 40
_WAIT_S = 10.0
_OTHER_FOLDER = "set TMPDIR to a folder that you may write"

# Killed tors may still be closing files when the pipe ends, and a folder that gets a new file
# while it is removed stays: so it is tried for a moment.
_SCRIPT = """
trap '' INT TERM HUP QUIT PIPE
while read -r _; do :; done
tries=0
while [ -e "$1" ] && [ "$tries" -lt 100 ]; do
    rm -rf -- "$1" && [ ! -e "$1" ] && break
    tries=$((tries + 1))
    sleep 0.05
done
"""


@asynccontextmanager
async def run_folder(prefix: str = "sottovoce-") -> AsyncIterator[Path]:
    """Make a folder of mode 0700 for one run; remove it at the end, even after SIGKILL.

    It stands in the folder that TMPDIR names, or else where the system keeps temporary files.

    Raises:
        FolderError: if it cannot be made or written, or its path is too long for sockets.
        DiskFullError: if there are not 32 MiB of space.
    """
    path = _make(prefix)
    reading, writing = os.pipe()
    try:
        try:
            janitor = await _start(path, reading)
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
        finally:
            os.close(reading)
        try:
            yield path
        finally:
            os.close(writing)
            writing = -1
            await _wait(janitor, path)
    finally:
        if writing >= 0:
            os.close(writing)


async def _start(path: Path, reading: int) -> Process:
    return await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", _SCRIPT, "janitor", str(path),
        stdin=reading, stdout=DEVNULL, stderr=DEVNULL, cwd="/", start_new_session=True,
    )  # fmt: skip


async def _wait(janitor: Process, path: Path) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_WAIT_S):
            await janitor.wait()
    if _is_there(path):
        # Somebody killed the janitor: another one, whose pipe has ended before it begins.
        again = await _start(path, DEVNULL)
        await again.wait()


def _is_there(path: Path) -> bool:
    return os.path.lexists(path)


def _make(prefix: str) -> Path:
    parent = _parent()
    try:
        space = os.statvfs(parent)
        # A file system without a size, as some in memory are, has no blocks to count.
        if space.f_blocks and space.f_bavail * space.f_frsize < NEEDED_BYTES:
            raise DiskFullError(parent)
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    except OSError as error:
        refused = folder_error(parent, error)
        if not isinstance(refused, DiskFullError):
            refused.hint = _OTHER_FOLDER
        raise refused from None
    return _proved(path)


def _parent() -> Path:
    """Where run folders stand. A TMPDIR that cannot be used is refused and not passed over."""
    named = tempfile.tempdir or os.environ.get("TMPDIR")
    if named:
        return Path(os.fsdecode(named)).absolute()
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        reason = "no folder for temporary files can be written"
        here = Path("/tmp")  # noqa: S108 (named, not used)
        raise FolderError(here, reason, hint=_OTHER_FOLDER) from None


def _proved(path: Path) -> Path:
    try:
        if len(os.fsencode(path)) > MAX_SOCKET_PATH_BYTES - _ROOM_BELOW_BYTES:
            raise FolderError(
                path, "the path is too long for a unix socket", hint="set TMPDIR to a shorter one"
            )
        # Quotas are told at the write, and not before.
        probe = path / "probe"
        probe.write_bytes(bytes(4096))
        probe.unlink()
    except BaseException as error:
        shutil.rmtree(path, ignore_errors=True)
        if isinstance(error, OSError):
            raise folder_error(path.parent, error) from None
        raise
    return path
