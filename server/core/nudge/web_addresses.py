"""Web and onion addresses, and IP addresses.

People leave out the space after a full stop, and write of files. So a name without `http://` or
`www.` counts if its ending is one that is neither a word nor the ending of a file; other endings
count if a `/` follows.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .kind import Span

_PLAIN = re.compile(r"(?:https?|ftp)://\w|(?<![\w.])www\.\w")
_ONION = re.compile(
    r"(?<![a-z0-9])[a-z2-7]{55}d(?![a-z0-9])|(?<![\w.-])[\w-]{1,60}+\.(?:onion|i2p)(?!\w)"
)
_NAME = re.compile(r"(?<![\w.@-])[\w-]++(?:\.[\w-]++)++(/?)")
_IP = re.compile(r"(?<![\w.])(?:\d{1,3}\.){3}\d{1,3}(?![\w.]?\d)")
_VERSION = re.compile(
    r"(?:version|ver\.?|v|version is|tor|firefox|update|نسخه|الإصدار|верси[яию]|版本)\s?\Z"
)
_VERSION_CHARS = 12
_FIRST_OCTET = 16
"""A smaller number begins a version more often than an address."""

_SURE = frozenset(
    [
        "com",
        "net",
        "org",
        "info",
        "biz",
        "edu",
        "gov",
        "io",
        "app",
        "dev",
        "xyz",
        "online",
        "site",
        "onion",
        "ru",
        "ua",
        "ir",
        "cn",
        "uk",
        "eg",
        "sa",
        "mm",
        "tr",
        "pk",
        "eu",
        "ae",
        "iq",
        "sy",
        "рф",
        "укр",
    ]
)
_WITH_PATH = frozenset(
    [
        "me",
        "de",
        "fr",
        "it",
        "is",
        "in",
        "to",
        "so",
        "at",
        "be",
        "us",
        "my",
        "no",
        "am",
        "do",
        "nl",
        "ch",
        "tv",
        "gg",
        "co",
        "cc",
        "ly",
        "sh",
    ]
)
_NO_ADDRESS = frozenset({"asp.net", "socket.io", "vb.net"})


def find_web_addresses(text: str) -> Iterator[Span]:
    """Yield the addresses of a folded text."""
    for pattern in (_PLAIN, _ONION):
        for found in pattern.finditer(text):
            yield found.span()
    for found in _NAME.finditer(text):
        name, ending = found[0].rstrip("/"), found[0].rstrip("/").rpartition(".")[2]
        if name not in _NO_ADDRESS and (ending in _SURE or (found[1] and ending in _WITH_PATH)):
            yield found.span()
    for found in _IP.finditer(text):
        if _is_ip(found[0]) and not _VERSION.search(
            text[max(0, found.start() - _VERSION_CHARS) : found.start()]
        ):
            yield found.span()


def _is_ip(dotted: str) -> bool:
    parts = dotted.split(".")
    return int(parts[0]) >= _FIRST_OCTET and all(
        int(part) < 256 and (part == "0" or part[0] != "0") for part in parts
    )
