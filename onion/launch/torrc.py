"""Renders torrc: options as pairs in, text out; and the options of our own service tor.

An option may stand several times (DirAuthority), so options are a list of pairs and not a
dict.

Source: tor(1), "The configuration file format"; parse_config_line_from_str_verbose in tor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

Option = tuple[str, str]

_NAME = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9]*")
# What tor reads as it stands. A `#` would start a comment, a backslash continue the line.
_PLAIN = re.compile(r"[A-Za-z0-9_./:=,*~$@+-]+( [A-Za-z0-9_./:=,*~$@+-]+)*")


def render_torrc(options: Iterable[Option]) -> str:
    """Render options one a line, quoting each value that tor would misread.

    Raises:
        ValueError: if a name is none, or a value holds a control character (a line break
            would make one option into two).
    """
    return "".join(f"{_name(name)} {_value(value)}\n" for name, value in options)


def service_options() -> list[Option]:
    """List what our own service tor runs with, on whatever network.

    It serves nobody but us: no SOCKS, no relay, no control but a unix socket. What protects
    the service from being found (three-hop circuits, vanguards-lite) is on by default and
    stays so.
    """
    return [
        ("SocksPort", "0"),
        ("ORPort", "0"),
        ("ClientOnly", "1"),
        ("SafeLogging", "1"),
        ("AvoidDiskWrites", "1"),
    ]


def owned_options(folder: PurePath, owner_pid: int) -> list[Option]:
    """List what every tor of ours has: its folder, its control socket, its log, its owner.

    Args:
        folder: ours alone, mode 0700: tor wants that of a control socket's folder.
        owner_pid: tor ends when this process does.
    """
    return [
        ("DataDirectory", str(data_folder(folder))),
        ("ControlSocket", f'unix:"{_escaped(str(control_socket(folder)))}"'),
        ("CookieAuthentication", "1"),
        # Read through a pipe and kept in memory; nothing is written to a log file.
        ("Log", "notice stdout"),
        ("__OwningControllerProcess", str(owner_pid)),
    ]


def data_folder(folder: PurePath) -> PurePath:
    """Where a tor of ours keeps its state, inside its folder."""
    return folder / "data"


def control_socket(folder: PurePath) -> PurePath:
    """Where a tor of ours listens for control, inside its folder."""
    return folder / "control"


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not the name of a tor option: {name!r}")
    return name


def _value(value: str) -> str:
    if not value.isprintable():
        raise ValueError("a tor option must not hold control characters")
    return value if _PLAIN.fullmatch(value) else f'"{_escaped(value)}"'


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
