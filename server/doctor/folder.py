"""Checks the server's folder: who may read the key, and whether foreign files are in it."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from pathlib import Path

from onion import KeyFileError, check_key_file, left_in_memory
from server.core.errors import OperatorError
from server.supervisor.paths import Paths

from .findings import Finding, State

KEY, LEFT = "key", "left behind"

# What tor itself writes was taken from the folder of a service on a private network; the names that
# begin with `unverified` and `pt_state` are from tor's manual, "FILES".
EXPECTED = (
    "onion.key",
    "onion.key.sealed",
    "sottovoce.toml",
    "web/web.sock",
    "admin/admin.sock",
    "admin/supervisor.sock",
    "tor/control",
    "tor/socks",
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
EXPECTED_IN_A_RUN = (
    "tor/service-*/hostname",
    "tor/service-*/hs_ed25519_public_key",
    "tor/service-*/hs_ed25519_secret_key",
)
"""The folder that tor publishes from; a server that ends removes it, also when it is killed."""

MAX_NAMED = 5
"""At most this many files are named."""


def check_key(paths: Paths, *, may_swap: bool) -> Finding:
    """Find whether anybody but the owner may read the onion service's key. It is not read here.

    Args:
        paths: of the server.
        may_swap: whether the memory of the server can be written to a disk.
    """
    if not paths.folder.is_dir():
        return Finding(KEY, State.HOLDS, f"no server was set up in {paths.folder} yet")
    # Root may check a server of another user. Any other user can only check their own.
    owner = os.geteuid() or paths.folder.stat().st_uid
    is_sealed = os.path.lexists(paths.sealed_key)
    try:
        paths.check_key()
        check_key_file(paths.sealed_key if is_sealed else paths.key, owner)
    except FileNotFoundError:
        return Finding(KEY, State.HOLDS, f"no key exists in {paths.folder} yet")
    except (KeyFileError, OperatorError) as error:
        return Finding(KEY, State.FAILS, str(error), error.hint)
    if not is_sealed:
        sentence = "only the owner may read the key, or enter its folder; it is not sealed"
        return Finding(KEY, State.HOLDS, sentence)
    if may_swap:
        return Finding(
            KEY,
            State.NOTED,
            "the key is sealed, but swap is on: while the server runs, the key in memory may be"
            " written to the disk",
            "see the check swap",
        )
    sentence = "the key is sealed: each start needs its passphrase, also after a reboot"
    return Finding(KEY, State.HOLDS, sentence)


def check_left_behind(paths: Paths, *, runs: bool) -> Finding:
    """Find files in the folder other than the key, the configuration, tor's own state and sockets.

    Args:
        paths: of the server.
        runs: whether the server runs; only then does tor have a copy of the key.
    """
    if not paths.folder.is_dir():
        return Finding(LEFT, State.HOLDS, f"no server was set up in {paths.folder} yet")
    copies = [] if runs else left_in_memory(paths.folder)
    if copies:
        return Finding(
            LEFT,
            State.FAILS,
            f"a copy of the key in the clear was left in memory: {copies[0]}",
            f"rm -r {' '.join(map(str, copies))}",
        )
    expected = (*EXPECTED, *EXPECTED_IN_A_RUN) if runs else EXPECTED
    unexpected = sorted(name for name in _files(paths.folder) if not _is_in(expected, name))
    if not unexpected:
        sentence = (
            f"{paths.folder} contains only the key, the configuration, tor's state and sockets"
        )
        return Finding(LEFT, State.HOLDS, sentence)
    more = len(unexpected) - MAX_NAMED
    named = ", ".join(map(repr, unexpected[:MAX_NAMED])) + (f" and {more} more" if more > 0 else "")
    hint = "check these files, and move or delete them: they do not belong there"
    if all(_is_in(EXPECTED_IN_A_RUN, name) for name in unexpected):
        hint = (
            "the machine was cut off before a copy of the key was removed: delete the folder"
            " tor/service-…, or start the server, which removes it; onion.key is kept"
        )
    sentence = f"{paths.folder} contains files that the server does not keep: {named}"
    return Finding(LEFT, State.FAILS, sentence, hint)


def _files(folder: Path) -> Iterator[str]:
    """Yield everything that is not a folder, by its path below this folder."""
    for at, _, names in os.walk(folder):
        yield from (str((Path(at) / name).relative_to(folder)) for name in names)


def _is_in(patterns: Sequence[str], name: str) -> bool:
    return any(fnmatchcase(name, pattern) for pattern in patterns)
