"""Checks the server's folder: who may read the key, and whether foreign files are in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from onion import KeyFileError, check_key_file
from server.supervisor.paths import Paths

from .findings import Finding, State

KEY, LEFT = "key", "left behind"

# What tor itself writes was taken from the folder of a service on a private network; the names that
# begin with `unverified` and `pt_state` are from tor's manual, "FILES".
EXPECTED = (
    "onion.key",
    "web/web.sock",
    "admin/admin.sock",
    "tor/control",
    "tor/torrc",
    "tor/data/cached-*",
    "tor/data/control_auth_cookie",
    "tor/data/keys/*",
    "tor/data/lock",
    "tor/data/pt_state/*",
    "tor/data/state",
    "tor/data/state.tmp",
    "tor/data/unverified-*",
)
MAX_NAMED = 5
"""At most this many files are named."""


def check_key(paths: Paths) -> Finding:
    """Find whether anybody but the owner may read the onion service's key. It is not read here."""
    if not paths.folder.is_dir():
        return Finding(KEY, State.HOLDS, f"no server was set up in {paths.folder} yet")
    # Root may check a server of another user. Any other user can only check their own.
    owner = os.geteuid() or paths.folder.stat().st_uid
    try:
        check_key_file(paths.key, owner)
    except FileNotFoundError:
        return Finding(KEY, State.HOLDS, f"no key exists in {paths.folder} yet")
    except KeyFileError as error:
        return Finding(KEY, State.FAILS, str(error), error.hint)
    return Finding(KEY, State.HOLDS, "only the owner may read the key, or enter its folder")


def check_left_behind(paths: Paths) -> Finding:
    """Find files in the folder other than the key, tor's own state and sockets."""
    if not paths.folder.is_dir():
        return Finding(LEFT, State.HOLDS, f"no server was set up in {paths.folder} yet")
    unexpected = sorted(name for name in _files(paths.folder) if not _is_expected(name))
    if not unexpected:
        sentence = f"{paths.folder} contains only the key, tor's state and sockets"
        return Finding(LEFT, State.HOLDS, sentence)
    more = len(unexpected) - MAX_NAMED
    named = ", ".join(map(repr, unexpected[:MAX_NAMED])) + (f" and {more} more" if more > 0 else "")
    return Finding(
        LEFT,
        State.FAILS,
        f"{paths.folder} contains files that the server does not keep: {named}",
        "check these files, and move or delete them: they do not belong there",
    )


def _files(folder: Path) -> Iterator[str]:
    """Yield everything that is not a folder, by its path below this folder."""
    for at, _, names in os.walk(folder):
        yield from (str((Path(at) / name).relative_to(folder)) for name in names)


def _is_expected(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in EXPECTED)
