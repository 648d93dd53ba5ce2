"""Whether a tor is new enough for us."""

from __future__ import annotations

import re
from pathlib import Path

from onion.errors import TorDiedError, TorTooOldError

from .process import run_owned
from .program import find_tor

# 0.4.8 is the first with proof of work for onion services, and the oldest still maintained.
NEEDED_VERSION = "0.4.8"

_VERSION = re.compile(r"^Tor version (?P<version>\d+(?:\.\d+){2,3})", re.MULTILINE)


async def checked_tor() -> Path:
    """Find tor and ask its version.

    Raises:
        TorMissingError: if there is none.
        TorTooOldError: if it is older than 0.4.8, or no tor at all.
    """
    return await check_version(find_tor())


async def check_version(program: Path) -> Path:
    """Give the path back if it is a tor that is new enough.

    Raises:
        TorTooOldError: if it is older than 0.4.8, or does not answer like a tor.
    """
    found = await version_of(program)
    if found is None or is_old(found):
        raise TorTooOldError(found or "unknown", NEEDED_VERSION)
    return program


async def version_of(program: Path) -> str | None:
    """Ask a tor for its version; `None` if it does not answer like one."""
    try:
        return parse_version(await run_owned([str(program), "--version"], bound_s=20))
    except TorDiedError:
        return None


def parse_version(printed: str) -> str | None:
    """Read the version out of what `tor --version` prints, such as `0.4.9.11`."""
    found = _VERSION.search(printed)
    return found["version"] if found else None


def is_old(version: str, needed: str = NEEDED_VERSION) -> bool:
    """Tell whether a version is before the one that is needed, number by number."""
    return _numbers(version) < _numbers(needed)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))
