"""Every error this package raises on purpose, in one tree.

    OnionError
    |-- ProgramMissingError        a program that the machine should have is not there
    |   `-- TorMissingError
    |-- TorTooOldError
    |-- TorDiedError               a tor of ours ended when it should not have
    |-- ControlRefusedError        tor is there and would not be controlled
    |-- BootstrapStalledError
    |-- PublishFailedError
    |-- KeyFileError               the service key is not fit to be used
    |-- OwnLineError               the operator's own torrc lines cannot be used
    |-- FolderError                a folder cannot be made or written
    |   `-- DiskFullError
    |-- NoFreePortError
    `-- SocksError                 tor's SOCKS side refused a stream

`str(error)` is one sentence in lower case without a full stop; `hint` is what an operator can
do about it. Neither ever holds a key, the contents of a cookie, or a visitor's words.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path


class OnionError(Exception):
    """Base of every error this package raises on purpose."""

    def __init__(self, sentence: str, *, hint: str = "") -> None:
        super().__init__(sentence)
        self.hint = hint
        """What an operator can try; empty when there is nothing to advise."""


class ProgramMissingError(OnionError):
    """A program was found in none of the folders where such programs are."""

    def __init__(self, program: str, looked_in: Sequence[str], *, package: str = "") -> None:
        folders = ", ".join(looked_in) or "no folder at all"
        super().__init__(
            f"{program} is not installed: looked in {folders}",
            hint=f"install the package {package or program}, for instance: "
            f"apt-get install {package or program}",
        )
        self.program = program


class TorMissingError(ProgramMissingError):
    """There is no tor on this machine."""

    def __init__(self, looked_in: Sequence[str]) -> None:
        super().__init__("tor", looked_in)


class TorTooOldError(OnionError):
    """The tor that was found lacks what an onion service of ours needs."""

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(
            f"this tor is version {found}, and {needed} or newer is needed",
            hint="install a newer tor, from your system or from https://deb.torproject.org",
        )
        self.found = found
        self.needed = needed


class TorDiedError(OnionError):
    """A tor of ours, or one of its tools, ended by itself."""

    def __init__(
        self, status: int | None, cause: str, *, hint: str = "", program: str = "tor"
    ) -> None:
        ending = "ended"
        if status is not None:
            ending = (
                f"ended with status {status}" if status >= 0 else f"was ended by signal {-status}"
            )
        super().__init__(f"{program} {ending}" + (f": {cause}" if cause else ""), hint=hint)
        self.status = status
        """As of a child process: negative is the signal that ended it; None is unknown."""
        self.cause = cause
        """The last telling line of its log; empty when it said nothing."""


class ControlRefusedError(OnionError):
    """A tor runs, but its control socket did not do what was asked."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"tor's control socket refused: {reason}",
            hint="is another program using this tor? it must be ours alone",
        )
        self.reason = reason


class BootstrapStalledError(OnionError):
    """Tor made no progress towards the network for longer than was allowed."""

    def __init__(self, percent: int, tag: str, summary: str, warning: str = "") -> None:
        what = summary or tag or "nothing heard"
        super().__init__(
            f"the connection to the tor network is stuck at {percent}%: {what}"
            + (f" ({warning})" if warning else "")
        )
        self.hint = (
            "is the network there, and the clock right? where tor is blocked, bridges help: "
            "https://bridges.torproject.org"
        )
        self.percent = percent
        self.tag = tag
        self.summary = summary
        self.warning = warning


class PublishFailedError(OnionError):
    """No directory confirmed the descriptor of the service in time."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the onion service could not be published: {reason}",
            hint="tor goes on trying by itself; if it never works, check that the clock is right",
        )
        self.reason = reason


class KeyFileError(OnionError):
    """A service key on disk is not fit to be used."""

    def __init__(self, path: Path, reason: str, *, hint: str = "") -> None:
        super().__init__(f"the service key {path} {reason}", hint=hint)
        self.path = path
        self.reason = reason


class UserTorrcError(OnionError):
    """A file with the operator's own torrc lines cannot be used."""

    def __init__(self, path: Path, reason: str, *, line: int | None = None) -> None:
        where = f"the file {path}" if line is None else f"line {line} of {path}"
        super().__init__(
            f"{where} {reason}",
            hint="bridges, proxies and transports may stand there; the rest is set by the program",
        )
        self.path = path
        self.reason = reason
        self.line = line
        """Counted from 1; None if it is about the whole file."""


class FolderError(OnionError):
    """A folder cannot be made, or not written."""

    def __init__(self, path: Path, reason: str, *, hint: str = "") -> None:
        super().__init__(
            f"cannot write in {path}: {reason}",
            hint=hint or "choose another folder, or change its owner or mode",
        )
        self.path = path
        self.reason = reason


class DiskFullError(FolderError):
    """There is no room left where something must be written."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "no space left", hint="free some space, or choose another folder")


class NoFreePortError(OnionError):
    """Not as many free loopback ports as a private network needs."""

    def __init__(self, needed: int, found: int, where: str) -> None:
        super().__init__(
            f"found {found} of {needed} free ports in {where} on 127.0.0.1",
            hint="end other programs that have ports open on this machine",
        )
        self.needed = needed
        self.found = found


class SocksError(OnionError):
    """Tor's SOCKS side did not open the stream that was asked for."""

    def __init__(self, reason: str, *, code: int | None = None) -> None:
        named = f"{reason} (socks reply 0x{code:02x})" if code is not None else reason
        super().__init__(
            f"tor did not open the stream: {named}",
            hint="a new onion service can take a moment to be found: try again",
        )
        self.reason = reason
        self.code = code
        """The reply field, RFC 1928 section 6 and tor's socks-extensions; None without one."""


def folder_error(path: Path, error: OSError) -> FolderError:
    """Turn the system's refusal about `path` into one of ours."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(path)
    return FolderError(path, (error.strerror or type(error).__name__).lower())
