"""The kinds of words by which somebody can be found."""

from __future__ import annotations

from enum import Enum

Span = tuple[int, int]
"""Begin and end of what was found in a text, in characters; the end is exclusive."""


class PersonalKind(Enum):
    """What a message may contain that leads to a person; the value names it in a form."""

    PHONE = "phone"
    EMAIL = "email"
    STREET = "street"
    CARD = "card"
    """A card or bank account."""

    IDENTITY = "identity"
    HANDLE = "handle"
    """A name or a link of a messenger or a social network."""

    WEB = "web"
    """A web or onion address, or an IP address."""
