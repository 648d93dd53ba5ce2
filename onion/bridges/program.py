"""Finds the program of a pluggable transport, and asks it whether it speaks its protocol.

Tor starts such a program and talks with it over its standard output. A program that is missing,
may not be executed, or is another one than its name says, leaves tor at 0 percent. So each is asked
first, as tor would ask it, and ended again. It opens a port on loopback for a moment, and connects
nowhere.

Source: pt-spec, "Pluggable Transport Configuration Environment Variables" and "Pluggable Transport
To Parent Process Communication"; the file lists of the Debian packages named below.
"""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from onion.errors import (
    ProgramMissingError,
    TransportFailedError,
    TransportMissingError,
    folder_error,
)
from onion.launch.process import spawn_owned
from onion.launch.program import find_program

from .plugin import Plugin

ANSWER_S = 20.0
"""How long a program may take to answer. One took 0.1 s; a busy machine needs longer."""


@dataclass(frozen=True, slots=True)
class Known:
    """Which programs serve a transport."""

    programs: tuple[str, ...]
    """Their names, the one to prefer first."""

    package: str
    """The Debian package with one of them."""


_OBFS = Known(("obfs4proxy", "lyrebird"), "obfs4proxy")
KNOWN: Mapping[str, Known] = {
    "obfs4": _OBFS,
    "meek_lite": _OBFS,
    "snowflake": Known(("snowflake-client", "lyrebird"), "snowflake-client"),
    "webtunnel": Known(("webtunnel-client", "lyrebird"), "webtunnel"),
}
"""Transport -> what serves it. Whether a program does is asked, not looked up here."""


async def find_plugin(transport: str) -> Plugin:
    """Find a program on this machine that serves a transport.

    Raises:
        TransportMissingError: if none is installed, or none is known for this transport.
        TransportFailedError: if the installed one does not answer as it should.
        FolderError, DiskFullError: if there is no folder for temporary files.
    """
    known = KNOWN.get(transport)
    if known is None:
        raise TransportMissingError(transport, (), "")
    failed: TransportFailedError | None = None
    for name in known.programs:
        try:
            path = _find(name)
        except ProgramMissingError:
            continue
        plugin = Plugin((transport,), (str(path),))
        try:
            await check_plugin(plugin)
        except TransportFailedError as error:
            failed = failed or error
            continue
        return plugin
    raise failed or TransportMissingError(transport, known.programs, known.package)


async def check_plugin(plugin: Plugin) -> None:
    """Start the program of a plugin as tor would, and end it when it has answered.

    Raises:
        TransportFailedError: if it cannot be started, or does not serve one of its transports.
        FolderError, DiskFullError: if there is no folder for temporary files.
    """
    path = Path(plugin.argv[0])
    names = ", ".join(plugin.transports)
    reason, hint = _obstacle(path)
    if reason:
        raise TransportFailedError(names, path, reason, hint=hint)
    missing, said = await _ask(plugin)
    if missing:
        raise TransportFailedError(", ".join(missing), path, said)


def _find(name: str) -> Path:
    """Find a program; one that may not be executed is found as well, to be named in an error."""
    try:
        return find_program(name)
    except ProgramMissingError as error:
        for folder in error.looked_in:
            path = Path(folder) / name
            if path.is_file():
                return path.absolute()
        raise


def _obstacle(path: Path) -> tuple[str, str]:
    """Return why tor could not start a program, and what to do; two empty texts if it can."""
    if any(c.isspace() for c in str(path)):
        return "tor cannot use a path with a space", "move the program to a path without spaces"
    if not path.is_absolute():
        return "the path does not begin with /", "write the whole path"
    if not path.exists():
        return "there is no such file", "check the path"
    if not path.is_file():
        return "it is not a file", "check the path"
    if not os.access(path, os.X_OK):
        return "it may not be executed", f"make it executable: chmod +x {path}"
    return "", ""


async def _ask(plugin: Plugin) -> tuple[list[str], str]:
    """Return the transports that the program does not serve, and what it said instead."""
    answered = asyncio.Event()
    lines: list[str] = []

    def note(line: str) -> None:
        lines.append(line)
        if line.strip() == "CMETHODS DONE":
            answered.set()

    try:
        with tempfile.TemporaryDirectory(prefix="sottovoce-") as folder:
            starting = await spawn_owned(
                plugin.argv, env=_environment(plugin.transports, folder), on_line=note
            )
            async with starting as process:
                process.add_exit_callback(answered.set)
                with suppress(TimeoutError):
                    async with asyncio.timeout(ANSWER_S):
                        await answered.wait()
                process.kill()
    except OSError as error:
        raise folder_error(Path(tempfile.gettempdir()), error) from None
    return judge_answer(plugin.transports, lines)


def judge_answer(transports: Sequence[str], lines: Sequence[str]) -> tuple[list[str], str]:
    """Compare the lines of a program with what was asked of it.

    Returns:
        The transports that it does not serve; and its own words about it, without control
        characters, or that it does not speak the protocol.
    """
    words = [line.split() for line in lines]
    served = {parts[1] for parts in words if parts[:1] == ["CMETHOD"] and len(parts) >= 4}
    missing = [name for name in transports if name not in served]
    if not missing:
        return [], ""
    errors = [line.strip() for line, parts in zip(lines, words, strict=True) if _is_error(parts)]
    if errors:
        said = "".join(c if c.isprintable() else " " for c in errors[-1])[:200]
        return missing, f"it answered: {said}"
    if ["CMETHODS", "DONE"] in words:
        return missing, "it does not serve this transport"
    return missing, "it is no program of a transport: it did not answer as one"


def _is_error(parts: Sequence[str]) -> bool:
    return bool(parts) and parts[0].endswith("-ERROR")


def _environment(transports: Sequence[str], folder: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith("TOR_PT_")}
    return {
        **ours,
        "TOR_PT_MANAGED_TRANSPORT_VER": "1",
        "TOR_PT_STATE_LOCATION": f"{folder}/state",
        "TOR_PT_CLIENT_TRANSPORTS": ",".join(transports),
    }
