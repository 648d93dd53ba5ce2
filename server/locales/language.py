"""The language of a page: its words, and the direction they run in.

The catalogues are kept as their translators write them (`.po`); they are compiled in memory when
the program starts, so that nothing that was compiled can be older than what was written.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache, cached_property
from io import BytesIO
from pathlib import Path

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from .numbers import Number, digits_of

LOCALES = Path(__file__).parent
DOMAIN = "chat"
SOURCE = "en"
"""The language of the sources, and of whoever has chosen none."""


@dataclass(frozen=True)
class Language:
    """One language that pages can be shown in."""

    code: str
    """BCP 47, as it stands in `<html lang>`."""

    catalogue: gettext.NullTranslations

    @property
    def direction(self) -> str:
        """What stands in `<html dir>`: `ltr` or `rtl`."""
        return Locale.parse(self.code, sep="-").text_direction

    @property
    def own_name(self) -> str:
        """What those who speak it call it. Source: Unicode CLDR."""
        return str(Locale.parse(self.code, sep="-").get_display_name())

    @cached_property
    def _digits(self) -> Mapping[int, str]:
        return digits_of(Locale.parse(self.code, sep="-").default_numbering_system)

    def number(self, value: int) -> Number:
        """A number as this language writes it, to be filled into a sentence as `%(name)s`."""
        return Number.of(value, self._digits)

    def listing(self, items: Iterable[str]) -> str:
        """Several things in one line, with this language's comma."""
        return self.gettext(", ").join(items)

    def gettext(self, sentence: str) -> str:
        """The sentence in this language."""
        return self.catalogue.gettext(sentence)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """The sentence for `n` things, in this language's plural form."""
        return self.catalogue.ngettext(one, many, n)


def load_language(code: str, folder: Path = LOCALES) -> Language:
    """Load a language; English is what the sources are written in and needs no catalogue."""
    if code == SOURCE:
        return Language(code, gettext.NullTranslations())
    file = folder / code.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.po"
    compiled = BytesIO()
    with file.open("rb") as written:
        write_mo(compiled, read_po(written, locale=code.replace("-", "_")))
    compiled.seek(0)
    return Language(code, gettext.GNUTranslations(compiled))


@cache
def load_languages(folder: Path = LOCALES) -> Mapping[str, Language]:
    """Load every language that has a catalogue, once: code -> language, English first."""
    found = sorted(file.parents[1].name for file in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    codes = [SOURCE, *(name.replace("_", "-") for name in found)]
    return {code: load_language(code, folder) for code in codes}


def mark(sentence: str) -> str:
    """Mark a sentence for the catalogue where it is not yet translated."""
    return sentence
