"""Names of two words: new in every conversation, stable inside it, about nobody."""

from __future__ import annotations

import secrets
from collections.abc import Collection

from .words import FIRST, SECOND


def draw_name(taken: Collection[str] = ()) -> str:
    """Draw a name that shares no word with those already `taken` in the conversation.

    Two names with a word in common are easily mistaken for one another. The words come from
    the operating system's generator, so a name says nothing about the one before.
    """
    used = {word for name in taken for word in name.split()}
    first = secrets.choice([word for word in FIRST if word not in used])
    second = secrets.choice([word for word in SECOND if word not in used])
    return f"{first} {second}"
