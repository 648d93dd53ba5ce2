"""Makes a configuration file from the answers of the first start: the example, with some in force.

An answer that is the default stays behind its `#`, so that a later version's default holds.
"""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from server.config.example import HEAD, render_example
from server.config.house import read_house
from server.config.languages import read_languages
from server.config.rooms import read_rooms
from server.locales.language import load_languages

HEAD_OF_ANSWERS = """\
# The configuration of this server, from the answers at its first start. Every other key is here
# with its default: remove the `#` in front of what you change, check it (sottovoce config check),
# and put it in force (sottovoce restart; for bridges, start `up` anew).
# Lines that begin with `# ` explain; lines that begin with `#` and no space are settings.
# docs/configuration.md says more about each key. A key of [house], [capacity] or [tor] can also be
# set in the environment, in place of what the file says: SOTTOVOCE_CAPACITY_STREAMS=500.
"""


@dataclass(frozen=True, slots=True)
class Answers:
    """The answers; each default means that nothing is set."""

    title: str = ""
    """Heading of the start page, in the first language; empty for the program's name."""

    languages: tuple[str, ...] = ()
    """Codes; empty for every language."""

    rooms: tuple[str, ...] | None = None
    """Titles of the public rooms, in the first language; `None` for the default rooms."""

    bridges: tuple[str, ...] = ()
    """Bridge lines as they were pasted; empty for a direct connection."""

    @property
    def first_language(self) -> str:
        """The language in which title and rooms were written."""
        return (self.languages or tuple(load_languages()))[0]


@dataclass(frozen=True, slots=True)
class FirstStart:
    """Everything that the operator has answered."""

    answers: Answers
    backup: Path | None
    """The folder for a copy of the key; `None` for no copy."""


def languages_in(answer: str) -> tuple[str, ...]:
    """Read languages that are separated by commas; empty if they are all, in their usual order.

    Raises:
        OperatorError: if one is not known, or named twice.
    """
    codes = read_languages(answer.split(","))
    return () if codes == tuple(load_languages()) else codes


def title_in(answer: str, language: str) -> str:
    """Read a title.

    Raises:
        OperatorError: if it is too long, or has nothing visible.
    """
    return read_house({"title": {language: answer}}).title[language]


def rooms_in(answer: str, language: str) -> tuple[str, ...]:
    """Read titles of rooms that are separated by commas.

    Raises:
        OperatorError: if one is too long or has nothing visible, or there are too many.
    """
    titles = [title for title in answer.split(",") if title.strip()]
    tables = [
        {"name": name, "title": {language: title}}
        for name, title in zip(_names(titles), titles, strict=True)
    ]
    return tuple(room.title[language] for room in read_rooms(tables))


def render_answers(answers: Answers) -> str:
    """Return the text of the file."""
    text = HEAD_OF_ANSWERS + render_example().removeprefix(HEAD)
    language = answers.first_language
    settings = []
    if answers.title:
        settings.append(("title", f"title.{language} = {_text(answers.title)}"))
    if answers.languages:
        codes = ", ".join(map(_text, answers.languages))
        settings.append(("languages", f"languages = [{codes}]"))
    if settings:
        text = _replaced(text, r"#\[house\]", "[house]")
    for key, setting in settings:
        text = _replaced(text, rf"#{key}\b.*", setting)
    if answers.bridges:
        lines = "".join(f"    {_text(line)},\n" for line in answers.bridges)
        text = _replaced(text, r"#\[tor\]", "[tor]")
        text = _replaced(text, r"#bridges\b.*", f"bridges = [\n{lines}]")
    if answers.rooms == ():
        # Before the first table: below one, it would be a key of that table.
        text = text.replace(HEAD_OF_ANSWERS, f"{HEAD_OF_ANSWERS}\nrooms = []\n\n", 1)
    elif answers.rooms is not None:
        text = _replaced(text, r"(?=#\[\[rooms\]\])", _rooms(answers.rooms, language))
    return text


def _rooms(titles: tuple[str, ...], language: str) -> str:
    return "".join(
        f"[[rooms]]\nname = {_text(name)}\ntitle.{language} = {_text(title)}\n"
        for name, title in zip(_names(titles), titles, strict=True)
    )


def _names(titles: tuple[str, ...] | list[str]) -> list[str]:
    """Return a name for each title, for URLs; those without a letter of ASCII get a number."""
    names: list[str] = []
    for number, title in enumerate(titles, start=1):
        ascii_title = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode()
        name = "-".join(re.findall("[a-z0-9]+", ascii_title.lower()))[:40].strip("-")
        # "new" is a page of its own below /rooms/.
        names.append(name if name not in ("", "new", *names) else f"room-{number}")
    return names


def _replaced(text: str, pattern: str, replacement: str) -> str:
    """Replace the first line that matches the whole pattern."""
    changed, count = re.subn(rf"(?m)^{pattern}", lambda _: replacement, text, count=1)
    if count != 1:
        raise ValueError(f"the example has no line {pattern}")
    return changed


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
