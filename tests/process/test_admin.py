"""The admin socket tells blurred counts to its owner, and stays calm whatever it is sent."""

from __future__ import annotations

import pytest

from tests.fakes import ChatPair

from .house import House


async def test_status_is_counts_and_blurred(house: House) -> None:
    await ChatPair.meet(house.browser(), house.browser())
    assert house.ask_admin(b"status\n") == {
        "status": "serving",
        "sessions": 10,
        "waiting": 0,
        "conversations": 10,
        "streams": 0,
        "failures": 0,
    }


@pytest.mark.parametrize("line", [b"help\n", b"\n", b"STATUS\n", b"status now\n", b"\xff\x00\n"])
def test_unknown_word_is_answered_with_the_known_ones(house: House, line: bytes) -> None:
    assert house.ask_admin(line) == {"error": "unknown command", "known": ["status"]}


def test_line_that_is_too_long_is_hung_up_on_and_the_next_is_answered(house: House) -> None:
    with pytest.raises((AssertionError, ConnectionError)):
        house.ask_admin(b"x" * 10_000 + b"\n")
    assert house.ask_admin(b"status\n")["status"] == "serving"


def test_answer_names_nobody(house: House) -> None:
    told = house.ask_admin(b"status\n")
    assert all(isinstance(value, int) for name, value in told.items() if name != "status")
