"""Reads an operator's own torrc lines, such as bridges, and refuses options that are unsafe.

What the lines say about bridges is checked line by line here, and together in `onion.bridges.plan`.

The lines are parsed as tor parses them, with two restrictions: an option must be on one line, and
its name must be written in full. Tor accepts `ControlPor` for `ControlPort`; here every
abbreviation of a refused name is refused as well.

Source: tor(1), "The configuration file format"; parse_config_line_from_str_verbose and
config_find_option in tor.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from onion.bridges.line import TRANSPORTS, parse_bridge
from onion.bridges.plugin import parse_plugin
from onion.errors import UserTorrcError

from .torrc import Option, owned_options, service_options

MAX_BYTES = 256 * 1024
"""The limit of a file. A bridge line has fewer than 500 bytes, so no real list is longer."""

# Each of these could reveal the location of the service, open another way to reach it, publish or
# log more than we want, or take tor out of our control.
_REFUSED = frozenset(
    {
        "cachedirectory",
        "dirport",
        "disablenetwork",
        "dnsport",
        "exitrelay",
        "httptunnelport",
        "keydirectory",
        "metricsport",
        "natdport",
        "pidfile",
        "protocolwarnings",
        "publishhidservdescriptors",
        "runasdaemon",
        "servertransportplugin",
        "transport",
        "useentryguards",
        "user",
        "vanguardsliteenabled",
    }
)
_REFUSED_PREFIXES = (
    "control",
    "cookieauth",
    "datadirectory",
    "extorport",
    "hashed",
    "hiddenservice",
)

# Tor takes the beginning of a name for the whole. These decide whether anything goes out beside a
# bridge (see `onion.bridges`), so none of them may be there unseen.
_IN_FULL = (
    *("Bridge", "UseBridges", "ClientTransportPlugin", "UpdateBridgesFromAuthority", "NoExec"),
    *("Sandbox", "EntryNodes", "HTTPSProxy", "Socks4Proxy", "Socks5Proxy", "TCPProxy"),
)
_MISSPELT = {"bridges": "Bridge", "clienttransportplugins": "ClientTransportPlugin"}
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_LINE = re.compile(r"(?P<name>[^ \t#]+)[ \t]*(?P<value>.*)", re.DOTALL)
_QUOTED = re.compile(r'"(?P<value>(?:[^"\\]|\\["\\])*)"[ \t]*(?:#.*)?', re.DOTALL)


def read_user_torrc(path: Path) -> list[Option]:
    """Read the options of a file, in order.

    Raises:
        UserTorrcError: if the file cannot be read, or a line is invalid or sets a refused option.
    """
    options: list[Option] = []
    for number, line in enumerate(_text_of(path).split("\n"), start=1):
        line = line.strip(" \t\r")
        if not line or line.startswith("#"):
            continue
        try:
            options.append(_parse_line(line))
        except ValueError as reason:
            raise UserTorrcError(path, str(reason), line=number) from None
    return options


def _text_of(path: Path) -> str:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise UserTorrcError(path, f"cannot be read: {reason}") from None
    if len(content) > MAX_BYTES:
        raise UserTorrcError(path, f"is longer than {MAX_BYTES // 1024} KiB")
    try:
        # Some editors add a byte order mark.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserTorrcError(path, "is not text in utf-8") from None


def _parse_line(line: str) -> Option:
    """Parse one line that is not a comment; the text of a ValueError completes the error."""
    found = _LINE.fullmatch(line)
    name = found["name"] if found else ""
    if found is None or not _NAME.fullmatch(name):
        raise ValueError("does not begin with the name of a tor option")
    if _is_refused(name.lower()):
        raise ValueError(f"sets {name}, which is not allowed")
    if name.lower() in TRANSPORTS:
        raise ValueError("begins with a transport: write the word Bridge in front of it")
    meant = _MISSPELT.get(name.lower()) or _abbreviated(name.lower())
    if meant:
        raise ValueError(f"sets {name}: write {meant}")
    value = _parse_value(found["value"])
    if not value:
        raise ValueError("has a name and no value")
    if not value.isprintable():
        raise ValueError("contains a tab or another control character")
    check = _CHECKS.get(name.lower())
    if check is not None:
        check(value)
    return name, value


def _check_use(value: str) -> None:
    if value not in ("0", "1"):
        raise ValueError("sets UseBridges to something else than 1: nothing else may follow it")


_CHECKS: Mapping[str, Callable[[str], object]] = {
    "bridge": parse_bridge,
    "usebridges": _check_use,
    "clienttransportplugin": parse_plugin,
}
"""Option -> what checks its value; each raises a ValueError that completes the error."""


def _parse_value(text: str) -> str:
    if text.startswith('"'):
        quoted = _QUOTED.fullmatch(text)
        if quoted is None:
            raise ValueError("has quotes that tor cannot parse")
        return re.sub(r"\\(.)", r"\1", quoted["value"])
    # Outside quotes a `#` starts a comment anywhere; a backslash at the end continues the line.
    value, comment, _ = text.partition("#")
    if value.endswith("\\") and not comment:
        raise ValueError("continues on the next line; write it on one line")
    return value.rstrip(" \t")


def _abbreviated(name: str) -> str:
    """Return the option that a name begins; empty if it is a whole name, or begins none."""
    whole = {option.lower() for option in _IN_FULL}
    found = (option for option in _IN_FULL if option.lower().startswith(name))
    return "" if name in whole else next(found, "")


def _is_refused(name: str) -> bool:
    ours = {option.lower() for option, _ in [*service_options(), *owned_options(Path("/"), 0)]}
    return name.startswith(_REFUSED_PREFIXES) or any(
        refused.startswith(name) for refused in (*ours, *_REFUSED, *_REFUSED_PREFIXES)
    )
