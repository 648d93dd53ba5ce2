"""The start of a network is reported in percentages that never fall and end at 100."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onion.bootstrap import Progress
from onion.private.steps import Steps


def test_progress_goes_from_zero_to_a_hundred() -> None:
    reported: list[Progress] = []
    steps = Steps(reported.append)
    steps.begin("keys", "Making keys")
    for _ in range(5):
        steps.advance()
    steps.begin("launch", "Starting")
    for _ in range(5):
        steps.advance()
    steps.begin("consensus", "Waiting")
    for text in ("Time to vote.", "Time to compute a consensus."):
        for _ in range(5):
            steps.note(f"Nov 21 03:49:54.360 [notice] {text}")
    steps.finish()
    percents = [progress.percent for progress in reported]
    assert percents[0] == 0
    assert percents[-1] == 100
    assert percents == sorted(percents)
    assert reported[-1].tag == "done"


def test_log_lines_count_only_in_the_consensus_phase() -> None:
    steps = Steps(None)
    steps.begin("launch", "Starting")
    steps.note("Nov 21 03:49:54.360 [notice] Time to vote.")
    assert steps.percent == 15
    steps.begin("consensus", "Waiting")
    steps.note("Nov 21 03:49:54.360 [notice] Something else")
    assert steps.percent == 25


@given(st.lists(st.sampled_from(["keys", "launch", "consensus", "step"]), max_size=200))
def test_percentage_never_falls_and_ends_at_a_hundred(actions: list[str]) -> None:
    reported: list[Progress] = []
    steps = Steps(reported.append)
    steps.begin("keys", "")
    for action in actions:
        if action == "step":
            steps.advance()
        else:
            steps.begin(action, "")
    percents = [progress.percent for progress in reported]
    assert percents == sorted(percents)
    assert percents[-1] < 100
