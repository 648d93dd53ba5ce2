"""What two sessions have behind them goes with the first of them that goes."""

from __future__ import annotations

import gc

from hypothesis import given
from hypothesis import strategies as st

from server.core.ids import Handle
from server.core.limits import MAX_NEVER
from server.store.memory.met_before import Past


def handle(number: int) -> Handle:
    return Handle(number.to_bytes(16, "big"))


ONE, TWO, THREE = handle(1), handle(2), handle(3)


def test_last_is_whom_one_met_last() -> None:
    past = Past()
    assert past.last(ONE) is None
    past.met(ONE, TWO)
    past.met(ONE, THREE)
    assert (past.last(ONE), past.last(TWO), past.last(THREE)) == (THREE, ONE, ONE)


def test_never_again_is_what_one_side_wants() -> None:
    past = Past()
    past.part(ONE, TWO)
    past.part(ONE, TWO)
    assert past.never(ONE) == frozenset({TWO})
    assert past.never(TWO) == frozenset()


def test_who_is_not_wanted_can_do_nothing_about_it() -> None:
    past = Past()
    past.part(ONE, TWO)
    for number in range(10, 11 + 2 * MAX_NEVER):
        past.part(TWO, handle(number))
    assert past.never(ONE) == frozenset({TWO})


def test_oldest_is_let_go_when_there_are_too_many() -> None:
    past = Past()
    for number in range(10, 11 + MAX_NEVER):
        past.part(ONE, handle(number))
    assert len(past.never(ONE)) == MAX_NEVER
    assert handle(10) not in past.never(ONE)
    assert past.never(handle(10)) == frozenset()


ACTS = st.tuples(st.sampled_from(["met", "part", "forget"]), st.integers(1, 5), st.integers(1, 5))


@given(st.lists(ACTS, max_size=40))
def test_nothing_speaks_of_who_was_forgotten(acts: list[tuple[str, int, int]]) -> None:
    past = Past()
    for act, one, other in acts:
        if act == "forget":
            past.forget(handle(one))
            others = [handle(number) for number in range(1, 6)]
            assert all(handle(one) not in past.never(who) for who in others)
            assert all(past.last(who) != handle(one) for who in others)
        elif one != other:
            getattr(past, act)(handle(one), handle(other))
    for number in range(1, 6):
        past.forget(handle(number))
    tables = [table for table in gc.get_referents(past) if table]
    assert not [table for table in tables if isinstance(table, dict) and len(table) > 3]
    assert (past._never, past._last, past._last_of) == ({}, {}, {})
