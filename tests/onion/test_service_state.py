"""The state of a service changes only as the table of transitions allows."""

from __future__ import annotations

from itertools import product

import pytest

from onion.service_state import TRANSITIONS, ServiceEvent, ServiceState, next_state


def state_after(*events: ServiceEvent) -> ServiceState:
    state = ServiceState.LAUNCHING
    for event in events:
        state = next_state(state, event)
    return state


def test_service_is_published_after_bootstrap_and_upload() -> None:
    events = (ServiceEvent.ATTACHED, ServiceEvent.BOOTSTRAPPED, ServiceEvent.UPLOADED)
    assert state_after(*events) is ServiceState.PUBLISHED


@pytest.mark.parametrize("state", ServiceState)
def test_every_state_is_in_the_table(state: ServiceState) -> None:
    assert state in TRANSITIONS


@pytest.mark.parametrize("state", [h for h in ServiceState if h is not ServiceState.WITHDRAWN])
def test_loss_in_any_state_leads_to_down(state: ServiceState) -> None:
    assert next_state(state, ServiceEvent.LOST) is ServiceState.DOWN


def test_end_of_tor_after_the_withdrawal_changes_nothing() -> None:
    events = (ServiceEvent.ATTACHED, ServiceEvent.WITHDREW, ServiceEvent.LOST)
    assert state_after(*events) is ServiceState.WITHDRAWN


def test_one_death_may_be_reported_twice() -> None:
    twice = (ServiceEvent.LOST, ServiceEvent.LOST)
    assert state_after(ServiceEvent.ATTACHED, *twice, ServiceEvent.WITHDREW) is ServiceState.DOWN


@pytest.mark.parametrize(
    ("state", "event"),
    [(h, e) for h, e in product(ServiceState, ServiceEvent) if e not in TRANSITIONS[h]],
    ids=lambda value: value.value,
)
def test_event_that_is_not_in_the_table_raises(state: ServiceState, event: ServiceEvent) -> None:
    with pytest.raises(ValueError, match=state.value):
        next_state(state, event)
