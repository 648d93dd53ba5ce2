"""The condition of a service changes as the tables say, and the worse of both is shown."""

from __future__ import annotations

import pytest

from onion.service_state import (
    ADMISSION,
    REACH,
    SHOWN,
    Admission,
    Condition,
    Reach,
    ServiceEvent,
    ServiceState,
)


def state_after(*events: ServiceEvent) -> ServiceState:
    condition = Condition()
    for event in events:
        condition = condition.after(event)
    return condition.state


UP = (ServiceEvent.LAUNCHED, ServiceEvent.UPLOADED, ServiceEvent.REACHED)


def test_confirmed_upload_alone_is_not_published() -> None:
    assert state_after(*UP[:2]) is ServiceState.UNCONFIRMED
    assert state_after(*UP) is ServiceState.PUBLISHED


def test_one_failed_visit_is_unconfirmed_and_several_are_unreachable() -> None:
    once = (*UP, ServiceEvent.MISSED)
    assert state_after(*once) is ServiceState.UNCONFIRMED
    assert state_after(*once, ServiceEvent.MISSED) is ServiceState.UNCONFIRMED
    assert state_after(*once, ServiceEvent.GIVEN_UP) is ServiceState.UNREACHABLE


def test_unreachable_service_stays_so_until_a_visit_succeeds() -> None:
    lost = (*UP, ServiceEvent.MISSED, ServiceEvent.GIVEN_UP)
    new_tor = (ServiceEvent.LOST, ServiceEvent.LAUNCHED, ServiceEvent.UPLOADED)
    assert state_after(*lost, *new_tor) is ServiceState.UNREACHABLE
    assert state_after(*lost, *new_tor, ServiceEvent.REACHED) is ServiceState.PUBLISHED


def test_service_without_its_tor_is_down_until_it_starts_again() -> None:
    assert state_after(*UP, ServiceEvent.LOST, ServiceEvent.LOST) is ServiceState.DOWN
    assert state_after(*UP, ServiceEvent.LOST, ServiceEvent.LAUNCHED) is ServiceState.STARTING


def test_late_answer_of_a_tor_that_ended_changes_nothing() -> None:
    for late in (ServiceEvent.REACHED, ServiceEvent.MISSED, ServiceEvent.UPLOADED):
        assert state_after(*UP, ServiceEvent.LOST, late) is ServiceState.DOWN


def test_admission_outlives_a_new_tor() -> None:
    again = (ServiceEvent.LOST, *UP)
    assert state_after(*UP, ServiceEvent.CLOSED, *again) is ServiceState.CLOSED
    assert state_after(*UP, ServiceEvent.DRAINED, *again) is ServiceState.DRAINING
    assert state_after(*UP, ServiceEvent.CLOSED, ServiceEvent.OPENED) is ServiceState.PUBLISHED


@pytest.mark.parametrize("admission", Admission)
def test_what_cannot_be_reached_is_never_shown_as_closed(admission: Admission) -> None:
    for reach in (Reach.STARTING, Reach.UNREACHABLE, Reach.DOWN):
        state = Condition(reach, admission).state
        assert state.value == reach.value
        assert not state.lets_visitors_in


def test_every_pair_has_a_state_and_every_state_a_pair() -> None:
    shown = {SHOWN[reach][admission] for reach in Reach for admission in Admission}
    assert shown == set(ServiceState)


@pytest.mark.parametrize("event", ServiceEvent)
def test_every_event_has_its_place_in_one_table(event: ServiceEvent) -> None:
    rows = [event in row for row in REACH.values()]
    assert set(REACH) == set(Reach)
    assert all(rows) != (event in ADMISSION)
    assert any(rows) == all(rows)
