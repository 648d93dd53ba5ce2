"""The operator's order about coming in: its times, its words, its way between the processes."""

from __future__ import annotations

import pytest

from server.core.admission.closing import MAX_JSON_BYTES, MAX_WORDS_CHARS, OPEN, Closing
from server.core.admission.order import CLOSED_S, DRAIN_S, check_duration, read_words
from server.core.errors import OperatorError

NOW_S = 1_000.0
CLOSED = OPEN.closed(NOW_S + 600, "Back soon")
DRAINING = OPEN.draining(NOW_S + 300)


def test_nobody_is_admitted_while_closed_and_everybody_after_it() -> None:
    assert OPEN.admits(NOW_S)
    assert not CLOSED.admits(NOW_S)
    assert not CLOSED.admits(NOW_S + 599.9)
    assert CLOSED.admits(NOW_S + 600)


def test_drain_lasts_until_the_restart_also_after_its_time() -> None:
    assert not DRAINING.admits(NOW_S + 10_000)
    assert DRAINING.restarts_in_s(NOW_S + 10_000) == 0
    assert DRAINING.restarted(NOW_S).admits(NOW_S)


def test_restart_ends_a_drain_and_not_a_closing() -> None:
    both = CLOSED.draining(NOW_S + 60)
    assert both.restarted(NOW_S + 60) == CLOSED
    assert both.restarted(NOW_S + 600) == OPEN
    assert both.opens_in_s(NOW_S) == 600


def test_second_order_replaces_the_first() -> None:
    assert CLOSED.closed(NOW_S + 60) == OPEN.closed(NOW_S + 60)
    assert DRAINING.draining(NOW_S + 60) == OPEN.draining(NOW_S + 60)


@pytest.mark.parametrize(
    ("left_s", "minutes"), [(900, 15), (299.9995, 5), (301, 6), (61, 2), (60, 1), (1, 1), (0, 1)]
)
def test_minutes_to_a_restart_are_never_too_few(left_s: float, minutes: int) -> None:
    assert DRAINING.restarts_in_min(NOW_S + 300 - left_s) == minutes


@pytest.mark.parametrize("closing", [OPEN, CLOSED, DRAINING, CLOSED.draining(NOW_S + 60)])
def test_order_arrives_in_another_process_with_another_clock(closing: Closing) -> None:
    text = closing.to_json(NOW_S)
    assert "\n" not in text
    arrived = Closing.from_json(text, 7_000.0)
    assert arrived.words == closing.words
    assert arrived.is_draining == closing.is_draining
    assert arrived.opens_in_s(7_000.0) == closing.opens_in_s(NOW_S)
    assert arrived.restarts_in_s(7_000.0) == closing.restarts_in_s(NOW_S)


@pytest.mark.parametrize(
    "text",
    [
        *("", "7", "[]", "{}", "[" * 100_000, '{"closed_s": true, "words": ""}'),
        *('{"closed_s": "9", "words": ""}', '{"closed_s": 9, "words": 7}', '{"closed_s": 9'),
        *('{"closed_s": Infinity, "words": ""}', '{"drain_s": NaN, "words": ""}', "\udcff"),
        f'{{"closed_s": 9, "words": "{"x" * (MAX_WORDS_CHARS + 1)}"}}',
    ],
)
def test_anything_else_is_no_order(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        Closing.from_json(text, NOW_S)


@pytest.mark.parametrize("seconds", [60, 60.0, 86_400])
def test_duration_within_its_bounds_is_accepted(seconds: object) -> None:
    assert check_duration(seconds, CLOSED_S) == seconds


@pytest.mark.parametrize("seconds", [0, 59.9, 7_201, -60, True, "60", None, float("nan"), 1e400])
def test_any_other_duration_is_refused(seconds: object) -> None:
    with pytest.raises(OperatorError, match="too short or too long"):
        check_duration(seconds, DRAIN_S)


def test_words_are_one_line_without_what_hides_or_reorders_text() -> None:
    assert read_words(" Back\x1b[2J at\r\nnoon\u202e\x00 \u0633\u0644\u0627\u0645 ") == (
        "Back[2J at noon \u0633\u0644\u0627\u0645"
    )


@pytest.mark.parametrize("raw", ["", " \n\x07\u200f", "x" * 301, "x" * 10_000, "\x00" * 10_000])
def test_words_that_are_empty_or_too_long_are_refused(raw: str) -> None:
    with pytest.raises(OperatorError, match="the words for visitors are"):
        read_words(raw)


@pytest.mark.parametrize("letter", ["\u06a9", "\U0001f642", '"', "\\"])
def test_longest_words_are_accepted_and_fit_the_line(letter: str) -> None:
    words = read_words(letter * MAX_WORDS_CHARS)
    assert len(words) == MAX_WORDS_CHARS
    text = OPEN.closed(NOW_S + 86_399.123456789, words).draining(NOW_S + 7_199.123456789)
    assert text.to_json(NOW_S).isascii()
    assert len(text.to_json(NOW_S)) <= MAX_JSON_BYTES
