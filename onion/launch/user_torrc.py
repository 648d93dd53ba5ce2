"""Reads an operator's own torrc lines, such as bridges, and refuses what would break a promise.

Read as tor reads them, but for what nobody needs here: an option goes over one line, and its name
is written out. Tor takes `ControlPor` for `ControlPort`; here, whatever begins a refused name is
refused with it.

Source: tor(1), "The configuration file format"; parse_config_line_from_str_verbose and
config_find_option in tor.
"""

from __future__ import annotations

import re
from pathlib import Path

from onion.errors import UserTorrcError

from .torrc import Option, owned_options, service_options

MAX_BYTES = 256 * 1024
"""A bridge's line is under 500 bytes; whatever is longer than this is no file of them."""

# Each of these would make the service findable, reachable in another way, or talkative; or tor
# would leave our hands.
_NEVER = frozenset(
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
        "publishhidservdescriptors",
        "runasdaemon",
        "servertransportplugin",
        "transport",
        "useentryguards",
        "user",
        "vanguardsliteenabled",
    }
)
_NEVER_BEGIN = ("control", "cookieauth", "datadirectory", "extorport", "hashed", "hiddenservice")

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_LINE = re.compile(r"(?P<name>[^ \t#]+)[ \t]*(?P<value>.*)", re.DOTALL)
_QUOTED = re.compile(r'"(?P<value>(?:[^"\\]|\\["\\])*)"[ \t]*(?:#.*)?', re.DOTALL)


def read_user_torrc(path: Path) -> list[Option]:
    """Read the options of a file, in their order.

    Raises:
        OwnLineError: if the file cannot be read, or holds an option that is not for it.
    """
    options: list[Option] = []
    for number, line in enumerate(_text_of(path).split("\n"), start=1):
        line = line.strip(" \t\r")
        if not line or line.startswith("#"):
            continue
        try:
            options.append(_read_line(line))
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
        # An editor may have put a byte order mark in front.
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise UserTorrcError(path, "is not text in utf-8") from None


def _read_line(line: str) -> Option:
    """Read one line that is no comment; a ValueError says what is wrong with it."""
    found = _LINE.fullmatch(line)
    name = found["name"] if found else ""
    if found is None or not _NAME.fullmatch(name):
        raise ValueError("does not begin with the name of a tor option")
    if _is_taken(name.lower()):
        raise ValueError(f"sets {name}, which is not for it")
    value = _read_value(found["value"])
    if not value:
        raise ValueError("has a name and no value")
    if not value.isprintable():
        raise ValueError("holds a tab or another control character")
    return name, value


def _read_value(text: str) -> str:
    if text.startswith('"'):
        quoted = _QUOTED.fullmatch(text)
        if quoted is None:
            raise ValueError("has quotes that tor would not understand")
        return re.sub(r"\\(.)", r"\1", quoted["value"])
    # Outside of quotes a comment begins anywhere; a backslash at the end would go on below.
    value, comment, _ = text.partition("#")
    if value.endswith("\\") and not comment:
        raise ValueError("goes on in the next line; write it on one")
    return value.rstrip(" \t")


def _is_taken(name: str) -> bool:
    taken = {option.lower() for option, _ in [*service_options(), *owned_options(Path("/"), 0)]}
    return name.startswith(_NEVER_BEGIN) or any(
        refused.startswith(name) for refused in (*taken, *_NEVER, *_NEVER_BEGIN)
    )
