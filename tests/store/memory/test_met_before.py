"""Past partners and blocks of two sessions are deleted with the first session that ends."""

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
    met = MetBefore()
    assert met.last_partner(ONE) is None
    met.record(ONE, TWO)
    met.record(ONE, THREE)
    assert [met.last_partner(one) for one in (ONE, TWO, THREE)] == [THREE, ONE, ONE]


def test_block_is_one_sided() -> None:
    met = MetBefore()
    met.block(ONE, TWO)
    met.block(ONE, TWO)
    assert met.blocked(ONE) == frozenset({TWO})
    assert met.blocked(TWO) == frozenset()


def test_blocked_session_cannot_undo_the_block() -> None:
    met = MetBefore()
    met.block(ONE, TWO)
    for number in range(10, 11 + 2 * MAX_BLOCKED):
        met.block(TWO, handle(number))
    assert met.blocked(ONE) == frozenset({TWO})


def test_oldest_of_too_many_blocks_is_dropped() -> None:
    met = MetBefore()
    for number in range(10, 11 + MAX_BLOCKED):
        met.block(ONE, handle(number))
    assert len(met.blocked(ONE)) == MAX_BLOCKED
    assert handle(10) not in met.blocked(ONE)
    assert met.blocked(handle(10)) == frozenset()


def test_renamed_session_keeps_its_records_and_views() -> None:
    met = MetBefore()
    new = handle(9)
    met.record(ONE, TWO)
    met.block(ONE, THREE)
    met.block(ONE, TWO)
    met.block(THREE, TWO)
    met.block(THREE, ONE)
    met.block(THREE, handle(4))
    mine, theirs = met.blocked(ONE), met.blocked(THREE)
    assert met.rename(ONE, new) == [TWO]
    assert list(mine) == list(met.blocked(new)) == [THREE, TWO]
    assert list(theirs) == [TWO, new, handle(4)]
    assert (met.last_partner(TWO), met.last_partner(new), met.last_partner(ONE)) == (new, TWO, None)
    assert met.forget(ONE) == []
    assert met.forget(new) == [TWO]
    assert list(theirs) == [TWO, handle(4)]


ACTIONS = st.tuples(
    st.sampled_from(["record", "block", "forget", "rename"]), st.integers(1, 5), st.integers(1, 5)
)


@given(st.lists(ACTIONS, max_size=40))
def test_forgotten_session_is_in_no_table(actions: list[tuple[str, int, int]]) -> None:
    met = MetBefore()
    for action, one, other in actions:
        if action == "forget":
            met.forget(handle(one))
            others = [handle(number) for number in range(1, 6)]
            assert all(handle(one) not in met.blocked(who) for who in others)
            assert all(met.last_partner(who) != handle(one) for who in others)
        elif action == "rename":
            # To a handle that was never used, as a new secret has one, and back.
            met.rename(handle(one), handle(99))
            assert handle(one) not in {met.last_partner(handle(n)) for n in range(1, 6)}
            met.rename(handle(99), handle(one))
        elif one != other:
            getattr(met, action)(handle(one), handle(other))
    for number in range(1, 6):
        met.forget(handle(number))
    tables = [table for table in gc.get_referents(met) if table]
    assert not [table for table in tables if isinstance(table, dict) and len(table) > 3]
    assert (met._blocked, met._last_partner, met._last_partner_of) == (
        {},
        {},
        {},
    )
