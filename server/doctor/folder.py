"""The folder of the house: who may read its key, and whether anything is left in it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from fnmatch import fnmatchcase
from pathlib import Path

from onion import KeyFileError, check_key_file
from server.supervisor.paths import Paths

from .findings import Finding, State

KEY, LEFT = "key", "left behind"

# What tor itself writes was read off the folder of a service that ran on a private network; the
# names that begin with `unverified` and `pt_state` are those of tor's manual, "FILES".
MAY_BE_THERE = (
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
"""So many of what is left behind are named."""


def check_key(paths: Paths) -> Finding:
    """Find whether anybody but its owner may read the onion's key; it is not read here."""
    if not paths.folder.is_dir():
        return Finding(KEY, State.HOLDS, f"no house was set up in {paths.folder} yet")
    # Root looks after somebody else's house; anybody else can only have one of their own.
    owner = os.geteuid() or paths.folder.stat().st_uid
    try:
        check_key_file(paths.key, owner)
    except FileNotFoundError:
        return Finding(KEY, State.HOLDS, f"no key was made in {paths.folder} yet")
    except KeyFileError as error:
        return Finding(KEY, State.FAILS, str(error), error.hint)
    return Finding(KEY, State.HOLDS, "only its owner may read the key, or enter its folder")


def check_left_behind(paths: Paths) -> Finding:
    """Find what is in the folder beside the key, tor's own state and sockets."""
    if not paths.folder.is_dir():
        return Finding(LEFT, State.HOLDS, f"no house was set up in {paths.folder} yet")
    unknown = sorted(name for name in _files(paths.folder) if not _may_be_there(name))
    if not unknown:
        sentence = f"{paths.folder} holds nothing but the key, tor's state and sockets"
        return Finding(LEFT, State.HOLDS, sentence)
    more = len(unknown) - MAX_NAMED
    named = ", ".join(map(repr, unknown[:MAX_NAMED])) + (f" and {more} more" if more > 0 else "")
    return Finding(
        LEFT,
        State.FAILS,
        f"{paths.folder} holds what the house does not keep: {named}",
        "look at it, and move it out or remove it: nothing else belongs there",
    )


def _files(folder: Path) -> Iterator[str]:
    """Whatever is no folder, by its path below this one."""
    for at, _, names in os.walk(folder):
        yield from (str((Path(at) / name).relative_to(folder)) for name in names)


def _may_be_there(name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in MAY_BE_THERE)
