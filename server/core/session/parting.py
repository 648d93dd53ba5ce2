"""How a visitor came to be in no conversation: what the home page tells them, once."""

from __future__ import annotations

from enum import Enum, auto


class Parting(Enum):
    """What happened last. Forgotten as soon as it was told, or something new begins."""

    LEFT = auto()
    """They left a conversation."""

    DISPLACED = auto()
    """They no longer wait: too many others of the same circuit do."""
