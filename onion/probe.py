"""Inspects the installed tor: its version, its modules, and how it would read our configuration.

No service is started. The configuration is passed in memory and not as a file on disk: it may
contain bridges.

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

_TIMEOUT_S = 20.0
# Part of tor's own messages, in every build that has the sandbox.
_SANDBOX_MARK = b"libseccomp"


@dataclass(frozen=True, slots=True)
class TorProgram:
    """An installed tor that is new enough."""

    path: Path
    version: str
    """Such as `0.4.9.11`."""

    modules: frozenset[str]
    """The optional modules that it was built with, such as `pow`."""

    has_sandbox: bool
    """Whether its binary mentions the library that `Sandbox 1` needs; tor does not report this."""


async def examine_tor() -> TorProgram:
    """Find the tor of this machine and inspect it.

    Raises:
        TorMissingError: if there is none.
        TorTooOldError: if it is older than 0.4.8, or not a tor at all.
        ToolFailedError: if it does not list its modules.
    """
    path = await checked_tor()
    modules = await run_owned([str(path), "--list-modules"], timeout_s=_TIMEOUT_S)
    return TorProgram(
        path,
        await version_of(path) or "",
        parse_modules(modules),
        has_sandbox=_SANDBOX_MARK in path.read_bytes(),
    )


def parse_modules(printed: str) -> frozenset[str]:
    """Parse the output of `tor --list-modules`: lines such as `pow: yes`."""
    parts = (line.partition(":") for line in printed.splitlines())
    return frozenset(name.strip() for name, _, value in parts if value.strip() == "yes")


async def service_settings(
    program: Path, folder: Path, extra: Sequence[Option]
) -> dict[str, list[str]]:
    """Return the settings that the tor of a service would run with, defaults included.

    Args:
        program: a tor whose version was checked.
        folder: the folder of that tor; it is neither created nor changed.
        extra: options in addition to our own, such as bridges.

    Returns:
        Option name in lower case -> its values. An option that is not set is absent.

    Raises:
        ToolFailedError: if tor rejects the settings; the cause is in its text.
    """
    options = [*owned_options(folder, os.getpid()), *service_options(), *extra]
    argv = [str(program), "--defaults-torrc", os.devnull, "-f", "-"]
    printed: list[str] = []
    with _in_memory(render_torrc(options)) as torrc:
        await run_owned([*argv, "--verify-config"], stdin=torrc, timeout_s=_TIMEOUT_S)
        os.lseek(torrc, 0, os.SEEK_SET)
        await run_owned(
            [*argv, "--dump-config", "full"],
            stdin=torrc,
            timeout_s=_TIMEOUT_S,
            on_line=printed.append,
        )
    return parse_settings(printed)


def parse_settings(printed: Sequence[str]) -> dict[str, list[str]]:
    """Parse the output of `tor --dump-config full`: one option and its value on each line."""
    settings: dict[str, list[str]] = {}
    for line in printed:
        name, _, value = line.partition(" ")
        settings.setdefault(name.lower(), []).append(value)
    return settings


@contextmanager
def _in_memory(text: str) -> Iterator[int]:
    """Yield the descriptor of an in-memory file with `text`, positioned at its start."""
    handle = os.memfd_create("torrc", os.MFD_CLOEXEC)
    try:
        os.write(handle, text.encode())
        os.lseek(handle, 0, os.SEEK_SET)
        yield handle
    finally:
        os.close(handle)
