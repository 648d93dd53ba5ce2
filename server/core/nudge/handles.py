"""Names and links of messengers and social networks.

A name alone cannot be told from a word. So it has an `@` in front, or a messenger's name in front
and something that no word has: a digit, an underscore, or a colon before it and nothing behind it.

The names that this server gives are mentioned as `@Quiet Heron`. They lead to nobody, and are left
out.

Source: a Telegram name has 5 to 32 letters, digits and underscores and begins with a letter
(`TelegramValidator` of validates_im).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from server.core.words import FIRST, SECOND

from .kind import Span
from .words import ACCOUNT_NAME, MESSENGER

_LINK = re.compile(
    r"(?<![\w.])(?:https?://)?(?:www\.|m\.)?(?:t\.me|telegram\.me|wa\.me|instagram\.com|facebook\.com"
    r"|fb\.com|fb\.me|m\.me|discord\.gg|discord\.com/(?:users|invite)|vk\.com|ok\.ru|twitter\.com"
    r"|x\.com|tiktok\.com|snapchat\.com|signal\.me|line\.me|linkedin\.com/in|rubika\.ir|eitaa\.com"
    r"|ble\.ir)/[^\s/]\S{0,200}+"
)
_AT = re.compile(r"(?<![\w@./])@([a-z][a-z0-9_.]{4,31}+)(?: ([a-z]{2,20}+))?")
_NAMED = re.compile(
    rf"{MESSENGER}(?P<between>[^\na-z0-9@]{{0,16}}+(?:(?:is|me|at|as|on|my|{ACCOUNT_NAME})"
    r"[^\na-z0-9@]{1,16}+){0,2}+)@?(?P<name>[a-z][a-z0-9_.]{2,31}+(?:#\d{4})?)(?P<rest>[^\n]?[^\n]?)"
)
_QQ = re.compile(r"(?:(?<![a-z])qq|扣扣)[^\na-z0-9]{0,6}+[1-9]\d{4,11}(?!\d)")
_MARK = re.compile(r"[0-9_#]|\w\.\w")
_CALLS = re.compile(rf"[:=]|{ACCOUNT_NAME}")
_GOES_ON = re.compile(r"[^\n]?[a-z0-9]")
_FIRST, _SECOND = frozenset(FIRST), frozenset(SECOND)
_NOBODY = frozenset(
    [
        "everyone",
        "everybody",
        "anyone",
        "anybody",
        "someone",
        "somebody",
        "nobody",
        "others",
        "channel",
        "property",
        "override",
        "staticmethod",
        "classmethod",
        "dataclass",
        "moderator",
        "moderators",
        "admin",
        "admins",
        "staff",
        "school",
        "office",
        "today",
        "night",
        "midnight",
        "noon",
        "least",
        "first",
        "last",
        "moment",
        "people",
        "home's",
        "work's",
        "all's",
    ]
)
"""Words behind an `@` that mean nobody, a place or a time."""


def find_handles(text: str) -> Iterator[Span]:
    """Yield the names and links of a folded text."""
    for pattern in (_LINK, _QQ):
        for found in pattern.finditer(text):
            yield found.span()
    for found in _AT.finditer(text):
        if found[1] not in _NOBODY and not (found[1] in _FIRST and found[2] in _SECOND):
            yield found.span()
    for found in _NAMED.finditer(text):
        if _is_name(found):
            yield found.span("name")


def _is_name(found: re.Match[str]) -> bool:
    name = found["name"].rstrip(".")
    if _MARK.search(name):
        return True
    goes_on = _GOES_ON.match(found["rest"])
    return len(name) >= 5 and not goes_on and bool(_CALLS.search(found["between"]))
