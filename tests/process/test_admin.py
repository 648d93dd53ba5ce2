"""The admin socket tells blurred counts to its owner, and stays calm whatever it is sent."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from server.admin import ask_store
from server.core.errors import OperatorError
from server.supervisor.thief import spellings
from tests.fakes import ChatPair

from .house import House, running_house


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


@pytest.mark.parametrize(
    "line", [b"help\n", b"\n", b"STATUS\n", b"status now\n", b"\xff\x00\n", b"store\n"]
)
def test_unknown_word_is_answered_with_the_known_ones(house: House, line: bytes) -> None:
    assert house.ask_admin(line) == {"error": "unknown command", "known": ["status"]}


def test_line_that_is_too_long_is_hung_up_on_and_the_next_is_answered(house: House) -> None:
    with pytest.raises((AssertionError, ConnectionError)):
        house.ask_admin(b"x" * 10_000 + b"\n")
    assert house.ask_admin(b"status\n")["status"] == "serving"


def test_answer_names_nobody(house: House) -> None:
    told = house.ask_admin(b"status\n")
    assert all(isinstance(value, int) for name, value in told.items() if name != "status")


# What the demo shows


def test_house_shows_nobody_its_store_unless_it_was_started_for_it(house: House) -> None:
    with pytest.raises(OperatorError, match="does not show its store"):
        ask_store(house.admin_socket)


async def test_thief_of_the_store_finds_names_and_no_word(tmp_path: Path) -> None:
    word = "lamplight-heron-quartz"
    with running_house(tmp_path, "--show-store") as house:
        pair = await ChatPair.meet(house.browser(), house.browser())
        await pair.first.say(word)
        (line,) = [line for line in await pair.second.lines() if line.text == word]
        loot = ask_store(house.admin_socket)
    kept = b"".join(loot.values)
    assert not [needle for needle in spellings(word).values() if needle in kept]
    for talker in (pair.first, pair.second):
        assert talker.chat.removeprefix("/chat/").encode() in kept
        _, cookie = talker.browser.cookie.split("=")
        assert cookie.encode() not in kept
        assert base64.urlsafe_b64decode(cookie + "=") not in kept
    assert [told for told in loot.picture if line.name in told]
    assert [told for told in loot.picture if "message of member 1, 104 bytes" in told]
    assert word not in "".join(loot.picture)
