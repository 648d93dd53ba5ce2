"""Checks that the installed tor is new enough."""

from __future__ import annotations

import re
from pathlib import Path

from onion.errors import ToolFailedError, TorTooOldError

from .process import run_owned
from .program import find_tor

# 0.4.8 is the first version with proof of work for onion services, and the oldest maintained one.
NEEDED_VERSION = "0.4.8"

_VERSION = re.compile(r"^Tor version (?P<version>\d+(?:\.\d+){2,3})", re.MULTILINE)


async def checked_tor() -> Path:
    """Find tor and check its version.

    Raises:
        TorMissingError: if it is not installed.
        TorTooOldError: if it is older than 0.4.8, or not a tor at all.
    """
    return await check_version(find_tor())


async def check_version(program: Path) -> Path:
    """Return `program` if it is a tor that is new enough.

    Raises:
        TorTooOldError: if it is older than 0.4.8, or does not report a version as tor does.
    """
    found = await version_of(program)
    if found is None or is_old(found):
        raise TorTooOldError(found or "unknown", NEEDED_VERSION)
    return program


async def version_of(program: Path) -> str | None:
    """Return the version that a tor reports; None if it does not report one as tor does."""
    try:
        return parse_version(await run_owned([str(program), "--version"], timeout_s=20))
    except ToolFailedError:
        return None


def parse_version(printed: str) -> str | None:
    """Parse the version, such as `0.4.9.11`, from the output of `tor --version`."""
    found = _VERSION.search(printed)
    return found["version"] if found else None


def is_old(version: str, needed: str = NEEDED_VERSION) -> bool:
    """Return whether a version is lower than `needed`, compared number by number."""
    return _numbers(version) < _numbers(needed)


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))
