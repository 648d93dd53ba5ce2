"""What `sottovoce restart` and `sottovoce burn` ask of a running supervisor, and wait for."""

from __future__ import annotations

import time
from pathlib import Path

from server.core.errors import OperatorError

from .operator_socket import ask
from .paths import Paths

END_S = 15.0
"""Limit for a server to end."""

REPLACED_S = 60.0
"""Limit for a new web process to answer."""

POLL_S = 0.1


def check_runs(folder: Path) -> Path:
    """Return the socket of the supervisor of this folder.

    Raises:
        OperatorError: if there is none.
    """
    path = Paths(folder).operator_socket
    if not path.is_socket():
        raise OperatorError(f"no server runs in {folder}", "start it, or name another --folder")
    return path


def restart(folder: Path) -> None:
    """Have the web process replaced, and return when the new one answers.

    Raises:
        OperatorError: if nobody answers, the server refuses, or it takes too long.
    """
    path = check_runs(folder)
    before = ask(path, "status")["web_restarts"]
    ask(path, "restart")
    until_s = time.monotonic() + REPLACED_S
    while time.monotonic() < until_s:
        answer = ask(path, "status")
        if answer["web_restarts"] != before and answer["web_answers"]:
            return
        time.sleep(POLL_S)
    raise OperatorError(
        f"the new web process did not answer within {REPLACED_S:.0f} s", "read what `up` prints"
    )


def drain(folder: Path, for_s: float) -> None:
    """Have the web process replaced when nobody talks any more, after this time at the latest.

    Raises:
        OperatorError: if nobody answers, or the server refuses.
    """
    ask(check_runs(folder), "drain", for_s=for_s)


def close(folder: Path, for_s: float, words: str) -> bool:
    """Let nobody new in for this time; return whether a web process has been told.

    Raises:
        OperatorError: if nobody answers, or the server refuses.
    """
    return bool(ask(check_runs(folder), "close", for_s=for_s, words=words)["web_told"])


def open_again(folder: Path) -> bool:
    """Let everybody in, and cancel a drain; return whether the server was open already.

    Raises:
        OperatorError: if nobody answers.
    """
    return bool(ask(check_runs(folder), "open")["was_open"])


def burn(folder: Path) -> None:
    """End the server, and return when its web process and its tor have ended.

    Raises:
        OperatorError: if nobody answers, or it takes too long.
    """
    path = check_runs(folder)
    inode = _inode(path)
    ask(path, "burn")
    # The socket's file is removed last. systemd may have started a new server at once.
    until_s = time.monotonic() + END_S
    while time.monotonic() < until_s:
        if _inode(path) != inode:
            return
        time.sleep(POLL_S)
    raise OperatorError(
        f"the server did not end within {END_S:.0f} s", "look for its processes, and kill them"
    )


def _inode(path: Path) -> int | None:
    try:
        return path.stat().st_ino
    except FileNotFoundError:
        return None
