"""The thief finds what is there, in whatever spelling, and says how much was searched."""

from __future__ import annotations

import pytest

from server.admin import StoreDump
from server.demo.store_dump import print_store_dump, spellings


def told(word: str, *values: bytes, picture: tuple[str, ...] = ("session ab…",)) -> list[str]:
    return list(print_store_dump(word, StoreDump(picture, values)))


@pytest.mark.parametrize("spelling", spellings(""))
def test_word_is_found_in_every_spelling(spelling: str) -> None:
    needle = spellings("lamplight")[spelling]
    found = told("lamplight", b"before" + needle + b"after", b"other")
    assert f"{spelling} 1" in found[1]
    assert "found 1 times" in found[1]


def test_word_that_is_not_there_is_found_nowhere() -> None:
    assert told("چراغ", "لامپ".encode(), b"\0" * 9)[:2] == [
        "2 values, 17 bytes, were copied.",
        "“چراغ” was found 0 times (UTF-8 0, UTF-16 0, UTF-32 0, hexadecimal 0, base64 0).",
    ]


def test_tables_are_shown_and_an_empty_word_is_not_searched() -> None:
    lines = told("", b"x", picture=("session ab…", "pair"))
    assert lines[1:4] == ["What a thief does find:", "  session ab…", "  pair"]


def test_empty_server_is_said_to_be_empty() -> None:
    assert "  nothing: nobody is here" in told("word", picture=())
