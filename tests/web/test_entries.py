"""An entry is one paragraph, the same for every reader, and short enough for one cell."""

from __future__ import annotations

import pytest

from server.core.cells import pad_to_cells
from server.core.roomlog import Entry, Kind
from server.core.words import FIRST, SECOND
from server.guest.document import read_document
from server.web.entries import render_entry, render_missed
from server.web.language import load_language

ENGLISH = load_language("en")
LONGEST_NAME = f"{max(FIRST, key=len)} {max(SECOND, key=len)}"
ONE_CELL = len(pad_to_cells(b""))


def rendered(kind: Kind, text: str = "", seq: int = 7, sender: int = 2) -> str:
    entry = Entry(seq, kind, sender, b"1" if kind is Kind.MET else text.encode())
    return render_entry(entry, {1: LONGEST_NAME, sender: LONGEST_NAME}, ENGLISH)


def test_message_stands_in_an_element_that_a_text_browser_finds() -> None:
    html = rendered(Kind.MESSAGE, "hello")
    (line,) = read_document(html).lines
    assert (line.seq, line.event, line.name, line.text) == (7, "", LONGEST_NAME, "hello")
    assert f"<bdi>{LONGEST_NAME}</bdi>" in html
    assert "dir=auto" in html


@pytest.mark.parametrize(
    ("kind", "word"),
    [
        (Kind.MET, "joined"),
        (Kind.JOINED, "joined"),
        (Kind.LEFT, "left"),
        (Kind.ABSENT, "left"),
    ],
)
def test_event_stands_in_an_element_with_its_word(kind: Kind, word: str) -> None:
    html = rendered(kind)
    (line,) = read_document(html).lines
    assert (line.seq, line.event) == (7, word)
    assert f"<bdi>{LONGEST_NAME}</bdi>" in html


@pytest.mark.parametrize("kind", [Kind.MET, Kind.JOINED, Kind.LEFT, Kind.ABSENT])
def test_every_event_is_one_cell_whatever_the_name_and_the_number(kind: Kind) -> None:
    assert len(rendered(kind, seq=9_999_999).encode()) <= ONE_CELL


@pytest.mark.parametrize("text", ["x" * 300, "\u1000" * 100, "&" * 60, "😀" * 75])
def test_message_of_300_bytes_of_escaped_text_is_one_cell(text: str) -> None:
    html = rendered(Kind.MESSAGE, text, seq=9_999_999)
    assert len(html.encode()) <= ONE_CELL


def test_text_and_name_cannot_become_markup() -> None:
    names = {2: "<b>Name</b>"}
    html = render_entry(Entry(1, Kind.MESSAGE, 2, b"<i>&</i>"), names, ENGLISH)
    assert "<b>" not in html
    assert "<i>" not in html
    assert "&lt;i&gt;&amp;&lt;/i&gt;" in html


@pytest.mark.parametrize(
    ("missed", "said"), [(1, "1 older message is"), (7, "7 older messages are")]
)
def test_what_the_ring_forgot_is_counted(missed: int, said: str) -> None:
    assert said in render_missed(missed, ENGLISH)
