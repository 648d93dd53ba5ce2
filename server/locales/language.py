"""The language of a page: its sentences, its writing direction and its digits.

Catalogues are stored only as translators write them (`.po`). The server compiles them in memory
when it starts, so a compiled catalogue can never be older than its source.
"""

from __future__ import annotations

import gettext
from collections.abc import Iterable, Mapping, Sequence
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
"""The language of the source texts; offered first, unless the operator says otherwise."""


@dataclass(frozen=True)
class Language:
    """One language that pages can be shown in."""

    code: str
    """BCP 47, for `<html lang>`."""

    catalogue: gettext.NullTranslations

    @property
    def direction(self) -> str:
        """The writing direction for `<html dir>`: `ltr` or `rtl`."""
        return Locale.parse(self.code, sep="-").text_direction

    @property
    def own_name(self) -> str:
        """The name of the language in the language itself. Source: Unicode CLDR."""
        return str(Locale.parse(self.code, sep="-").get_display_name())

    @cached_property
    def _digits(self) -> Mapping[int, str]:
        return digits_of(Locale.parse(self.code, sep="-").default_numbering_system)

    def number(self, value: int) -> Number:
        """Make a number that prints in this language's digits, to fill into a `%(name)s`."""
        return Number.of(value, self._digits)

    def listing(self, items: Iterable[str]) -> str:
        """Join several items in one line with this language's comma."""
        return self.gettext(", ").join(items)

    def gettext(self, sentence: str) -> str:
        """Translate a sentence into this language."""
        return self.catalogue.gettext(sentence)

    def ngettext(self, one: str, many: str, n: int) -> str:
        """Translate a sentence about `n` things, in this language's plural form."""
        return self.catalogue.ngettext(one, many, n)


def load_language(code: str, folder: Path = LOCALES) -> Language:
    """Load a language. English is the language of the sources and needs no catalogue."""
    if code == SOURCE:
        return Language(code, gettext.NullTranslations())
    file = folder / code.replace("-", "_") / "LC_MESSAGES" / f"{DOMAIN}.po"
    compiled = BytesIO()
    with file.open("rb") as source:
        write_mo(compiled, read_po(source, locale=code.replace("-", "_")))
    compiled.seek(0)
    return Language(code, gettext.GNUTranslations(compiled))


@cache
def load_languages(folder: Path = LOCALES) -> Mapping[str, Language]:
    """Load every language that has a catalogue: code -> language, English first. Cached."""
    found = sorted(file.parents[1].name for file in folder.glob(f"*/LC_MESSAGES/{DOMAIN}.po"))
    codes = [SOURCE, *(name.replace("_", "-") for name in found)]
    return {code: load_language(code, folder) for code in codes}


def offered_languages(codes: Sequence[str] = ()) -> Mapping[str, Language]:
    """Return the languages that pages are offered in, in this order; all if `codes` is empty."""
    languages = load_languages()
    return {code: languages[code] for code in codes or languages}


def mark(sentence: str) -> str:
    """Mark a sentence for extraction into the catalogue, and return it untranslated."""
    return sentence
