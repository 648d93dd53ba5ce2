"""The public rooms and topics of a server whose configuration names none."""

from __future__ import annotations

from collections.abc import Mapping

from server.core.room.public import LocalizedText, PublicRoom, RoomClass
from server.locales.language import load_languages, mark

_GENERAL = (
    mark("The common room"),
    mark("Anything that strangers can talk about."),
    mark("Let others finish. Do not repeat elsewhere what others said here."),
)
_SUPPORT = (
    mark("The quiet room"),
    mark("For hard days: talk about how you feel, and listen to others."),
    mark(
        "Give advice only when somebody asks for it. Nobody here is trained, and nobody can send"
        " help."
    ),
)
SUPPORT_SLOW_S = 10

_TOPICS: Mapping[str, str] = {
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
"""Code -> name. Forms carry the codes; the names are translated."""


def default_rooms() -> tuple[PublicRoom, ...]:
    """Return one general room and one support room, in every language that has a catalogue.

    The support room lists no resources: a person in need must not find a phone number or an
    address there that nobody has checked.
    """
    languages = load_languages()

    def translated(sentences: tuple[str, str, str]) -> list[LocalizedText]:
        return [
            {code: language.gettext(sentence) for code, language in languages.items()}
            for sentence in sentences
        ]

    title, topic, rules = translated(_GENERAL)
    general = PublicRoom("common", title, topic, rules)
    title, topic, rules = translated(_SUPPORT)
    support = PublicRoom("quiet", title, topic, rules, RoomClass.SUPPORT, SUPPORT_SLOW_S)
    return general, support


def default_topics() -> Mapping[str, LocalizedText]:
    """Return twelve topics for strangers, in every language that has a catalogue."""
    languages = load_languages()
    return {
        topic: {code: language.gettext(name) for code, language in languages.items()}
        for topic, name in _TOPICS.items()
    }
