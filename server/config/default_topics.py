"""The topics to choose from when the operator has named none."""

from __future__ import annotations

from collections.abc import Mapping

from server.core.room.public import Words
from server.web.render.language import load_languages, mark

_NAMES: Mapping[str, str] = {
    "day": mark("how the day was"),
    "feelings": mark("feelings"),
    "loneliness": mark("being alone"),
    "love": mark("love and parting"),
    "family": mark("family"),
    "work": mark("work and study"),
    "health": mark("health"),
    "faith": mark("faith"),
    "politics": mark("politics"),
    "books": mark("books and films"),
    "music": mark("music"),
    "games": mark("games and sport"),
}
"""Code -> what it is called. The codes are what travels; the words are translated."""


def default_topics() -> Mapping[str, Words]:
    """Twelve that strangers talk about, in every language of the house."""
    languages = load_languages()
    return {
        topic: {code: language.gettext(name) for code, language in languages.items()}
        for topic, name in _NAMES.items()
    }
