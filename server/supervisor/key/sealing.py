"""Seals the key of a server, opens it again, and makes a new one that is sealed from the beginning.

Each holds the lock of the folder, so no server runs there meanwhile. The old form is removed only
after the new one was read back from the disk.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from onion import (
    KeyFileError,
    ServiceKey,
    create_private_file,
    key_file_content,
    load_key,
    load_sealed_key,
    make_key_folder,
    overwrite_and_remove,
    seal_key,
)
from server.core.errors import OperatorError
from server.sandbox.core_dumps import disable_core_dumps
from server.supervisor.folder_lock import lock_folder
from server.supervisor.paths import Paths

ATTEMPTS = 3
"""With a passphrase, in a terminal."""

AskPassphrase = Callable[[], str]
"""Returns a passphrase in the form in which it is used."""

Seal = Callable[[ServiceKey, str], bytes]
"""Encrypts a key with a passphrase."""


def seal(paths: Paths, ask: AskPassphrase, encrypt: Seal = seal_key) -> None:
    """Replace the key in the clear by one that is sealed with a new passphrase.

    Raises:
        OperatorError: if there is no key, it is sealed, or a server runs.
        KeyFileError: if it is unsafe or damaged, or was not written as it should be.
        OSError: if the disk refuses.
    """
    with _own_folder(paths):
        if os.path.lexists(paths.sealed_key):
            raise OperatorError(
                f"the key in {paths.folder} is sealed already",
                "to change the passphrase: keys open",
            )
        if not os.path.lexists(paths.key):
            raise OperatorError(
                f"there is no key in {paths.folder}",
                "name another --folder; for a new address: sottovoce keys new",
            )
        key = load_key(paths.key)
        _write_sealed(paths, key, ask(), encrypt)
        overwrite_and_remove(paths.key)


def open_sealed(paths: Paths, ask: AskPassphrase) -> None:
    """Replace the sealed key by one in the clear.

    Raises:
        OperatorError: if there is no sealed key, or a server runs.
        WrongPassphraseError: after three attempts.
        KeyFileError: if it is unsafe or damaged.
        OSError: if the disk refuses.
    """
    with _own_folder(paths):
        if not os.path.lexists(paths.sealed_key):
            raise OperatorError(
                f"there is no sealed key in {paths.folder}", "name another --folder"
            )
        key = load_sealed_key(paths.sealed_key, ask, ATTEMPTS)
        create_private_file(paths.key, key_file_content(key))
        if load_key(paths.key).address != key.address:
            raise KeyFileError(paths.key, "was not written as it should be")
        paths.sealed_key.unlink()


def make_sealed(paths: Paths, ask: AskPassphrase, encrypt: Seal = seal_key) -> None:
    """Make a new key, so a new address, that no disk ever has in the clear.

    Raises:
        OperatorError: if the folder has, or had, a key, or cannot be used.
        KeyFileError: if others may enter the folder.
        OSError: if the disk refuses.
    """
    paths.check()
    make_key_folder(paths.folder)
    with _own_folder(paths):
        for path in (paths.key, paths.sealed_key):
            if os.path.lexists(path):
                raise OperatorError(f"there is a key already: {path}", "name another --folder")
        _write_sealed(paths, ServiceKey.generate(), ask(), encrypt)


@contextmanager
def _own_folder(paths: Paths) -> Iterator[None]:
    """Hold the folder's lock, after what is in it was checked."""
    disable_core_dumps()
    if not paths.folder.is_dir():
        raise OperatorError(f"there is no folder {paths.folder}", "name another --folder")
    paths.check_key()
    with lock_folder(paths.folder):
        yield


def _write_sealed(paths: Paths, key: ServiceKey, passphrase: str, encrypt: Seal) -> None:
    try:
        sealed = encrypt(key, passphrase)
    except MemoryError:
        raise OperatorError(
            "there is too little memory to seal the key: it takes 256 MiB for a moment",
            "end other programs",
        ) from None
    create_private_file(paths.sealed_key, sealed)
    try:
        read_back = load_sealed_key(paths.sealed_key, lambda: passphrase, 1)
        if read_back.address != key.address:
            raise KeyFileError(paths.sealed_key, "was not written as it should be")
    except BaseException:
        paths.sealed_key.unlink(missing_ok=True)
        raise
