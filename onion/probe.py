"""Asks tor about itself, and what it would make of our configuration; starts no service.

The configuration goes in through memory and not through a file: it may hold bridges.

Source: tor(1), `--list-modules`, `--verify-config`, `--dump-config`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .launch.process import run_owned
from .launch.torrc import Option, owned_options, render_torrc, service_options
from .launch.version import checked_tor, version_of

BOUND_S = 20.0
# Stands in tor's own messages wherever its sandbox was compiled in.
_SANDBOX_MARK = b"libseccomp"


@dataclass(frozen=True, slots=True)
class TorProgram:
    """A tor that is new enough."""

    path: Path
    version: str
    """Such as `0.4.9.11`."""

    modules: frozenset[str]
    """What it is built with of what may be left out, such as `pow`."""

    has_sandbox: bool
    """Whether its file speaks of the library that `Sandbox 1` needs. Tor itself does not tell."""


async def examine_tor() -> TorProgram:
    """Find the tor of this machine and ask what it is.

    Raises:
        TorMissingError: if there is none.
        TorTooOldError: if it is older than 0.4.8, or no tor at all.
        TorDiedError: if it does not say.
    """
    path = await checked_tor()
    modules = await run_owned([str(path), "--list-modules"], bound_s=BOUND_S)
    return TorProgram(
        path,
        await version_of(path) or "",
        parse_modules(modules),
        has_sandbox=_SANDBOX_MARK in path.read_bytes(),
    )


def parse_modules(printed: str) -> frozenset[str]:
    """Read what `tor --list-modules` prints: `pow: yes` and the like, one a line."""
    told = (line.partition(":") for line in printed.splitlines())
    return frozenset(name.strip() for name, _, said in told if said.strip() == "yes")


async def service_settings(
    program: Path, folder: Path, extra: Sequence[Option]
) -> dict[str, list[str]]:
    """Ask which settings a service's own tor would run with, defaults included.

    Args:
        program: a tor that was checked.
        folder: of that tor; neither made nor touched.
        extra: options beside our own, such as bridges.

    Returns:
        Option in lower case -> its values. One that has no value is not there.

    Raises:
        TorDiedError: if tor does not take them; the cause is in its text.
    """
    options = [*owned_options(folder, os.getpid()), *service_options(), *extra]
    argv = [str(program), "--defaults-torrc", os.devnull, "-f", "-"]
    printed: list[str] = []
    with _in_memory(render_torrc(options)) as torrc:
        await run_owned([*argv, "--verify-config"], stdin=torrc, bound_s=BOUND_S)
        os.lseek(torrc, 0, os.SEEK_SET)
        await run_owned(
            [*argv, "--dump-config", "full"], stdin=torrc, bound_s=BOUND_S, on_line=printed.append
        )
    return parse_settings(printed)


def parse_settings(printed: Sequence[str]) -> dict[str, list[str]]:
    """Read what `tor --dump-config full` prints: an option and its value, one a line."""
    settings: dict[str, list[str]] = {}
    for line in printed:
        name, _, value = line.partition(" ")
        settings.setdefault(name.lower(), []).append(value)
    return settings


@contextmanager
def _in_memory(text: str) -> Iterator[int]:
    """Hold a file that is on no disk, at its beginning."""
    handle = os.memfd_create("torrc", os.MFD_CLOEXEC)
    try:
        os.write(handle, text.encode())
        os.lseek(handle, 0, os.SEEK_SET)
        yield handle
    finally:
        os.close(handle)
