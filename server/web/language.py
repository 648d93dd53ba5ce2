"""The language of a page: its words, and the direction they run in."""

from __future__ import annotations

import gettext
from dataclasses import dataclass
from pathlib import Path

LOCALES = Path(__file__).parents[1] / "locales"
DOMAIN = "chat"

RIGHT_TO_LEFT = frozenset({"ar", "fa", "he", "ps", "ur"})


@dataclass(frozen=True, slots=True)
class Language:
    """One language that pages can be shown in."""

    code: str
    """BCP 47, as it stands in `<html lang>`."""

    catalogue: gettext.NullTranslations

    @property
    def direction(self) -> str:
        """What stands in `<html dir>`: `ltr` or `rtl`."""
        return "rtl" if self.code.split("-")[0] in RIGHT_TO_LEFT else "ltr"

    def gettext(self, sentence: str) -> str:
        """The sentence in this language."""
        return self.catalogue.gettext(sentence)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The sentence for `n` things, in this language's plural form."""
        return self.catalogue.ngettext(one, many, n)


def load_language(code: str) -> Language:
    """Load a language; English is what the sources are written in and needs no catalogue."""
    catalogue = gettext.translation(DOMAIN, LOCALES, [code], fallback=code == "en")
    return Language(code, catalogue)


def mark(sentence: str) -> str:
    """Mark a sentence for the catalogue where it is not yet translated."""
    return sentence
