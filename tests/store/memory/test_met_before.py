"""What two sessions have behind them goes with the first of them that goes."""

from __future__ import annotations

import gc

from hypothesis import given
from hypothesis import strategies as st

from server.core.ids import Handle
from server.core.limits import MAX_BLOCKED
from server.store.memory.met_before import MetBefore


def handle(number: int) -> Handle:
    return Handle(number.to_bytes(16, "big"))


ONE, TWO, THREE = handle(1), handle(2), handle(3)


def test_last_partner_is_the_latest() -> None:
    past = MetBefore()
    assert past.last_partner(ONE) is None
    past.record(ONE, TWO)
    past.record(ONE, THREE)
    assert (past.last_partner(ONE), past.last_partner(TWO), past.last_partner(THREE)) == (
        THREE,
        ONE,
        ONE,
    )


def test_block_is_one_sided() -> None:
    past = MetBefore()
    past.block(ONE, TWO)
    past.block(ONE, TWO)
    assert past.blocked(ONE) == frozenset({TWO})
    assert past.blocked(TWO) == frozenset()


def test_blocked_session_cannot_undo_the_block() -> None:
    past = MetBefore()
    past.block(ONE, TWO)
    for number in range(10, 11 + 2 * MAX_BLOCKED):
        past.block(TWO, handle(number))
    assert past.blocked(ONE) == frozenset({TWO})


def test_oldest_of_too_many_blocks_is_dropped() -> None:
    past = MetBefore()
    for number in range(10, 11 + MAX_BLOCKED):
        past.block(ONE, handle(number))
    assert len(past.blocked(ONE)) == MAX_BLOCKED
    assert handle(10) not in past.blocked(ONE)
    assert past.blocked(handle(10)) == frozenset()


ACTS = st.tuples(
    st.sampled_from(["record", "block", "forget"]), st.integers(1, 5), st.integers(1, 5)
)


@given(st.lists(ACTS, max_size=40))
def test_forgotten_session_is_in_no_table(acts: list[tuple[str, int, int]]) -> None:
    past = MetBefore()
    for act, one, other in acts:
        if act == "forget":
            past.forget(handle(one))
            others = [handle(number) for number in range(1, 6)]
            assert all(handle(one) not in past.blocked(who) for who in others)
            assert all(past.last_partner(who) != handle(one) for who in others)
        elif one != other:
            getattr(past, act)(handle(one), handle(other))
    for number in range(1, 6):
        past.forget(handle(number))
    tables = [table for table in gc.get_referents(past) if table]
    assert not [table for table in tables if isinstance(table, dict) and len(table) > 3]
    assert (past._blocked, past._last_partner, past._last_partner_of) == ({}, {}, {})
