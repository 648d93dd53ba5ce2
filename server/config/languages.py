"""Reads the languages that the pages are offered in: which, and in which order."""

from __future__ import annotations

from server.config.values import invalid
from server.locales.language import load_languages

KEY = "house.languages"
HINT = 'languages = ["en", "fa"]: at least one, the first for whoever has chosen none'


def read_languages(value: object) -> tuple[str, ...]:
    """Return the codes of the languages, in the operator's order; empty if the key is missing.

    Each is written as a code, or as the language's own name.

    Raises:
        OperatorError: for the first that is no language of the pages, or is named twice.
    """
    if value is None:
        return ()
    if not isinstance(value, list) or not value:
        raise invalid(KEY, "is not a list of languages", HINT)
    codes: list[str] = []
    for number, name in enumerate(value, start=1):
        key, code = f"{KEY}[{number}]", find_language(name)
        if code is None:
            raise invalid(key, "is not a language of the pages", f"known: {known_languages()}")
        if code in codes:
            raise invalid(key, "is named twice", HINT)
        codes.append(code)
    return tuple(codes)


def find_language(name: object) -> str | None:
    """Return the code of a language that has a catalogue, by its code or its own name."""
    wanted = name.strip().casefold() if isinstance(name, str) else ""
    for code, language in load_languages().items():
        if wanted in (code.casefold(), language.own_name.casefold()):
            return code
    return None


def known_languages() -> str:
    """Return all codes with the languages' own names, for a person."""
    return ", ".join(f"{code} ({language.own_name})" for code, language in load_languages().items())
