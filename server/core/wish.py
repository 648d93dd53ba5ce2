"""What a visitor asks for: the closed sets that a ticket is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Intent(Enum):
    """What somebody came for."""

    TALK = "talk"
    """To be heard: is matched with who listens."""

    LISTEN = "listen"
    """To listen: is matched with who wants to be heard."""

    ANY = "any"
    """Either: is matched with anybody."""


FITS: dict[Intent, tuple[Intent, ...]] = {
    Intent.TALK: (Intent.LISTEN, Intent.ANY),
    Intent.LISTEN: (Intent.TALK, Intent.ANY),
    Intent.ANY: (Intent.TALK, Intent.LISTEN, Intent.ANY),
}
"""Who may be matched with whom. Symmetric; a test holds it so."""


@dataclass(frozen=True, slots=True)
class Wish:
    """One wish to be matched. Kept only while its owner waits, and to wish the same again."""

    intent: Intent
