"""The life of a service follows its table, and nothing else can happen to it."""

from __future__ import annotations

from itertools import product

import pytest

from onion.health import TRANSITIONS, Event, Health, after


def life(*events: Event) -> Health:
    health = Health.LAUNCHING
    for event in events:
        health = after(health, event)
    return health


def test_service_is_published_after_attaching_bootstrapping_and_an_upload() -> None:
    assert life(Event.ATTACHED, Event.BOOTSTRAPPED, Event.UPLOADED) is Health.PUBLISHED


@pytest.mark.parametrize("health", Health)
def test_every_health_is_in_the_table(health: Health) -> None:
    assert health in TRANSITIONS


@pytest.mark.parametrize("health", [h for h in Health if h is not Health.WITHDRAWN])
def test_loss_at_any_time_is_down(health: Health) -> None:
    assert after(health, Event.LOST) is Health.DOWN


def test_tor_that_ends_after_the_withdrawal_is_no_loss() -> None:
    assert life(Event.ATTACHED, Event.WITHDREW, Event.LOST) is Health.WITHDRAWN


def test_one_death_may_be_told_twice() -> None:
    assert life(Event.ATTACHED, Event.LOST, Event.LOST, Event.WITHDREW) is Health.DOWN


@pytest.mark.parametrize(
    ("health", "event"),
    [(h, e) for h, e in product(Health, Event) if e not in TRANSITIONS[h]],
    ids=lambda value: value.value,
)
def test_event_that_is_not_in_the_table_raises(health: Health, event: Event) -> None:
    with pytest.raises(ValueError, match=health.value):
        after(health, event)
