"""The tables of the life of a stream."""

from __future__ import annotations

import pytest

from server.stream.state import NEXT_PHASE, TRANSITIONS, RatePhase, StreamInput, StreamState


@pytest.mark.parametrize("state", StreamState)
def test_every_state_ends_when_the_transport_is_closed(state: StreamState) -> None:
    assert TRANSITIONS[state][StreamInput.CLOSED] is StreamState.ENDED


@pytest.mark.parametrize("event", StreamInput)
def test_no_event_leads_out_of_the_end(event: StreamInput) -> None:
    after = TRANSITIONS[StreamState.ENDED].get(event, StreamState.ENDED)
    assert after is StreamState.ENDED


@pytest.mark.parametrize("event", StreamInput)
def test_blocked_stream_never_goes_live_without_reading(event: StreamInput) -> None:
    assert TRANSITIONS[StreamState.BLOCKED].get(event) is not StreamState.LIVE


@pytest.mark.parametrize("state", [StreamState.LIVE, StreamState.CATCHING_UP])
def test_full_transport_blocks_every_open_stream(state: StreamState) -> None:
    assert TRANSITIONS[state][StreamInput.PAUSED] is StreamState.BLOCKED


def test_phases_of_a_constant_rate_lead_to_the_last_one_and_end_there() -> None:
    phase = RatePhase.OPENING
    seen = [phase]
    while phase in NEXT_PHASE:
        phase = NEXT_PHASE[phase]
        seen.append(phase)
    assert seen == list(RatePhase)
