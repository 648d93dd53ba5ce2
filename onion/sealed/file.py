"""Reads a sealed key from disk, with the rules of every key file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from onion.errors import KeyFileError, WrongPassphraseError
from onion.keyfile import read_private_file
from onion.keys import ServiceKey

from .box import MAX_SEALED_BYTES, DamagedError, check_sealed, open_key

Ask = Callable[[], str]
"""Returns a passphrase."""


def load_sealed_key(path: Path, ask: Ask, attempts: int) -> ServiceKey:
    """Read the sealed key at `path`, and decrypt it. Takes about a second for each attempt.

    Args:
        path: of the file; it is checked before the first question.
        ask: called for each attempt.
        attempts: how many there are, 1 at least.

    Raises:
        KeyFileError: if the file does not exist, is unsafe or damaged, or needs more memory than
            there is.
        WrongPassphraseError: if no passphrase opens it.
    """
    sealed = read_private_file(path, MAX_SEALED_BYTES + 1)
    try:
        check_sealed(sealed)
        for _ in range(attempts):
            key = open_key(sealed, ask())
            if key is not None:
                return key
    except DamagedError:
        raise KeyFileError(
            path,
            "is damaged, or no sealed key of this version",
            hint="restore it from a backup; without one the address is lost",
        ) from None
    except MemoryError:
        raise KeyFileError(
            path,
            "cannot be opened: that takes 256 MiB of memory for a moment",
            hint="end other programs",
        ) from None
    raise WrongPassphraseError
