"""Every error that this package raises on purpose, in one tree.

    OnionError
    |-- ProgramMissingError        a required program is not installed
    |   `-- TorMissingError
    |-- BridgesUnusableError       the operator's bridges contradict another line, or are damaged
    |-- TransportMissingError      no program for the transport of a bridge is installed
    |-- TransportFailedError       the program of a transport cannot be used
    |-- TorTooOldError
    |-- ProgramEndedError          parent only, never raised itself
    |   |-- TorDiedError           a tor that we launched ended unexpectedly
    |   `-- ToolFailedError        a program that we ran once failed or took too long
    |-- ControlError               parent only, never raised itself
    |   |-- ControlRefusedError    tor is reachable but refused the cookie or a command
    |   `-- ControlClosedError     there is no open control connection
    |-- BootstrapStalledError
    |-- PublishFailedError
    |-- NotReachedError            a visit of our own to the service failed
    |-- NetworkLostError           tor has no connection to any relay
    |-- KeyFileError               the service key on disk must not be used
    |-- WrongPassphraseError       the sealed key does not open with this passphrase
    |-- UserTorrcError             the operator's own torrc lines cannot be used
    |-- FolderError                a folder cannot be created or written
    |   `-- DiskFullError
    |-- NoFreePortError
    `-- SocksError                 a stream could not be opened through tor's SOCKS port

`str(error)` is one sentence in lower case without a full stop; `hint` is what an operator can
do about it. Neither ever contains a key, the contents of a cookie, or text from a visitor.
"""

from __future__ import annotations

import errno
from collections.abc import Sequence
from pathlib import Path


class OnionError(Exception):
    """Base of every error that this package raises on purpose."""

    def __init__(self, sentence: str, *, hint: str = "") -> None:
        super().__init__(sentence)
        self.hint = hint
        """What an operator can try; empty when there is nothing to advise."""


class ProgramMissingError(OnionError):
    """A program was not found in any of the folders searched."""

    def __init__(self, program: str, looked_in: Sequence[str], *, package: str = "") -> None:
        folders = ", ".join(looked_in) or "no folder at all"
        super().__init__(
            f"{program} is not installed: looked in {folders}",
            hint=f"install the package {package or program}, for instance: "
            f"apt-get install {package or program}",
        )
        self.program = program
        self.looked_in = tuple(looked_in)
        """The folders."""


class TorMissingError(ProgramMissingError):
    """There is no tor on this machine."""

    def __init__(self, looked_in: Sequence[str]) -> None:
        super().__init__("tor", looked_in)


class TorTooOldError(OnionError):
    """The installed tor lacks a feature that our onion service needs."""

    def __init__(self, found: str, needed: str) -> None:
        super().__init__(
            f"this tor is version {found}, and {needed} or newer is needed",
            hint="install a newer tor, from your system or from https://deb.torproject.org",
        )
        self.found = found
        self.needed = needed


