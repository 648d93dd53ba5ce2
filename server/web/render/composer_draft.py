"""The content of a composer: text that was not sent, and the field that takes the next words."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Draft:
    """The content of a composer."""

    text: str = ""
    """What was typed before and not sent; it stands in a field of its own."""

    asked: str = ""
    """What the visitor was asked about before sending that text; see `web/nudge.py`."""

    several: bool = False
    """Whether the field for the next words is multi-line."""
