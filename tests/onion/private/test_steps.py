"""The making of a network is told in percentages that never fall and end at 100."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from onion.bootstrap import Progress
from onion.private.steps import Steps


def test_whole_way_is_told_from_zero_to_a_hundred() -> None:
    told: list[Progress] = []
    steps = Steps(told.append)
    steps.begin("keys", "Making keys")
    for _ in range(5):
        steps.advance()
    steps.begin("launch", "Starting")
    for _ in range(5):
        steps.advance()
    steps.begin("consensus", "Waiting")
    for words in ("Time to vote.", "Time to compute a consensus."):
        for _ in range(5):
            steps.note(f"Nov 21 03:49:54.360 [notice] {words}")
    steps.finish()
    percents = [progress.percent for progress in told]
    assert percents[0] == 0
    assert percents[-1] == 100
    assert percents == sorted(percents)
    assert told[-1].tag == "done"


def test_lines_count_only_while_a_consensus_is_awaited() -> None:
    steps = Steps(None)
    steps.begin("launch", "Starting")
    steps.note("Nov 21 03:49:54.360 [notice] Time to vote.")
    assert steps.percent == 15
    steps.begin("consensus", "Waiting")
    steps.note("Nov 21 03:49:54.360 [notice] Something else")
    assert steps.percent == 25


@given(st.lists(st.sampled_from(["keys", "launch", "consensus", "step"]), max_size=200))
def test_percentage_never_falls_and_is_a_hundred_only_at_the_end(happenings: list[str]) -> None:
    told: list[Progress] = []
    steps = Steps(told.append)
    steps.begin("keys", "")
    for happening in happenings:
        if happening == "step":
            steps.advance()
        else:
            steps.begin(happening, "")
    percents = [progress.percent for progress in told]
    assert percents == sorted(percents)
    assert percents[-1] < 100
