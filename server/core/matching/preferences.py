"""A visitor's preferences: the closed sets of choices that a ticket carries."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from server.core.limits import MAX_CHOICES, MAX_LIMITS


class Intent(Enum):
    """What a visitor wants to do in a conversation."""

    TALK = "talk"
    """To talk: matched with listeners, and after a while with others who want to talk."""

    LISTEN = "listen"
    """To listen: matched with visitors who want to talk."""

    ANY = "any"
    """Either: matched with everybody."""


@dataclass(frozen=True, slots=True)
class Preferences:
    """The preferences of one ticket.

    Kept while the owner waits, so that the next ticket can use the same ones, and in the pair
    that the match created. Topics and languages are short codes from the lists on the start
    page; the core does not interpret them. Which preferences fit is decided in
    `compatibility.py`.

    Raises:
        ValueError: if one of the sets has more than `MAX_CHOICES` codes, there are more than
            `MAX_LIMITS` limits, or a topic is one of the limits: a ticket that fits no other ticket
            like it could wait for everybody else without ever meeting its owner's other tickets.
    """

    intent: Intent

    topics: frozenset[str] = frozenset()
    """Topics to talk about; empty: any topic."""

    speak: frozenset[str] = frozenset()
    """Languages spoken; empty: not asked yet, fits any language."""

    practise: frozenset[str] = frozenset()
    """Languages being learned: usable only with a partner who speaks them."""

    limits: frozenset[str] = frozenset()
    """Topics not to talk about."""

    def __post_init__(self) -> None:
        for codes in (self.topics, self.speak, self.practise, self.limits):
            if len(codes) > MAX_CHOICES:
                raise ValueError("too many choices in one set of preferences")
        if len(self.limits) > MAX_LIMITS:
            raise ValueError("too many limits in one set of preferences")
        if self.topics & self.limits:
            raise ValueError("a topic is one of the limits")
