"""Durations and numbers of people in the words that a person would use: none of them is exact."""

from __future__ import annotations

from server.core.durations import RoughUnit, rough
from server.locales.language import Language, mark

LESS_THAN_A_MINUTE = mark("less than a minute")
FEW_HERE = mark("Fewer than ten people are here.")


def rough_time(duration_s: float, language: Language) -> str:
    """Return a duration, to fill into a sentence."""
    number, unit = rough(duration_s)
    if not number:
        return language.gettext(LESS_THAN_A_MINUTE)
    if unit is RoughUnit.HOUR:
        phrase = language.ngettext("about %(num)s hour", "about %(num)s hours", number)
    else:
        phrase = language.ngettext("about %(num)s minute", "about %(num)s minutes", number)
    return phrase % {"num": language.number(number)}


def people_here(level: int, language: Language) -> str:
    """Return the sentence about how many people are on the server; see `core/crowd.py`."""
    if not level:
        return language.gettext(FEW_HERE)
    sentence = language.ngettext(
        "About %(num)s person is here.", "About %(num)s people are here.", level
    )
    return sentence % {"num": language.number(level)}


def people_in_room(people: int, language: Language) -> str:
    """Return the blurred head count of a room."""
    if not people:
        return language.gettext("nobody now")
    sentence = language.ngettext("up to about %(num)s person", "up to about %(num)s people", people)
    return sentence % {"num": language.number(people)}
