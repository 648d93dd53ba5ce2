"""Parses a bridge line as operators get it, and refuses one that cannot work.

    [Bridge] [TRANSPORT] ADDRESS:PORT [FINGERPRINT] [NAME=VALUE …]

Tor accepts more than this: an address without a port, a line that ends in the middle. Such a line
is nearly always half of what was to be pasted, and tor would only say that it cannot connect.

Source: tor(1), Bridge; parse_bridge_line in tor; the README of each transport for its arguments.
"""

from __future__ import annotations

import re
from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from ipaddress import ip_address

MAX_CHARS = 4096
"""Longest line. Those of snowflake, the longest that are handed out, have about 500 characters."""

TRANSPORTS = ("obfs4", "webtunnel", "snowflake", "meek_lite")
"""The transports of bridges that are handed out; others need a plugin that the operator names."""

_WORD = "bridge"
_TRANSPORT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ADDRESS = re.compile(r"(?:\[(?P<v6>[^\]]*)\]|(?P<v4>[^:\[\]]*)):(?P<port>[0-9]{1,5})")
_FINGERPRINT = re.compile(r"\$?(?P<hex>[0-9A-Fa-f]{40})")
_HEX = re.compile(r"\$?[0-9A-Fa-f]{8,}")
_MODES = ("0", "1", "2")
# A certificate of obfs4: 20 bytes of node id, 32 of a public key; in base64 without its padding.
_CERTIFICATE_BYTES = 52
_CERTIFICATE_CHARS = 70


@dataclass(frozen=True, slots=True)
class Bridge:
    """One bridge, as tor's option `Bridge` takes it."""

    value: str
    """The value of the option: one space between two parts, without the word "Bridge"."""

    transport: str
    """The name of its transport, such as `obfs4`; empty for none."""

    address: str
    """Its address and port; for some transports only a placeholder."""


def parse_bridge(text: str) -> Bridge:
    """Parse one bridge line, with or without the word "Bridge" in front.

    Raises:
        ValueError: if it cannot work. The text continues a sentence that begins with the place of
            the line, and repeats nothing of the line.
    """
    words = _words_of(text)
    transport = ""
    if words and _TRANSPORT.fullmatch(words[0]) and not _HEX.fullmatch(words[0]):
        transport = words.pop(0)
    if not words:
        raise ValueError("has no address: it is not a whole bridge line")
    address = _checked_address(words[0])
    rest = words[1:]
    fingerprint, arguments = _split_rest(rest, with_arguments=bool(transport))
    _check_arguments(transport, arguments)
    parts = [transport, address, fingerprint, *(f"{name}={arguments[name]}" for name in arguments)]
    return Bridge(" ".join(filter(None, parts)), transport, address)


def _words_of(text: str) -> list[str]:
    if len(text) > MAX_CHARS:
        raise ValueError(f"is longer than {MAX_CHARS} characters")
    if len(text.strip().splitlines()) > 1:
        raise ValueError("is more than one line: write one bridge in each pair of quotes")
    # Messengers and web pages put other spaces than ASCII's between the parts.
    words = text.split()
    if words and words[0].lower() == _WORD:
        del words[0]
    if not words:
        raise ValueError("is empty")
    if not all(word.isascii() and word.isprintable() for word in words):
        raise ValueError("contains a character that no bridge line has: paste it again")
    if any(mark in word for word in words for mark in "\"'\\#"):
        raise ValueError("contains a quotation mark, a backslash or a #: paste the line alone")
    if any(word.lower() == _WORD for word in words):
        raise ValueError("contains two bridges: write each on its own")
    return words


def _checked_address(word: str) -> str:
    found = _ADDRESS.fullmatch(word)
    if found is None:
        raise ValueError("has no ADDRESS:PORT where it belongs: it is not a whole bridge line")
    if not 1 <= int(found["port"]) <= 65535:
        raise ValueError("has a port that is not a number from 1 to 65535")
    host = found["v6"] if found["v6"] is not None else found["v4"]
    try:
        version = ip_address(host).version
    except ValueError:
        raise ValueError("has an address that is not an IP address") from None
    if (version == 6) != (found["v6"] is not None):
        raise ValueError("has an address that is not an IP address")
    return word


def _split_rest(words: Sequence[str], *, with_arguments: bool) -> tuple[str, dict[str, str]]:
    """Split what follows the address into the fingerprint and the arguments."""
    plain = [word for word in words if "=" not in word]
    named = [word for word in words if "=" in word]
    if list(words) != [*plain, *named] or (with_arguments and len(plain) > 1):
        raise ValueError("has words that do not belong there: is it two bridges, or cut in two?")
    if named and not with_arguments:
        raise ValueError("has arguments and no transport: the word before the address is missing")
    # Without a transport tor also takes a fingerprint in groups, with spaces between them.
    fingerprint = "".join(plain)
    found = _FINGERPRINT.fullmatch(fingerprint)
    if fingerprint and found is None:
        raise ValueError("has a fingerprint that is not 40 hexadecimal digits: it was cut off")
    arguments: dict[str, str] = {}
    for word in named:
        name, _, value = word.partition("=")
        if not name or not value or name in arguments:
            raise ValueError("has an argument that is not NAME=VALUE, or one twice")
        arguments[name] = value
    return found["hex"].upper() if found else "", arguments


def _check_arguments(transport: str, arguments: Mapping[str, str]) -> None:
    check = _CHECKS.get(transport)
    if check is not None:
        check(arguments)


def _check_obfs4(arguments: Mapping[str, str]) -> None:
    if "node-id" in arguments and "public-key" in arguments:
        return  # the form before `cert`
    certificate = arguments.get("cert", "")
    if not certificate:
        raise ValueError("has no cert=…: it was cut off")
    try:
        decoded = b64decode(certificate.rstrip("=") + "==", validate=True)
    except NotBase64:
        decoded = b""
    if len(decoded) != _CERTIFICATE_BYTES:
        raise ValueError(
            f"has a cert= that is damaged: a whole one has {_CERTIFICATE_CHARS} characters"
        )
    if arguments.get("iat-mode") not in _MODES:
        raise ValueError("has no iat-mode=0, 1 or 2 at its end: it was cut off")


def _check_url(arguments: Mapping[str, str]) -> None:
    if not arguments.get("url", "").startswith(("https://", "http://")):
        raise ValueError("has no url=https://…: it was cut off")


_CHECKS: Mapping[str, Callable[[Mapping[str, str]], None]] = {
    "obfs4": _check_obfs4,
    "webtunnel": _check_url,
    "meek_lite": _check_url,
}
"""What a line of a transport cannot do without. One of snowflake can: its program has defaults."""
