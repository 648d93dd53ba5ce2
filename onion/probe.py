"""Inspects the installed tor: its version, its modules, and how it would read our configuration.

No service is started. The configuration is passed in memory and not as a file on disk: it may
contain bridges.

Source: tor(1), `--list-modules`, `--list-torrc-options`, `--verify-config`, `--dump-config`.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .defences import Defence, missing_defences
from .launch.process import run_owned
from .launch.torrc import Option, owned_options, render_torrc, service_options
from .launch.version import checked_tor, version_of
from .service_folder import PREFIX
from .spec import ServiceSpec

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

    missing: frozenset[Defence]
    """Tor's own defences that it lacks; none with a tor from Debian."""

    has_sandbox: bool
    """Whether its binary mentions the library that `Sandbox 1` needs; tor does not report this."""


async def examine_tor() -> TorProgram:
    """Find the tor of this machine and inspect it.

    Raises:
        TorMissingError: if there is none.
        TorTooOldError: if it is older than 0.4.8, or not a tor at all.
        ToolFailedError: if it does not list its modules or options.
    """
    path = await checked_tor()
    return TorProgram(
        path,
        await version_of(path) or "",
        await modules_of(path),
        await defences_missing_in(path),
        has_sandbox=_SANDBOX_MARK in path.read_bytes(),
    )


async def defences_missing_in(program: Path) -> frozenset[Defence]:
    """Ask a tor which of its own defences it lacks.

    Raises:
        ToolFailedError: if it does not list its modules or options.
    """
    options: list[str] = []
    argv = [str(program), "--list-torrc-options"]
    await run_owned(argv, timeout_s=_TIMEOUT_S, on_line=options.append)
    modules = await modules_of(program)
    return missing_defences({name.strip().lower() for name in options}, modules)


async def modules_of(program: Path) -> frozenset[str]:
    """Ask a tor with which optional modules it was built.

    Raises:
        ToolFailedError: if it does not list them.
    """
    return parse_modules(await run_owned([str(program), "--list-modules"], timeout_s=_TIMEOUT_S))


def parse_modules(printed: str) -> frozenset[str]:
    """Parse the output of `tor --list-modules`: lines such as `pow: yes`."""
    parts = (line.partition(":") for line in printed.splitlines())
    return frozenset(name.strip() for name, _, value in parts if value.strip() == "yes")


async def service_settings(
    program: TorProgram, spec: ServiceSpec, folder: Path, extra: Sequence[Option]
) -> dict[str, list[str]]:
    """Return the settings that the tor of a service would run with, defaults included.

    Args:
        program: the tor.
        spec: the service.
        folder: the folder of that tor; it is neither created nor changed.
        extra: options in addition to our own, such as bridges.

    Returns:
        Option name in lower case -> its values. An option that is not set is absent.

    Raises:
        ToolFailedError: if tor rejects the settings; the cause is in its text.
    """
    # The name of a real folder has random letters in place of the last word.
    service = spec.options(folder / f"{PREFIX}checked", program.missing)
    options = [*owned_options(folder, os.getpid()), *service_options(folder), *service, *extra]
    argv = [str(program.path), "--defaults-torrc", os.devnull, "-f", "-"]
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
