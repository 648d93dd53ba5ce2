"""Renders `sottovoce.example.toml`: every key, with its reason and its default.

Nothing in it is in force: each setting is behind a `#`, so the file as it is means what no file
means. The values come from the program, so they cannot differ from it. `make example` writes it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

from server.config.house import MAX_CONTACT_CHARS, MAX_RULES_CHARS, MAX_WELCOME_CHARS
from server.config.languages import known_languages
from server.config.load import READERS, default_config
from server.core.limits import (
    MAX_CAPACITY,
    MAX_MEETING_HOURS,
    MAX_PUBLIC_ROOMS,
    MAX_TITLE_CHARS,
    MAX_TOPICS,
)
from server.core.room.public import LocalizedText, PublicRoom
from server.locales.language import load_languages

HEAD = """\
# Every key of a configuration of Sottovoce, with its default. Copy this file, remove the `#` in
# front of what you change, and check it: sottovoce config check FILE
# Lines that begin with `# ` explain; lines that begin with `#` and no space are settings.
# docs/configuration.md says more about each key. A key of [house], [capacity] or [tor] can also be
# set in the environment, in place of what the file says: SOTTOVOCE_CAPACITY_STREAMS=500.
"""

CAPACITY_REASONS: Mapping[str, str] = {
    "sessions": "Visitors who did more than read pages.",
    "rooms": "Private rooms.",
    "tickets": "Visitors who wait for somebody.",
    "streams": "Visitors in a conversation, or waiting for one. Each takes about 4 KiB of memory.",
    "ring_mib": "MiB of memory for all messages that are kept. When it is full, whoever takes most"
    " of it loses the oldest. Choose it so that the machine never swaps.",
}
WIDTH = 98


def render_example() -> str:
    """Return the text of the file."""
    lines = [HEAD]
    for table in READERS:
        lines += [*_SECTIONS[table](), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def uncommented(text: str) -> str:
    """Return the text of an example with every setting in force."""
    return "\n".join(
        line[1:] if line.startswith("#") and not line.startswith("# ") else line
        for line in text.split("\n")
    )


def _house() -> Iterator[str]:
    yield from _why(
        "The languages of the pages, and your words to visitors: in as many languages as you like,"
        " .en, .fa and so on. No word is there by default. They are shown as text: nothing"
        " becomes a link."
    )
    yield "#[house]"
    yield from _why(
        "The languages of the pages, by code or by their own names. Whoever has chosen none gets"
        f" the first. There are: {known_languages()}."
    )
    yield f"#languages = {_list(load_languages())}"
    yield from _why(f"In place of the program's name. At most {MAX_TITLE_CHARS} characters.")
    yield '#title.en = "Sottovoce"'
    yield from _why(f"One paragraph below what the service is. At most {MAX_WELCOME_CHARS}.")
    yield '#welcome.en = "Who we are, in a sentence or two."'
    yield from _why(f"One rule per line, beside the service's own. At most {MAX_RULES_CHARS}.")
    yield '#rules.en = "No advertising."'
    yield from _why(
        "How you are reached. Say nothing here that leads to you, unless you want that. At most"
        f" {MAX_CONTACT_CHARS}."
    )
    yield '#contact.en = "Write to the person who gave you this address."'


def _rooms() -> Iterator[str]:
    yield from _why(
        f"Public rooms, at most {MAX_PUBLIC_ROOMS}, in the order in which they are listed. These"
        " are the default ones; naming one replaces both. None at all: rooms = [] at the top of the"
        " file. Texts are in as many languages as you like."
    )
    for number, room in enumerate(default_config().rooms):
        yield from _room(room, explains=number == 0)
    yield from _why(
        "Pinned lines, only in rooms of the class support. Check every one of them yourself, and"
        " often: a person in need reads them."
    )
    yield "#resources = []"


def _room(room: PublicRoom, *, explains: bool) -> Iterator[str]:
    def why(sentence: str) -> Iterator[str]:
        return _why(sentence) if explains else iter(())

    yield "#[[rooms]]"
    yield from why("Part of the room's URL: a to z, digits and single hyphens.")
    yield f"#name = {_text(room.name)}"
    yield from why("Shown above the room, and in the list.")
    yield from _words("title", room.title)
    yield from why("What it is about. Without it, none is shown.")
    yield from _words("topic", room.topic)
    yield from why("One rule per line, beside the service's own.")
    yield from _words("rules", room.rules)
    yield from why("general, or support: for hard days.")
    yield f"#class = {_text(room.room_class.value)}"
    yield from why("Seconds between two messages of one member: slower rooms are calmer.")
    yield f"#slow = {room.slow_s}"
    yield from why("Members at once.")
    yield f"#capacity = {room.capacity}"


def _topics() -> Iterator[str]:
    yield from _why(
        f"Topics to choose from when looking for somebody, at most {MAX_TOPICS}. These are the"
        " default ones; naming one replaces them. With topics = [] at the top of the file no page"
        " asks for a topic. The code stands in forms and is never shown."
    )
    for code, names in default_config().topics.items():
        yield "#[[topics]]"
        yield f"#code = {_text(code)}"
        yield from _words("name", names)


def _hours() -> Iterator[str]:
    yield from _why(
        f"When people usually come, on every day, at most {MAX_MEETING_HOURS}. In UTC, so that no"
        " page shows a time zone. There is none by default, and then no page mentions them. One may"
        " pass midnight."
    )
    yield from ("#[[hours]]", '#from = "18:00"', '#until = "22:00"')


def _capacity() -> Iterator[str]:
    yield from _why("How much there may be at once. What a greater number costs is memory.")
    yield "#[capacity]"
    defaults = default_config().capacity
    for key, reason in CAPACITY_REASONS.items():
        yield from _why(f"{reason} At most {getattr(MAX_CAPACITY, key)}.")
        yield f"#{key} = {getattr(defaults, key)}"


def _tor() -> Iterator[str]:
    yield "#[tor]"
    yield from _why(
        "For `up` where tor is blocked or watched: bridge lines, each in quotes as it was given"
        " to you. tor then connects through them and in no other way. Without any, it connects"
        " directly."
    )
    yield "#bridges = []"
    yield from _why(
        "Only for `serve` beside a tor that the system runs, and only if its torrc has the line"
        " HiddenServiceExportCircuitID haproxy: without that line a visitor could choose the id."
    )
    yield f"#circuit_ids = {str(default_config().tor.circuit_ids).lower()}"


_SECTIONS: Mapping[str, Callable[[], Iterator[str]]] = {
    "house": _house,
    "rooms": _rooms,
    "topics": _topics,
    "hours": _hours,
    "capacity": _capacity,
    "tor": _tor,
}


def _why(sentence: str) -> Iterator[str]:
    line = "#"
    for word in sentence.split():
        if len(line) + 1 + len(word) > WIDTH:
            yield line
            line = "#"
        line += f" {word}"
    yield line


def _words(key: str, texts: LocalizedText) -> Sequence[str]:
    return [f"#{key}.{code} = {_text(text)}" for code, text in texts.items()]


def _list(texts: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, texts))}]"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
