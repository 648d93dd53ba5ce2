"""What can be chosen in the long form: topics of the house, and languages by their own names."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

from server.core.limits import MAX_CHOICES
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
    "uz": "o‘zbek",  # noqa: RUF001 the letter is written so
    "vi": "Tiếng Việt",
    "zh": "中文",
}
"""Code of ISO 639-1 -> what those who speak the language call it. Source: Unicode CLDR, as Babel
has it; read here, because looking up one after another takes a tenth of a second at each start."""


class TooManyChoicesError(Exception):
    """More of one kind was chosen than a wish can hold."""


def read_preferences(form: Form, topics: Collection[str], language: str) -> Preferences:
    """The wish of a posted form.

    Args:
        form: what was posted.
        topics: the codes of those that are offered.
        language: that of the page: who names none speaks it.

    Raises:
        ValueError: if a choice is none of ours.
        TooManyChoicesError: if there are more than `MAX_CHOICES` of one kind.
    """
    return Preferences(
        Intent(form["intent"]),
        topics=_chosen(form.all("topic"), topics),
        speak=_chosen(form.all("speak"), NAMES) or frozenset({language.partition("-")[0]}),
        practise=_chosen(form.all("practise"), NAMES),
        limits=_chosen(form.all("limits"), topics),
    )


def _chosen(codes: Iterable[str], known: Collection[str]) -> frozenset[str]:
    chosen = frozenset(code for code in codes if code)
    if not chosen.issubset(known):
        raise ValueError("not one of the choices")
    if len(chosen) > MAX_CHOICES:
        raise TooManyChoicesError
    return chosen
