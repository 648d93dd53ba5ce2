"""Folders that are removed after the run, however the run ends.

A program that is killed with SIGKILL cannot clean up. So a small `/bin/sh` child, the cleaner,
has a session of its own, ignores the usual signals, and reads from a pipe that only we hold open.
When we end, in any way, the pipe is closed, and the cleaner removes the folder and exits. A normal
end closes the pipe as well, so this one cleanup path is exercised in every run.

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

# A private network with a service and a client used 1.2 MiB after its start; the caches of a tor on
# the public network are larger.
NEEDED_BYTES = 32 * 1024 * 1024
# Reserved for the longest socket path below a run folder: `/authority4/control`, and a margin.
_MAX_SUBPATH_BYTES = 40
_CLEANUP_TIMEOUT_S = 10.0
_OTHER_FOLDER = "set TMPDIR to a folder that you can write to"

# Killed tors may still write files when the pipe ends, and `rm -r` fails on a folder that gets a
# new file meanwhile. So the removal is retried for about 5 seconds.
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
    """Create a folder of mode 0700 for one run; remove it at the end, even after SIGKILL.

    It is created in the folder that TMPDIR names, or else in the system's temporary folder.

    Raises:
        FolderError: if it cannot be created or written, or its path is too long for sockets.
        DiskFullError: if less than 32 MiB of space is free.
    """
    path = _create(prefix)
    async with removed_afterwards(path):
        yield path


@asynccontextmanager
async def removed_afterwards(path: Path) -> AsyncIterator[None]:
    """Remove a folder of ours at the end of the block, even after SIGKILL.

    Args:
        path: exists; if the cleaner cannot be started, it is removed at once.
    """
    reading, writing = os.pipe()
    try:
        try:
            cleaner = await _start(path, reading)
        except BaseException:
            shutil.rmtree(path, ignore_errors=True)
            raise
        finally:
            os.close(reading)
        try:
            yield
        finally:
            os.close(writing)
            writing = -1
            await _wait(cleaner, path)
    finally:
        if writing >= 0:
            os.close(writing)


async def _start(path: Path, reading: int) -> Process:
    return await asyncio.create_subprocess_exec(
        "/bin/sh", "-c", _SCRIPT, "cleaner", str(path),
        stdin=reading, stdout=DEVNULL, stderr=DEVNULL, cwd="/", start_new_session=True,
    )  # fmt: skip


async def _wait(cleaner: Process, path: Path) -> None:
    with suppress(TimeoutError):
        async with asyncio.timeout(_CLEANUP_TIMEOUT_S):
            await cleaner.wait()
    if _exists(path):
        # The cleaner was killed: start another one, with an input that has already ended.
        again = await _start(path, DEVNULL)
        await again.wait()


def _exists(path: Path) -> bool:
    return os.path.lexists(path)


def _create(prefix: str) -> Path:
    parent = _parent()
    try:
        space = os.statvfs(parent)
        # Some file systems in memory have no size limit and report zero blocks.
        if space.f_blocks and space.f_bavail * space.f_frsize < NEEDED_BYTES:
            raise DiskFullError(parent)
        path = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
    except OSError as error:
        refused = folder_error(parent, error)
        if not isinstance(refused, DiskFullError):
            refused.hint = _OTHER_FOLDER
        raise refused from None
    return _checked(path)


def _parent() -> Path:
    """Return the parent of run folders. An unusable TMPDIR is an error; there is no fallback."""
    named = tempfile.tempdir or os.environ.get("TMPDIR")
    if named:
        return Path(os.fsdecode(named)).absolute()
    try:
        return Path(tempfile.gettempdir())
    except FileNotFoundError:
        reason = "no folder for temporary files can be written"
        here = Path("/tmp")  # noqa: S108 (only named in the error)
        raise FolderError(here, reason, hint=_OTHER_FOLDER) from None


def _checked(path: Path) -> Path:
    try:
        if len(os.fsencode(path)) > MAX_SOCKET_PATH_BYTES - _MAX_SUBPATH_BYTES:
            raise FolderError(
                path,
                "the path is too long for a unix socket",
                hint="set TMPDIR to a folder with a shorter path",
            )
        # A quota shows only when something is written.
        probe = path / "probe"
        probe.write_bytes(bytes(4096))
        probe.unlink()
    except BaseException as error:
        shutil.rmtree(path, ignore_errors=True)
        if isinstance(error, OSError):
            raise folder_error(path.parent, error) from None
        raise
    return path
