"""An entry is one paragraph, the same for every reader, and a short one fits one cell."""

from __future__ import annotations

import re

import pytest

from server.core.cells import pad_to_cells
from server.core.limits import MAX_MENTIONS, MAX_PUBLIC_MEMBERS
from server.core.room.log import Kind
from server.core.room.message import Message, OpenEntry
from server.core.words import FIRST, SECOND
from server.demo.document import read_document
from server.locales.language import load_language
from server.web.render.entries import MARKS, render_entry, render_missed
from server.web.render.pages import TEMPLATES

ENGLISH = load_language("en")
LONGEST_NAME = f"{max(FIRST, key=len)} {max(SECOND, key=len)}"
STYLESHEET = TEMPLATES / "style.css"
ONE_CELL = len(pad_to_cells(b""))


def rendered(
    kind: Kind, text: str = "", seq: int = 7, sender: int = 2, mentions: tuple[int, ...] = ()
) -> str:
    message = Message(text, mentions) if kind is Kind.MESSAGE else None
    entry = OpenEntry(seq, kind, sender, 1, message)
    return render_entry(entry, {1: LONGEST_NAME, sender: LONGEST_NAME}, ENGLISH)


def test_message_is_an_element_that_a_text_browser_finds() -> None:
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
        (Kind.LEFT_PAIR, "left"),
        (Kind.LEFT_ROOM, "left"),
        (Kind.ABSENT, "left"),
    ],
)
def test_event_is_an_element_with_its_data_event(kind: Kind, word: str) -> None:
    html = rendered(kind)
    (line,) = read_document(html).lines
    assert (line.seq, line.event) == (7, word)
    assert f"<bdi>{LONGEST_NAME}</bdi>" in html


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.MESSAGE])
def test_every_event_fits_one_cell_with_the_longest_names(kind: Kind) -> None:
    assert len(rendered(kind, seq=9_999_999).encode()) <= ONE_CELL


@pytest.mark.parametrize("text", ["x" * 300, "\u1000" * 100, "&" * 60, "😀" * 75])
def test_message_of_300_escaped_bytes_is_one_cell(text: str) -> None:
    mentions = tuple(range(MAX_PUBLIC_MEMBERS, MAX_PUBLIC_MEMBERS + MAX_MENTIONS))
    sender = MAX_PUBLIC_MEMBERS
    html = rendered(Kind.MESSAGE, text, seq=9_999_999, sender=sender, mentions=mentions)
    assert len(html.encode()) <= ONE_CELL


def test_text_and_name_cannot_become_markup() -> None:
    names = {2: "<b>Name</b>"}
    html = render_entry(OpenEntry(1, Kind.MESSAGE, 2, message=Message("<i>&</i>")), names, ENGLISH)
    assert "<b>" not in html
    assert "<i>" not in html
    assert "&lt;i&gt;&amp;&lt;/i&gt;" in html


def test_message_has_a_class_for_each_mentioned_member() -> None:
    assert '<p class="m n2 t1 t12 n c2" ' in rendered(Kind.MESSAGE, "hello", mentions=(1, 12))
    assert '<p class="m n2 n c2" ' in rendered(Kind.MESSAGE, "hello")


def test_members_next_to_each_other_have_different_marks() -> None:
    marks = [
        re.search(r" c\d ?", rendered(Kind.MESSAGE, "hello", sender=sender).partition(">")[0])
        for sender in range(2, 2 + MARKS)
    ]
    assert len({mark[0] for mark in marks if mark}) == MARKS
    sheet = STYLESHEET.read_text(encoding="utf-8")
    assert all(f".c{mark} {{ --h: " in sheet for mark in range(1, MARKS))


@pytest.mark.parametrize("text", ["word " * 100, "\n".join("abcdefgh")])
def test_long_message_is_folded_until_it_has_the_focus(text: str) -> None:
    assert "<span dir=auto class=f tabindex=0>" in rendered(Kind.MESSAGE, text)
    assert "tabindex" not in rendered(Kind.MESSAGE, text[:9])


def test_only_a_message_continues_another_and_no_action_does() -> None:
    def classes(text: str) -> str:
        entry = OpenEntry(7, Kind.MESSAGE, 2, message=Message(text), continues=True)
        return render_entry(entry, {2: LONGEST_NAME}, ENGLISH).partition('"')[2].partition('"')[0]

    assert classes("hello").split()[-1] == "s"
    assert "s" not in classes("/me waves").split()


def test_action_is_a_message_with_the_name_in_front() -> None:
    html = rendered(Kind.MESSAGE, "/me waves <i>")
    assert f">* <bdi>{LONGEST_NAME}</bdi> <em dir=auto>waves &lt;i&gt;</em></p>" in html
    (line,) = read_document(html).lines
    assert (line.name, line.text, line.event) == (LONGEST_NAME, "waves <i>", "")


@pytest.mark.parametrize("text", ["/me", "/mean", "/ME waves", "x /me waves", "/me\nwaves"])
def test_only_a_text_that_begins_with_the_prefix_is_an_action(text: str) -> None:
    assert f"<span dir=auto>{text}</span>" in rendered(Kind.MESSAGE, text)


@pytest.mark.parametrize(("missed", "text"), [(1, "1 older line is"), (7, "7 older lines are")])
def test_entries_dropped_by_the_ring_are_counted(missed: int, text: str) -> None:
    assert text in render_missed(missed, ENGLISH)
