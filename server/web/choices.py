"""What can be chosen in the long form: topics, and languages by their own names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from babel import Locale

from server.core.limits import MAX_CHOICES
from server.core.wish import Intent, Wish

from .forms import Form
from .language import mark

TOPICS: Mapping[str, str] = {
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

LANGUAGES = (
    "ar", "az", "be", "bn", "de", "en", "es", "fa", "fr", "hi", "id", "it", "ja", "kk", "ko",
    "ku", "my", "pl", "ps", "pt", "ru", "sw", "th", "ti", "tr", "ug", "uk", "ur", "uz", "vi", "zh",
)  # fmt: skip
"""Codes of ISO 639-1 that can be chosen as spoken or practised."""


class TooManyChoicesError(Exception):
    """More of one kind was chosen than a wish can hold."""


def own_name(code: str) -> str:
    """What those who speak a language call it. Source: Unicode CLDR."""
    return str(Locale.parse(code).get_display_name())


NAMES: Mapping[str, str] = {code: own_name(code) for code in LANGUAGES}
"""Code -> own name."""


def read_wish(form: Form, language: str) -> Wish:
    """The wish of a posted form; who names no language speaks that of the page.

    Raises:
        ValueError: if a choice is none of ours.
        TooManyChoicesError: if there are more than `MAX_CHOICES` of one kind.
    """
    return Wish(
        Intent(form["intent"]),
        topics=_chosen(form.all("topic"), TOPICS),
        speak=_chosen(form.all("speak"), NAMES) or frozenset({language.partition("-")[0]}),
        practise=_chosen(form.all("practise"), NAMES),
        limits=_chosen(form.all("limits"), TOPICS),
    )


def _chosen(codes: Iterable[str], known: Mapping[str, str]) -> frozenset[str]:
    chosen = frozenset(code for code in codes if code)
    if not chosen <= known.keys():
        raise ValueError("not one of the choices")
    if len(chosen) > MAX_CHOICES:
        raise TooManyChoicesError
    return chosen