class BridgesUnusableError(OnionError):
    """What the operator wrote about bridges cannot be used, or would go around them."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"the bridges cannot be used: {reason}",
            hint="docs/operating.md, “Behind a bridge”, says what to paste, and where",
        )


class TransportMissingError(OnionError):
    """No program that serves the transport of a bridge is installed."""

    def __init__(self, transport: str, programs: Sequence[str], package: str) -> None:
        if package:
            sentence = f"is installed: looked for {' and '.join(programs)}"
            hint = (
                f"install the package {package}, for instance: apt-get install {package}; if your"
                " system has none, use a bridge with another transport"
            )
        else:
            sentence = "is known"
            hint = (
                "check the first word of the bridge line: obfs4, webtunnel, snowflake or meek_lite;"
                " for another one write a ClientTransportPlugin line into a file, and start with"
                " --torrc FILE"
            )
        super().__init__(f"no program for the transport {transport} {sentence}", hint=hint)
        self.transport = transport


class TransportFailedError(OnionError):
    """The program of a transport cannot be started, or does not answer as one."""

    def __init__(self, transports: str, path: Path, reason: str, *, hint: str = "") -> None:
        super().__init__(
            f"the program {path} cannot be used for the transport {transports}: {reason}",
            hint=hint or "install it again, or another one",
        )


class ProgramEndedError(OnionError):
    """A program that we started ended by itself; raise one of the subclasses."""

    def __init__(self, program: str, status: int | None, cause: str, *, hint: str = "") -> None:
        ending = "ended"
        if status is not None:
            ending = (
                f"ended with status {status}" if status >= 0 else f"was killed by signal {-status}"
            )
        super().__init__(f"{program} {ending}" + (f": {cause}" if cause else ""), hint=hint)
        self.status = status
        """The exit status as `subprocess` gives it: negative for a signal; None if unknown."""
        self.cause = cause
        """The log line that explains the end; empty when there is none."""


class TorDiedError(ProgramEndedError):
    """A tor that we launched ended before we stopped it."""

    def __init__(self, status: int | None, cause: str, *, hint: str = "") -> None:
        super().__init__("tor", status, cause, hint=hint)


class ToolFailedError(ProgramEndedError):
    """A program that we ran once, such as tor-gencert, failed or did not end in time."""


class ControlError(OnionError):
    """The control port of a tor cannot be used; raise one of the subclasses."""

    def __init__(self, sentence: str, reason: str) -> None:
        super().__init__(
            f"{sentence}: {reason}",
            hint="check whether another program uses this tor; it must not be shared",
        )
        self.reason = reason


class ControlRefusedError(ControlError):
    """Tor is reachable, but it refused our cookie or a command, or its reply is not valid."""

    def __init__(self, reason: str) -> None:
        super().__init__("tor's control socket refused", reason)


class ControlClosedError(ControlError):
    """There is no control connection: it was never opened, or it has ended."""

    def __init__(self, reason: str = "the connection is closed") -> None:
        super().__init__("no control connection to tor", reason)


class BootstrapStalledError(OnionError):
    """Tor made no progress towards the network for longer than was allowed.

    Args:
        percent: where it stands.
        tag: the name of that step.
        summary: the step in a few words, as tor reports it.
        words: tor's last words about the cause; empty if it said nothing.
        meaning: what they mean, in a plain sentence; empty if that is not known.
        hint: what the operator can do.
    """

    def __init__(
        self,
        percent: int,
        tag: str,
        summary: str,
        words: str = "",
        *,
        meaning: str = "",
        hint: str = "",
    ) -> None:
        what = meaning or summary or tag or "tor reported nothing"
        said = f"tor's last warning: {words}" if words else "tor gave no warning"
        super().__init__(
            f"the connection to the tor network is stuck at {percent}%: {what} ({said})",
            hint=hint or "check that the network works and the clock is right",
        )
        self.percent = percent
        self.tag = tag
        self.summary = summary
        self.words = words


class PublishFailedError(OnionError):
    """No HSDir confirmed the descriptor of the service in time, or tor has another key."""

    def __init__(self, reason: str, *, words: str = "", hint: str = "") -> None:
        said = f" (tor's last warning: {words})" if words else ""
        super().__init__(
            f"the onion service could not be published: {reason}{said}",
            hint=hint or "try again; if it never works, check that the clock is right",
        )
        self.reason = reason


class NotReachedError(OnionError):
    """A visit of our own did not come through to the service."""

    def __init__(self, reason: str) -> None:
        super().__init__(
            f"a visit of our own to the onion service failed: {reason}",
            hint="check the network and the clock; the program goes on trying",
        )
        self.reason = reason


class NetworkLostError(OnionError):
    """Tor has no connection to any relay, and has tried to open one."""

    def __init__(self) -> None:
        super().__init__(
            "tor has no connection to any relay of its network",
            hint="check the network of this machine; the program goes on trying",
        )


class KeyFileError(OnionError):
    """A service key on disk is damaged, or its owner, mode or type makes it unsafe to use."""

    def __init__(self, path: Path, reason: str, *, hint: str = "") -> None:
        super().__init__(f"the service key {path} {reason}", hint=hint)
        self.path = path
        self.reason = reason


class WrongPassphraseError(OnionError):
    """The sealed key does not open with this passphrase."""

    def __init__(self) -> None:
        super().__init__(
            "this passphrase does not open the key",
            hint="check the keyboard layout and caps lock; without the passphrase the address is"
            " lost",
        )


class UserTorrcError(OnionError):
    """A file with the operator's own torrc lines cannot be used."""

    def __init__(self, path: Path, reason: str, *, line: int | None = None) -> None:
        where = f"the file {path}" if line is None else f"line {line} of {path}"
        super().__init__(
            f"{where} {reason}",
            hint="this file is for bridges, proxies and transports; the program sets the rest",
        )
        self.path = path
        self.reason = reason
        self.line = line
        """Counted from 1; None if the error is about the whole file."""


class FolderError(OnionError):
    """A folder cannot be created or written."""

    def __init__(self, path: Path, reason: str, *, hint: str = "") -> None:
        super().__init__(
            f"cannot write in {path}: {reason}",
            hint=hint or "choose another folder, or change its owner or mode",
        )
        self.path = path
        self.reason = reason


class DiskFullError(FolderError):
    """There is no space left where a file must be written."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "no space left", hint="free some space, or choose another folder")


class NoFreePortError(OnionError):
    """There are fewer free loopback ports than a private network needs."""

    def __init__(self, needed: int, found: int, where: str) -> None:
        super().__init__(
            f"found {found} of {needed} free ports in {where} on 127.0.0.1",
            hint="end other programs that have ports open on this machine",
        )
        self.needed = needed
        self.found = found


class SocksError(OnionError):
    """A stream could not be opened through tor's SOCKS port."""

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
    """Convert an `OSError` about `path` into a `FolderError` or `DiskFullError`."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return DiskFullError(path)
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return FolderError(path, "it is not a folder", hint="choose another folder")
    return FolderError(path, (error.strerror or type(error).__name__).lower())
