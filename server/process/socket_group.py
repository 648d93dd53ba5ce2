"""Lets tor's user reach the visitors' socket where the system runs tor, and nobody else.

The system's tor runs as a user of its own. It keeps only that user's first group: it leaves all
others when it starts. So the socket and its folder belong to that group, `debian-tor` on Debian.
The user of the web process need not be in it, and should not be: whoever is in it can control tor.
The folder gives its group to the socket, which is what the set-group-ID bit of a folder is for.

Source: Debian, `/usr/share/doc/tor/README.Debian`, "Onion services using UNIX domain sockets".
"""

from __future__ import annotations

import grp
import os
import stat
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

from server.core.errors import OperatorError

FOLDER = "/var/lib/tor-onion-sockets/default/sottovoce"
"""Where Debian suggests such a folder, and where `torrc.example` has it."""

FOLDER_MODE = 0o2710
"""The group may pass through. It may list nothing and replace nothing; others may do nothing."""

SOCKET_MODE = 0o660
"""Connecting to a socket means writing to it."""

MAX_GROUP_ID = 2**32 - 2


class SocketGroup(NamedTuple):
    """The group whose members may reach the socket."""

    name: str
    gid: int


def find_group(name: str) -> SocketGroup:
    """Return a group by its name or its number.

    Raises:
        OperatorError: if there is none.
    """
    if name.isascii() and name.isdecimal() and len(name) <= 10 and int(name) <= MAX_GROUP_ID:
        return SocketGroup(name, int(name))
    with suppress(KeyError, ValueError):
        return SocketGroup(name, grp.getgrnam(name).gr_gid)
    raise OperatorError(
        f"there is no group {name!r}", "it is the group of tor's user; Debian's is debian-tor"
    )


def prepare_folder(folder: Path, group: SocketGroup) -> None:
    """Create the socket's folder for this group; check one that is there, and do not change it.

    Raises:
        OperatorError: if members of the group could not reach the folder, or others could.
    """
    if not folder.exists():
        folder.mkdir(mode=0o700, parents=True)
        try:
            os.chown(folder, -1, group.gid)
        except OSError:
            folder.rmdir()
            raise _without_folder(folder, group) from None
        folder.chmod(FOLDER_MODE)
    found = folder.stat()
    mode = stat.S_IMODE(found.st_mode)
    if found.st_gid != group.gid or not mode & stat.S_IXGRP:
        raise OperatorError(f"the group {group.name} cannot enter {folder}", _hint(group))
    if mode & (stat.S_IWGRP | stat.S_IRWXO):
        raise OperatorError(
            f"{folder} is open to others than the group {group.name}, or the group may write in it",
            _hint(group),
        )
    for parent in folder.resolve().parents:
        if not _may_pass(parent, group):
            raise OperatorError(
                f"the group {group.name} cannot pass through {parent}", _hint(group)
            )


def open_to_group(path: Path, group: SocketGroup) -> None:
    """Let this group connect to the socket.

    Raises:
        OperatorError: if the socket cannot be given to that group.
    """
    try:
        if path.lstat().st_gid != group.gid:
            os.chown(path, -1, group.gid, follow_symlinks=False)
    except PermissionError:
        raise _without_folder(path.parent, group) from None
    path.chmod(SOCKET_MODE)


def _may_pass(folder: Path, group: SocketGroup) -> bool:
    with suppress(OSError):
        # Other users may be named there, and only the kernel knows who may pass.
        os.getxattr(folder, "system.posix_acl_access")
        return True
    found = folder.stat()
    bit = stat.S_IXGRP if found.st_gid == group.gid else stat.S_IXOTH
    return bool(found.st_mode & bit)


def _without_folder(folder: Path, group: SocketGroup) -> OperatorError:
    return OperatorError(f"this user may not give {folder} to the group {group.name}", _hint(group))


def _hint(group: SocketGroup) -> str:
    user = f"-o {os.geteuid()} -g {group.name}"
    return (
        f"as root: install -d -m {FOLDER_MODE:o} {user} {FOLDER}; then --socket {FOLDER}/web.sock"
    )
