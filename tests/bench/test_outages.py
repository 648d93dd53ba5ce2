"""An outage is held if newcomers were answered in time and nothing was lost, doubled or shown."""

from __future__ import annotations

from dataclasses import replace

import pytest

from bench import acknowledged
from bench.acknowledged import Pairs, Person
from bench.outages import BAR_S, Outcome
from server.demo.text_browser import TextBrowser
from tests.fakes import Talker

HELD = Outcome([1.0, BAR_S], [2.0], acknowledged=9)


@pytest.mark.parametrize(
    ("outcome", "verdict"),
    [
        (HELD, "held"),
        (replace(HELD, newcomer_s=[1.0, BAR_S + 0.1]), "NOT HELD"),
        (replace(HELD, lost=1), "NOT HELD"),
        (replace(HELD, doubled=1), "NOT HELD"),
        (replace(HELD, seen_of_before=1), "NOT HELD"),
    ],
)
def test_bar_is_held_at_its_limit_and_without_any_loss(outcome: Outcome, verdict: str) -> None:
    assert verdict in outcome.row("tor killed")


async def no_connection() -> None:
    raise ConnectionRefusedError


def visitor(_: str) -> TextBrowser:
    return TextBrowser(no_connection)  # type: ignore[arg-type]


def person(name: str) -> Person:
    return Person(Talker(visitor(name), "/chat/x"), name)


async def test_messages_are_compared_with_what_the_other_one_has_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(acknowledged, "ARRIVE_S", 0.0)
    pairs, one, other = Pairs(visitor, 1, "t"), person("one"), person("other")
    pairs.pairs.append((one, other))
    one.acknowledged += [(1.0, "read"), (2.0, "lost"), (3.0, "twice")]
    other.received.update({"read": 1, "twice": 2, "never acknowledged": 1})
    assert await pairs.compare() == (3, 1, 1)
    assert await pairs.compare() == (0, 0, 0), "each is compared once"
    other.acknowledged.append((4.0, "back"))
    one.received["back"] += 1
    assert await pairs.compare() == (1, 0, 0)
