"""The simulation of an attacker distinguishes the rule of the server from the one before it."""

from __future__ import annotations

import pytest

from bench import matching_attack
from bench.matching_attack import EITHER, Attacker, Rule, recognise, simulate

BEFORE, NOW = Rule(None), Rule()


@pytest.fixture(autouse=True)
def _few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(matching_attack, "PEOPLE", 200)
    monkeypatch.setattr(matching_attack, "TRIALS", 60)


def test_five_tickets_took_everybody_and_do_not_any_more() -> None:
    assert simulate(BEFORE, 1.0, Attacker(5, "unknown"), EITHER).honest_percent == 0
    assert simulate(NOW, 1.0, Attacker(5, "unknown"), EITHER).honest_percent > 5
    assert simulate(NOW, 1.0, Attacker(20, "one"), EITHER).honest_percent > 75


def test_person_who_was_passed_on_is_recognised_less() -> None:
    assert recognise(BEFORE, 4, None) > 85
    assert recognise(NOW, 4, None) < 65


def test_people_alone_meet_each_other() -> None:
    outcome = simulate(NOW, 1.0, Attacker(0, "unknown"), EITHER)
    assert outcome.met_attacker == 0
    assert outcome.wait_s(50) <= 2
