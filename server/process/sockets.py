"""The listening Unix sockets. They are opened before anything else.

Each is in its own folder, which only the owner may enter, and is itself open to the owner only. Tor
runs as the same user and can connect; no other user can. Where the system runs tor as another user,
the visitors' socket is open to that user's group (see `socket_group.py`). There is no TCP.
"""

from __future__ import annotations

import errno
import os
import socket
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from server.core.errors import OperatorError

from .socket_group import SocketGroup, open_to_group, prepare_folder

MAX_PATH_BYTES = 107
"""The size of `sun_path`, less the terminating zero. Source: unix(7)."""

FULL_HINT = "free some space on that disk, or choose another folder"


def listen_on(path: Path, group: SocketGroup | None = None) -> socket.socket:
    """Open a listening Unix socket at `path`; create its folder if necessary.

    Replace a socket on which nobody listens any more.

    Args:
        path: where it is opened.
        group: who may connect besides the owner.

    Raises:
        OperatorError: if that is not possible here, with the reason.
    """
    if len(os.fsencode(path)) > MAX_PATH_BYTES:
        raise OperatorError(
            f"the socket path is longer than {MAX_PATH_BYTES} bytes", "choose a shorter folder"
        )
    try:
        if group is not None:
            prepare_folder(path.parent, group)
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _remove_stale(path)
        return _bind(path, group)
    except OSError as error:
        raise _to_operator_error(error, path) from None


@contextmanager
def listening_on(path: Path, group: SocketGroup | None = None) -> Iterator[socket.socket]:
    """Open a listening Unix socket while the block runs; its file is removed after the block.

    The folder stays open for that, because a sealed process may use no other name of the file.

    Raises:
        OperatorError: see `listen_on`.
    """
    listening = listen_on(path, group)
    folder = os.open(path.parent, os.O_PATH | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        yield listening
    finally:
        listening.close()
        # A sealed process may remove nothing from a folder that holds other files.
        with suppress(FileNotFoundError, PermissionError):
            os.unlink(path.name, dir_fd=folder)
        os.close(folder)


def inherited(descriptor: int) -> socket.socket:
    """Return the listening Unix socket that the starter of this process has opened for it.

    Its file belongs to the starter, who removes it.

    Raises:
        OperatorError: if that descriptor is not such a socket.
    """
    refused = OperatorError(
        f"descriptor {descriptor} is not a listening Unix socket",
        "leave --socket-fd to the supervisor",
    )
    try:
        given = socket.socket(fileno=descriptor)
    except OSError:
        raise refused from None
    kind = (given.family, given.type)
    if kind != (socket.AF_UNIX, socket.SOCK_STREAM) or not given.getsockopt(
        socket.SOL_SOCKET, socket.SO_ACCEPTCONN
    ):
        given.detach()
        raise refused
    given.set_inheritable(False)
    given.setblocking(False)
    # From now on the kernel names this process to who connects (SO_PEERCRED), and not its starter.
    given.listen(socket.SOMAXCONN)
    return given


def _bind(path: Path, group: SocketGroup | None) -> socket.socket:
    listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    # The mode of a socket file is set in bind(), so it never has a wider mode.
    old_mask = os.umask(0o177)
    try:
        with _working_in(path.parent):
            # By its short name: the kernel tells a socket's owner the name that was used here, and
            # the folder could reveal whose machine this is.
            listening.bind(path.name)
    except OSError:
        listening.close()
        raise
    finally:
        os.umask(old_mask)
    try:
        if group is not None:
            open_to_group(path, group)
        listening.listen(socket.SOMAXCONN)
    except (OSError, OperatorError):
        listening.close()
        path.unlink(missing_ok=True)
        raise
    listening.setblocking(False)
    return listening


@contextmanager
def _working_in(folder: Path) -> Iterator[None]:
    """Make a folder the working directory while the block runs."""
    before = os.open(".", os.O_PATH | os.O_CLOEXEC)
    try:
        os.chdir(folder)
        yield
    finally:
        os.fchdir(before)
        os.close(before)


def _remove_stale(path: Path) -> None:
    try:
        mode = path.lstat().st_mode
    except FileNotFoundError:
        return
    if not stat.S_ISSOCK(mode):
        raise OperatorError(f"{path} exists and is not a socket", "choose another path")
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        # Do not block on a listener whose queue is full: it is alive.
        probe.setblocking(False)
        try:
            probe.connect(str(path))
        except BlockingIOError:
            pass
        except ConnectionRefusedError:
            path.unlink()
            return
    raise OperatorError(f"another program listens on {path}", "stop it, or choose another path")


def _to_operator_error(error: OSError, path: Path) -> OperatorError:
    reasons = {
        errno.ENOSPC: (f"the disk that holds {path.parent} is full", FULL_HINT),
        errno.EACCES: (f"cannot write in {path.parent}", "choose a folder that you own"),
        errno.EPERM: (f"cannot write in {path.parent}", "choose a folder that you own"),
        errno.EROFS: (f"{path.parent} is on a read-only disk", "choose another folder"),
    }
    default = (f"cannot listen on {path}: {(error.strerror or 'unknown reason').lower()}", "")
    return OperatorError(*reasons.get(error.errno or 0, default))
