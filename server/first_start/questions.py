"""Asks the operator at the first start. Only what has an effect today is asked.

Nothing is written before the last answer, but for a file in the folder for the copy of the key: it
shows that a private file can be kept there, and is removed at once.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable
from pathlib import Path
from secrets import token_hex
from typing import TypeVar

from server.config.defaults import default_rooms
from server.config.languages import known_languages
from server.config.tor import MAX_BRIDGES
from server.config.values import InvalidKeyError
from server.core.errors import OperatorError
from server.locales.language import load_languages
from server.supervisor.bridges import parse_bridges
from server.supervisor.paths import Paths

from .answers import Answers, FirstStart, languages_in, rooms_in, title_in
from .writing import reason_of, write_private_file

NONE = "none"

T = TypeVar("T")

Ask = Callable[[str, str], str]
"""Shows a question and its default, and returns the answer."""

Tell = Callable[[str], None]
"""Shows one line."""


def is_first_start(paths: Paths) -> bool:
    """Whether nobody has set up a server in this folder."""
    return not any(map(os.path.lexists, (paths.config, paths.key, paths.sealed_key)))


def ask_operator(paths: Paths, ask: Ask, tell: Tell) -> FirstStart:
    """Ask five questions. Each is asked again until its answer can be used.

    Raises:
        OperatorError: if the folder cannot be used; before the first question.
    """
    paths.check()
    paths.check_key()
    tell(f"The first start in {paths.folder}: five questions. Enter takes the answer in brackets.")
    tell("Nothing is written before the last answer; Ctrl-C leaves everything as it is.")
    tell("")
    tell(f"1. Languages of the pages. There are: {known_languages()}.")
    tell("   Whoever has chosen none gets the first.")
    languages = _asked(ask, tell, "Languages", ", ".join(load_languages()), languages_in)
    first = Answers(languages=languages).first_language
    tell("")
    tell("2. Title of the start page.")
    program = "Sottovoce"
    title = _asked(ask, tell, "Title", program, lambda answer: title_in(answer, first))
    tell("")
    tell(f"3. Public rooms: their titles, with commas between them, or {NONE}.")
    defaults = ", ".join(room.title[first] for room in default_rooms())
    rooms = _asked(ask, tell, "Rooms", defaults, lambda answer: _rooms(answer, first))
    tell("")
    tell("4. Bridges, where tor is blocked or watched: paste one line, Enter, then the next. tor")
    tell("   connects through them and in no other way. Without any it connects directly.")
    bridges = _bridges(ask, tell)
    tell("")
    tell("5. A folder that exists, such as that of a USB stick, for a copy of the service's key.")
    tell("   Whoever has the key has the address; without a copy, a broken disk is its end.")
    backup = _asked(ask, tell, "Folder", NONE, lambda answer: _backup(answer, paths))
    tell("")
    answers = Answers(
        title="" if title == program else title,
        languages=languages,
        rooms=None if ", ".join(rooms) == defaults else rooms,
        bridges=bridges,
    )
    return FirstStart(answers, backup)


def _asked(ask: Ask, tell: Tell, question: str, default: str, read: Callable[[str], T]) -> T:
    while True:
        answer = ask(f"   {question}", default)
        try:
            # A terminal can send bytes that are no text.
            answer.encode()
            return read(answer.strip())
        except UnicodeEncodeError:
            tell("   This is not UTF-8.")
        except InvalidKeyError as error:
            tell(f"   This {error.problem}: {error.advice}.")
        except OperatorError as error:
            tell(f"   {error}; {error.hint}.")


def _rooms(answer: str, language: str) -> tuple[str, ...]:
    if answer.casefold() == NONE:
        return ()
    rooms = rooms_in(answer, language)
    if not rooms:
        raise OperatorError("this has no title", f"for no room at all: {NONE}")
    return rooms


def _bridges(ask: Ask, tell: Tell) -> tuple[str, ...]:
    """Ask for one line after the other, until an answer is none."""
    lines: list[str] = []
    while len(lines) < MAX_BRIDGES:
        line = _asked(ask, tell, f"Bridge {len(lines) + 1}", NONE, _bridge)
        if line is None:
            break
        lines.append(line)
    return tuple(lines)


def _bridge(answer: str) -> str | None:
    if answer.casefold() == NONE:
        return None
    try:
        parse_bridges([answer])
    except InvalidKeyError as error:
        hint = f"paste it as it was given to you, or {NONE}"
        raise OperatorError(f"this line {error.problem}", hint) from None
    return answer


def _backup(answer: str, paths: Paths) -> Path | None:
    """Return the folder, after a file of mode 0600 was written there, and removed.

    Raises:
        OperatorError: if it cannot keep the copy, or keep it from others.
    """
    if answer.casefold() == NONE:
        return None
    hint = f"name a folder that exists, or {NONE}"
    try:
        folder = Path(answer).expanduser().resolve()
        if folder.is_relative_to(paths.folder.resolve()):
            raise OperatorError(f"{folder} is inside the server's own folder", hint)
        if not folder.is_dir():
            raise OperatorError(f"{folder} is no folder", hint)
        if os.path.lexists(folder / paths.key.name):
            raise OperatorError(f"{folder} holds an {paths.key.name} already", hint)
        _check_not_shared(folder, hint)
        trial = folder / f".{paths.key.name}.{token_hex(8)}"
        write_private_file(trial, b"")
        trial.unlink()
    except (OSError, RuntimeError, ValueError) as error:
        reason = reason_of(error) if isinstance(error, OSError) else "it is no path"
        raise OperatorError(f"{answer} cannot be used: {reason}", hint) from None
    return folder


def _check_not_shared(folder: Path, hint: str) -> None:
    """Refuse a folder in which others can put another file into the place of the copy."""
    status = folder.stat()
    if status.st_uid not in (os.geteuid(), 0) or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise OperatorError(f"others can write into {folder}", hint)
