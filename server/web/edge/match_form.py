"""The long form of matching: the operator's topics, and languages by their own names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from server.core.limits import MAX_CHOICES, MAX_LIMITS
from server.core.matching.preferences import Intent, Preferences

from .forms import Form

NAMES: Mapping[str, str] = {
    "ar": "العربية",
    "az": "azərbaycan",
    "be": "беларуская",
    "bn": "বাংলা",
    "de": "Deutsch",
    "en": "English",
    "es": "español",
    "fa": "فارسی",
    "fr": "français",
    "hi": "हिन्दी",
    "id": "Indonesia",
    "it": "italiano",
    "ja": "日本語",
    "kk": "қазақ тілі",
    "ko": "한국어",
    "ku": "kurdî (kurmancî)",
    "my": "မြန်မာ",
    "pl": "polski",
    "ps": "پښتو",
    "pt": "português",
    "ru": "русский",
    "sw": "Kiswahili",
    "th": "ไทย",
    "ti": "ትግርኛ",
    "tr": "Türkçe",
    "ug": "ئۇيغۇرچە",
    "uk": "українська",
    "ur": "اردو",
    "uz": "o‘zbek",  # noqa: RUF001 the correct letter
    "vi": "Tiếng Việt",
    "zh": "中文",
}
"""ISO 639-1 code -> the language's own name. Source: Unicode CLDR, as shipped with Babel. Copied
here, because looking the names up in Babel takes a tenth of a second at every start."""


class TooManyChoicesError(Exception):
    """More options of one kind were chosen than `Preferences` can hold."""


class TooManyLimitsError(Exception):
    """More than `MAX_LIMITS` limits were chosen."""


class ContradictionError(Exception):
    """A topic to talk about was also chosen as one not to talk about."""


def read_preferences(form: Form, topics: Collection[str], language: str) -> Preferences:
    """Parse the preferences in a posted form.

    Args:
        form: the posted form.
        topics: the codes of the topics that are offered.
        language: the language of the page, assumed if the visitor names none.

    Raises:
        ValueError: if a choice was not offered.
        TooManyChoicesError: if there are more than `MAX_CHOICES` of one kind.
        TooManyLimitsError: if there are more than `MAX_LIMITS` limits.
        ContradictionError: if a topic is one of the limits.
    """
    chosen, limits = _chosen(form.all("topic"), topics), _chosen(form.all("limits"), topics)
    if len(limits) > MAX_LIMITS:
        raise TooManyLimitsError
    if chosen & limits:
        raise ContradictionError
    return Preferences(
        Intent(form["intent"]),
        topics=chosen,
        speak=_chosen(form.all("speak"), NAMES) or frozenset({language.partition("-")[0]}),
        practise=_chosen(form.all("practise"), NAMES),
        limits=limits,
    )


def _chosen(codes: Iterable[str], known: Collection[str]) -> frozenset[str]:
    chosen = frozenset(code for code in codes if code)
    if not chosen.issubset(known):
        raise ValueError("not one of the choices")
    if len(chosen) > MAX_CHOICES:
        raise TooManyChoicesError
    return chosen
