"""Renders a torrc from a list of options, and lists the options of our own tors.

An option may occur several times (DirAuthority), so options are a list of pairs and not a
dict.

Source: tor(1), "The configuration file format"; parse_config_line_from_str_verbose in tor.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import PurePath

Option = tuple[str, str]

_NAME = re.compile(r"_{0,2}[A-Za-z][A-Za-z0-9]*")
# A value that needs no quotes. A `#` would start a comment, a backslash would continue the line.
_PLAIN = re.compile(r"[A-Za-z0-9_./:=,*~$@+-]+( [A-Za-z0-9_./:=,*~$@+-]+)*")


def render_torrc(options: Iterable[Option]) -> str:
    """Render one option on each line; quote every value that tor would otherwise misread.

    Raises:
        ValueError: if a name is not a valid option name, or a value contains a control character
            (a line break would split one option into two).
    """
    return "".join(f"{_name(name)} {_value(value)}\n" for name, value in options)


def service_options(folder: PurePath | None = None) -> list[Option]:
    """Return the options of the tor that runs our service, on any network.

    It serves only us: no relay, no control port and no SOCKS port except unix sockets, of which tor
    makes both for its own user alone. The defences against locating the service (three-hop
    circuits, vanguards-lite) are tor's defaults and are not changed.

    Args:
        folder: of that tor. With it there is a SOCKS port, through which we visit the service
            ourselves; it opens onion addresses and nothing else, so no exit can be asked for.
    """
    socks = "0"
    if folder is not None:
        socks = f"{unix_address(socks_socket(folder))} OnionTrafficOnly"
    return [
        ("SocksPort", socks),
        ("ORPort", "0"),
        ("ClientOnly", "1"),
        ("SafeLogging", "1"),
        ("AvoidDiskWrites", "1"),
    ]


def owned_options(folder: PurePath, owner_pid: int) -> list[Option]:
    """Return the options of every tor that we launch: folder, control socket, log, owner.

    Args:
        folder: for this tor alone, mode 0700, which tor requires of a control socket's folder.
        owner_pid: tor exits when this process ends.
    """
    return [
        ("DataDirectory", str(data_folder(folder))),
        ("ControlSocket", unix_address(control_socket(folder))),
        ("CookieAuthentication", "1"),
        # We read the log through a pipe and keep it in memory; no log file is written.
        ("Log", "notice stdout"),
        ("__OwningControllerProcess", str(owner_pid)),
    ]


def render_setconf(options: Iterable[Option]) -> str:
    """Render a control command that sets these options; see `render_torrc` for the errors.

    Source:
        control-spec, SETCONF and QuotedString: tor reads escapes as C does, so bytes that are not
        ASCII are written in octal.
    """
    words = (f'{_name(name)}="{_octal(_printable(value))}"' for name, value in options)
    return " ".join(("SETCONF", *words))


def bridges_of(options: Iterable[Option]) -> list[str]:
    """Return the values of `Bridge`; a tor with these options connects through them, and only so.

    Raises:
        ValueError: if there is a bridge, and tor would go around it.
    """
    named = [(name.lower(), value) for name, value in options]
    bridges = [value for name, value in named if name == "bridge"]
    if bridges and {value for name, value in named if name == "usebridges"} != {"1"}:
        raise ValueError("a bridge without UseBridges 1: tor would go around it")
    return bridges


def unix_address(socket: PurePath) -> str:
    """Return a unix socket as a part of an option's value.

    In quotes of its own: without them tor would take a `#` or a space for the end.
    """
    return f'unix:"{_escaped(str(socket))}"'


def data_folder(folder: PurePath) -> PurePath:
    """Return the folder in which a tor that we launch keeps its state."""
    return folder / "data"


def socks_socket(folder: PurePath) -> PurePath:
    """Return the path of the SOCKS socket of the tor that runs our service."""
    return folder / "socks"


def control_socket(folder: PurePath) -> PurePath:
    """Return the path of the control socket of a tor that we launch."""
    return folder / "control"


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueError(f"not a valid name of a tor option: {name!r}")
    return name


def _value(value: str) -> str:
    return value if _PLAIN.fullmatch(_printable(value)) else f'"{_escaped(value)}"'


def _printable(value: str) -> str:
    if not value.isprintable():
        raise ValueError("a tor option must not hold control characters")
    return value


def _octal(value: str) -> str:
    return "".join(
        chr(byte) if byte < 0x80 else f"\\{byte:03o}" for byte in _escaped(value).encode()
    )


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"')
