"""Makes the folder from which tor publishes a service, and removes it after the run.

Tor publishes a service with all of its defences only from a folder (`HiddenServiceDir`); ADD_ONION
lacks the limit at introduction points and the circuit ids. We write one file into it, the secret
key; tor adds the public key, the address and an empty folder for clients.

Each run has a folder with a new name. So the cleaner of a run that was killed never removes the
folder of the next one.

Source: tor(1), HiddenServiceDir and "FILES".
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from .errors import folder_error
from .keyfile import write_key
from .keys import ServiceKey
from .launch.run_folder import removed_afterwards

PREFIX = "service-"
_SECRET_KEY = "hs_ed25519_secret_key"  # noqa: S105 (a file name)


@asynccontextmanager
async def service_folder(parent: Path, key: ServiceKey) -> AsyncIterator[Path]:
    """Create a folder of mode 0700 with a key of mode 0600; remove it at the end of the block.

    It is also removed after a SIGKILL. A folder that outlives even that (after a power cut) is
    removed here the next time.

    Args:
        parent: exists; no other service uses it at the same time.
        key: the service's key; the copy is in the clear, as tor needs it.

    Raises:
        FolderError: if it cannot be created or written.
        DiskFullError: if there is no space for it.
    """
    path = _create(parent)
    async with removed_afterwards(path):
        try:
            write_key(path / _SECRET_KEY, key)
        except OSError as error:
            raise folder_error(path, error) from None
        yield path


def _create(parent: Path) -> Path:
    try:
        for old in parent.glob(f"{PREFIX}*"):
            # Not found: the cleaner of a run that was just killed is removing it, too.
            with suppress(FileNotFoundError):
                shutil.rmtree(old)
        return Path(tempfile.mkdtemp(prefix=PREFIX, dir=parent))
    except OSError as error:
        raise folder_error(parent, error) from None
