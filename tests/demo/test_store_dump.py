"""A search of the store's dump finds a word in each encoding, and reports how much was searched."""

from __future__ import annotations

import pytest

from server.admin import StoreDump
from server.demo.store_dump import print_store_dump, spellings


def report(word: str, *values: bytes, tables: tuple[str, ...] = ("session ab…",)) -> list[str]:
    return list(print_store_dump(word, StoreDump(tables, values)))


@pytest.mark.parametrize("spelling", spellings(""))
def test_word_is_found_in_every_encoding(spelling: str) -> None:
    needle = spellings("lamplight")[spelling]
    found = report("lamplight", b"before" + needle + b"after", b"other")
    assert f"{spelling} 1" in found[1]
    assert "found 1 times" in found[1]


def test_word_that_is_not_there_is_not_found() -> None:
    assert report("چراغ", "لامپ".encode(), b"\0" * 9)[:2] == [
        "2 values, 17 bytes, were copied.",
        "“چراغ” was found 0 times (UTF-8 0, UTF-16 0, UTF-32 0, hexadecimal 0, base64 0).",
    ]


def test_tables_are_listed_and_an_empty_word_is_not_searched() -> None:
    lines = report("", b"x", tables=("session ab…", "pair"))
    assert lines[1:4] == ["What the store reveals:", "  session ab…", "  pair"]


def test_empty_store_is_reported_as_empty() -> None:
    assert "  nothing: there are no visitors" in report("word", tables=())
