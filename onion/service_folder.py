"""Makes the folder from which tor publishes a service, and removes it after the run.

Tor publishes a service with all of its defences only from a folder (`HiddenServiceDir`); ADD_ONION
lacks the limit at introduction points and the circuit ids. We write one file into it, the secret
key; tor adds the public key, the address and an empty folder for clients.

Each run has a folder with a new name. So the cleaner of a run that was killed never removes the
folder of the next one.

The folder is beside tor's data, or, for a key that is sealed on disk, in memory only
(`launch/memory.py`).

Source: tor(1), HiddenServiceDir and "FILES".
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from .errors import folder_error
from .keyfile import write_key
from .keys import ServiceKey
from .launch.run_folder import removed_afterwards

PREFIX = "service-"
_SECRET_KEY = "hs_ed25519_secret_key"  # noqa: S105 (a file name)


@dataclass(frozen=True, slots=True)
class Place:
    """Where the folders of one service are made."""

    parent: Path
    """Exists; others may write there as well."""

    prefix: str = PREFIX
    """Begins the name of each of them. No other service uses it here at the same time."""

    def left_behind(self) -> list[Path]:
        """Return the folders of earlier runs that are ours."""
        found = []
        for path in self.parent.glob(f"{self.prefix}*"):
            # Not found: the cleaner of a run that was just killed is removing it.
            with suppress(FileNotFoundError):
                if path.lstat().st_uid == os.geteuid():
                    found.append(path)
        return found


@asynccontextmanager
async def service_folder(place: Place, key: ServiceKey) -> AsyncIterator[Path]:
    """Create a folder of mode 0700 with a key of mode 0600; remove it at the end of the block.

    It is also removed after a SIGKILL. A folder that outlives even that (after a power cut) is
    removed here the next time.

    Args:
        place: see there.
        key: the service's key; the copy is in the clear, as tor needs it.

    Raises:
        FolderError: if it cannot be created or written.
        DiskFullError: if there is no space for it.
    """
    path = _create(place)
    async with removed_afterwards(path):
        try:
            write_key(path / _SECRET_KEY, key)
        except OSError as error:
            raise folder_error(path, error) from None
        yield path


def _create(place: Place) -> Path:
    try:
        for old in place.left_behind():
            # Not found: its cleaner has been faster.
            with suppress(FileNotFoundError):
                shutil.rmtree(old)
        return Path(tempfile.mkdtemp(prefix=place.prefix, dir=place.parent))
    except OSError as error:
        raise folder_error(place.parent, error) from None
