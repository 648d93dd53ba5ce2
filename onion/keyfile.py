"""The service key on disk.

The format is that of tor's own `hs_ed25519_secret_key`: a header of 32 bytes, then the expanded
key of 64. So an operator can move an address here from a plain tor, and back.

Rules of this file:

1. A key that others could read is refused, not repaired: they may have read it already.
2. A key is never replaced by another. It is written to a temporary file in the same folder, synced
   to disk, and then hard-linked to its final name. If two programs start at the same time, the
   second finds the key of the first.

A sealed key (`sealed/file.py`) is a file of the same kind, with other content.
"""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from .errors import FolderError, KeyFileError, folder_error
from .keys import EXPANDED_BYTES, ServiceKey

_HEADER = b"== ed25519v1-secret: type0 ==\0\0\0"
_SIZE = len(_HEADER) + EXPANDED_BYTES
_GROUP_OR_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def load_or_create_key(path: Path) -> ServiceKey:
    """Read the service key at `path`, or create it there, and its folder if needed.

    Reads and writes the disk: a few milliseconds.

    Raises:
        KeyFileError: if a file exists but is unsafe or damaged: readable by others, owned by
            another user, a link, truncated.
        FolderError: if the folder cannot be created, read or written.
        DiskFullError: if there is no space for the file.
    """
    try:
        make_key_folder(path.parent)
        if not os.path.lexists(path):
            with suppress(FileExistsError):
                create_private_file(path, key_file_content(ServiceKey.generate()))
        return load_key(path)
    except OSError as error:
        raise folder_error(path.parent, error) from None


def load_key(path: Path) -> ServiceKey:
    """Read the service key at `path`.

    Raises:
        KeyFileError: if it does not exist, is unsafe or damaged.
    """
    return _parse(path, read_private_file(path, _SIZE + 1))


def make_key_folder(folder: Path) -> None:
    """Create the folder of a key with mode 0700, unless it is there.

    Raises:
        KeyFileError: if it belongs to another user, or others may enter it.
        OSError: if it cannot be created.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _check_owner_and_mode(folder, folder.stat(), os.geteuid())


def check_key_file(path: Path, owner: int) -> None:
    """Check that the key at `path` and its folder belong to `owner` and are closed to others.

    The key itself is not read.

    Raises:
        KeyFileError: if they are not.
        FileNotFoundError: if one of them does not exist.
    """
    _check_owner_and_mode(path.parent, path.parent.stat(), owner)
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise KeyFileError(path, "is not a regular file")
    _check_owner_and_mode(path, status, owner)


def write_key(path: Path, key: ServiceKey) -> None:
    """Write a key to a new file of mode 0600, and sync it to disk.

    Raises:
        OSError: if the file exists or cannot be written.
    """
    _write(path, key_file_content(key))


def key_file_content(key: ServiceKey) -> bytes:
    """Return what a key's file contains in the clear, 96 bytes."""
    return _HEADER + key.reveal()


def read_private_file(path: Path, limit_bytes: int) -> bytes:
    """Read at most `limit_bytes` of a regular file that only we may read.

    Raises:
        KeyFileError: if it is none.
    """
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise KeyFileError(path, f"cannot be read: {(error.strerror or '').lower()}") from None
    try:
        status = os.fstat(handle)
        if not stat.S_ISREG(status.st_mode):
            raise KeyFileError(path, "is not a regular file")
        _check_owner_and_mode(path, status, os.geteuid())
        return os.read(handle, limit_bytes)
    finally:
        os.close(handle)


def create_private_file(path: Path, content: bytes) -> None:
    """Create a file of mode 0600 that is there whole or not at all, and sync it to disk.

    Raises:
        OSError: if it exists, or cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        _write(temporary, content)
        os.link(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()
    _sync(path.parent)


def overwrite_and_remove(path: Path) -> None:
    """Overwrite a file with zeros, sync that to disk, and remove it.

    A disk or a file system may write the zeros to another place.

    Raises:
        OSError: if it cannot be written or removed.
    """
    handle = os.open(path, os.O_WRONLY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        os.write(handle, bytes(os.fstat(handle).st_size))
        os.fsync(handle)
    finally:
        os.close(handle)
    path.unlink()
    _sync(path.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _parse(path: Path, content: bytes) -> ServiceKey:
    hint = "restore it from a backup, or move it away to get a new address"
    if len(content) != _SIZE or not content.startswith(_HEADER):
        raise KeyFileError(path, "is not a v3 onion service key", hint=hint)
    try:
        return ServiceKey(content[len(_HEADER) :])
    except ValueError:
        raise KeyFileError(path, "is damaged", hint=hint) from None


def _check_owner_and_mode(path: Path, status: os.stat_result, owner: int) -> None:
    if status.st_uid != owner:
        raise KeyFileError(path, "belongs to another user", hint="run as the user who owns it")
    mode = stat.S_IMODE(status.st_mode)
    if mode & _GROUP_OR_OTHERS:
        kind = "is in a folder that " if stat.S_ISDIR(status.st_mode) else ""
        wanted = "700" if stat.S_ISDIR(status.st_mode) else "600"
        raise KeyFileError(
            path,
            f"{kind}may be read by others: mode {mode:04o}",
            hint=f"if nobody else has used this machine: chmod {wanted} {path}",
        )


def _write(path: Path, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        if os.write(handle, content) != len(content):
            raise FolderError(path.parent, "a write was incomplete")
        os.fsync(handle)
    finally:
        os.close(handle)
