"""Texts that the operator wrote, in the language of the page or the best available one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.core.room.public import LocalizedText, PublicRoom
from server.locales.language import SOURCE, Language


@dataclass(frozen=True, slots=True)
class OperatorText:
    """One text with its language code."""

    text: str
    lang: str


def text_in_language(words: LocalizedText, language: Language) -> OperatorText | None:
    """Return the text in this language, else in English, else in the first language given."""
    for code in (language.code, SOURCE, *words):
        if code in words:
            return OperatorText(words[code], code)
    return None


def texts_in_language(
    texts: Mapping[str, LocalizedText], language: Language
) -> Mapping[str, OperatorText]:
    """Return texts by name, each chosen as in `text_in_language`; empty ones are left out."""
    found = {name: text_in_language(words, language) for name, words in texts.items()}
    return {name: text for name, text in found.items() if text is not None}


def room_title(
    public_name: str, title: str, rooms: Mapping[str, PublicRoom], language: Language
) -> str:
    """Return a public room's title in this language, or `title` for a private room."""
    public = rooms.get(public_name)
    found = public and text_in_language(public.title, language)
    return found.text if found else title
