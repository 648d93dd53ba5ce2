"""What a visitor asks for: the closed sets that a ticket is made of."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from server.core.limits import MAX_CHOICES


class Intent(Enum):
    """What somebody came for."""

    TALK = "talk"
    """To be heard: is matched with who listens, and in the end with who talks too."""

    LISTEN = "listen"
    """To listen: is matched with who wants to be heard."""

    ANY = "any"
    """Either: is matched with anybody."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """One wish to be matched.

    Kept while its owner waits, to wish the same again, and in the pair that came of it.
    Topics and languages are short codes from lists that the door shows; what a code means is
    nothing to the core. Which wishes go together is said in `fit.py`.

    Raises:
        ValueError: if one of the sets has more than `MAX_CHOICES` codes.
    """

    intent: Intent

    topics: frozenset[str] = frozenset()
    """What to talk about; empty: anything."""

    speak: frozenset[str] = frozenset()
    """Languages spoken; empty: any, as long as nobody asked."""

    practise: frozenset[str] = frozenset()
    """Languages being learned: read, but only with somebody who speaks them."""

    limits: frozenset[str] = frozenset()
    """Topics not to be talked about."""

    def __post_init__(self) -> None:
        for codes in (self.topics, self.speak, self.practise, self.limits):
            if len(codes) > MAX_CHOICES:
                raise ValueError("too many choices")
