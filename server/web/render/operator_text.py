"""Texts that an operator wrote, in the language of a page or the nearest that there is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from server.core.room.public import PublicRoom, Words
from server.locales.language import SOURCE, Language


@dataclass(frozen=True, slots=True)
class Wording:
    """One text, and the language it is in."""

    text: str
    lang: str


def wording(words: Words, language: Language) -> Wording | None:
    """The text in this language, else in English, else in the first that was written."""
    for code in (language.code, SOURCE, *words):
        if code in words:
            return Wording(words[code], code)
    return None


def wordings(texts: Mapping[str, Words], language: Language) -> Mapping[str, Wording]:
    """Several texts in this language or the nearest, under their names."""
    found = {name: wording(words, language) for name, words in texts.items()}
    return {name: told for name, told in found.items() if told is not None}


def room_title(
    public_name: str, title: str, rooms: Mapping[str, PublicRoom], language: Language
) -> str:
    """What a public room is called in that language, or a private one by itself."""
    public = rooms.get(public_name)
    told = public and wording(public.title, language)
    return told.text if told else title
