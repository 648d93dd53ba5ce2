"""Opens a sealed key before anything of the server is started."""

from __future__ import annotations

import os
import sys

from onion import ServiceKey, load_sealed_key, memory_place
from server.core.errors import OperatorError
from server.sandbox.core_dumps import disable_core_dumps
from server.supervisor.folder_lock import lock_folder
from server.supervisor.paths import Paths

from .passphrase import Prompt, Tell, ask_known, read_descriptor
from .sealing import ATTEMPTS


def open_at_start(
    paths: Paths, descriptor: int | None, prompt: Prompt, tell: Tell
) -> ServiceKey | None:
    """Open the sealed key of a folder; `None` if it has none, and nothing is asked.

    What would stop the start anyway is found before the question.

    Args:
        paths: of the server.
        descriptor: of an open file with the passphrase; `None` to ask in the terminal.
        prompt: asks in the terminal.
        tell: shows why it is asked again.

    Raises:
        OperatorError: if there is neither a terminal nor a descriptor, a descriptor without a
            sealed key, a key in the clear as well, or a server runs in the folder.
        OnionError: if the key cannot be opened, or tor's copy could not be in memory only.
        EOFError: if the terminal's input ends.
    """
    if not os.path.lexists(paths.sealed_key):
        if descriptor is not None:
            raise OperatorError(
                f"--passphrase-fd is given, and there is no sealed key in {paths.folder}",
                "seal it: sottovoce keys seal",
            )
        return None
    paths.check()
    paths.check_key()
    memory_place(paths.folder)
    with lock_folder(paths.folder):
        disable_core_dumps()
    if descriptor is not None:
        passphrase = read_descriptor(descriptor)
        return load_sealed_key(paths.sealed_key, lambda: passphrase, 1)
    if not sys.stdin.isatty():
        raise OperatorError(
            f"the key in {paths.folder} is sealed, and there is no terminal to ask for its"
            " passphrase",
            "start in a terminal, or give it with --passphrase-fd; see “A sealed key” in"
            " docs/operating.md",
        )
    return load_sealed_key(paths.sealed_key, ask_known(prompt, tell), ATTEMPTS)
