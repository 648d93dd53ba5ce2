"""Writes what the first start decided: the configuration, the key and a copy of it."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from secrets import token_hex

from onion import load_or_create_key
from server.core.errors import OperatorError
from server.sandbox.core_dumps import disable_core_dumps
from server.supervisor.paths import Paths

from .answers import FirstStart, render_answers

PRIVATE_MODE = 0o600


def write_first_start(paths: Paths, first: FirstStart, tell: Callable[[str], None]) -> None:
    """Create the key, write the configuration, and copy the key.

    Raises:
        OnionError: if the folder or the key cannot be created.
        OperatorError: if the configuration cannot be written; then nothing is left of both.
    """
    disable_core_dumps()
    is_new = not os.path.lexists(paths.key)
    load_or_create_key(paths.key)
    try:
        write_private_file(paths.config, render_answers(first.answers).encode())
    except OSError as error:
        if is_new:
            # Nobody has seen its address. With it, the next start would ask nothing.
            paths.key.unlink()
        raise OperatorError(
            f"{paths.config} cannot be written: {reason_of(error)}", "nothing was set up"
        ) from None
    tell(f"Your answers are in {paths.config}, with every other key and its default.")
    by_hand = f"copy it by hand to a place that only you can read: {paths.key}"
    if first.backup is None:
        tell(f"There is no copy of the key; {by_hand}")
        return
    copy = first.backup / paths.key.name
    try:
        write_private_file(copy, paths.key.read_bytes())
    except OSError as error:
        tell(f"The key was NOT copied to {copy} ({reason_of(error)}); {by_hand}")
    else:
        tell(f"A copy of the key is in {copy}: whoever has it can take over the address.")


def write_private_file(path: Path, content: bytes) -> None:
    """Write a new file of mode 0600 that is there whole or not at all, and sync it to disk.

    Raises:
        OSError: if it exists or cannot be written, or if its mode cannot be kept there.
    """
    temporary = path.with_name(f".{path.name}.{token_hex(8)}")
    try:
        handle = os.open(
            temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_MODE
        )
        with open(handle, "wb") as file:
            if stat.S_IMODE(os.fstat(handle).st_mode) & ~PRIVATE_MODE:
                raise OSError(0, "others could read it there")
            file.write(content)
            file.flush()
            os.fsync(handle)
        if os.path.lexists(path):
            raise FileExistsError(0, "a file of that name is there")
        # Not a link: a USB stick's file system may have none.
        os.rename(temporary, path)
    finally:
        with suppress(FileNotFoundError):
            temporary.unlink()


def reason_of(error: OSError) -> str:
    """Return why the system refused, for the end of a sentence."""
    return (error.strerror or type(error).__name__).lower()
