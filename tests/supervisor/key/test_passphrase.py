"""A passphrase is one line of text, the same however it was typed, and never shown."""

from __future__ import annotations

import os
from collections.abc import Callable

import pytest

from server.core.errors import OperatorError
from server.supervisor.key.passphrase import (
    MAX_BYTES,
    ask_known,
    ask_new,
    ask_terminal,
    read_descriptor,
    read_form,
)


def typing(*answers: str) -> Callable[[str], str]:
    left = iter(answers)
    return lambda _: next(left)


def descriptor_of(content: bytes) -> int:
    reading, writing = os.pipe()
    os.write(writing, content)
    os.close(writing)
    return reading


@pytest.mark.parametrize("text", ["x", "four plain words", " kept spaces ", "خانه\u200cها", "🏠"])  # noqa: RUF001 Persian
def test_line_of_text_is_taken_as_it_is(text: str) -> None:
    assert read_form(text) == text


def test_two_ways_to_type_a_letter_are_one() -> None:
    assert read_form("Wo\u0308rter") == read_form("W\u00f6rter") == "W\u00f6rter"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "empty"),
        ("  \u3000", "empty"),
        ("a\nb", "line end"),
        ("a\rb", "line end"),
        ("a\tb", "control character"),
        ("a\x00", "control character"),
        ("\udcff", "not UTF-8"),
        ("x" * (MAX_BYTES + 1), "longer than 1024 bytes"),
    ],
)
def test_what_nobody_can_type_twice_is_refused(text: str, words: str) -> None:
    with pytest.raises(OperatorError, match=words) as refused:
        read_form(text)
    assert refused.value.hint
    assert "x" * 9 not in str(refused.value)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_file_gives_its_line_and_is_closed(end: bytes) -> None:
    number = descriptor_of("vier Wörter".encode() + end)
    assert read_descriptor(number) == "vier Wörter"
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(number)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "empty"),
        (b"\n", "empty"),
        (b"a\n\n", "line end"),
        (b"a\nb\n", "line end"),
        (b"\xff\xfe", "not UTF-8"),
        (b"x" * 5000, "longer"),
    ],
)
def test_file_that_holds_no_passphrase_is_refused(content: bytes, words: str) -> None:
    with pytest.raises(OperatorError, match=words):
        read_descriptor(descriptor_of(content))


def test_descriptor_that_is_not_open_or_shows_what_is_typed_is_refused() -> None:
    with pytest.raises(OperatorError, match="descriptor 999: bad file") as refused:
        read_descriptor(999)
    assert "3< FILE" in refused.value.hint
    outer, inner = os.openpty()
    try:
        with pytest.raises(OperatorError, match="it is a terminal"):
            read_descriptor(inner)
    finally:
        os.close(outer)
        os.close(inner)


def test_new_passphrase_is_typed_until_it_is_the_same_twice() -> None:
    told: list[str] = []
    prompt = typing("", "a", "b", "Wo\u0308rter", "W\u00f6rter")
    assert ask_new(prompt, told.append) == "W\u00f6rter"
    assert told == [
        "the passphrase is empty; take one line of text: some words that nobody else would choose.",
        "These are two different ones.",
    ]


def test_known_passphrase_is_asked_again_and_the_reason_is_said() -> None:
    told: list[str] = []
    ask = ask_known(typing("wrong", "right"), told.append)
    assert (ask(), told) == ("wrong", [])
    assert (ask(), told) == ("right", ["This passphrase does not open the key."])


def test_nobody_is_asked_without_a_terminal() -> None:
    # The tests have none as their input.
    with pytest.raises(OperatorError, match="no terminal"):
        ask_terminal("? ")
