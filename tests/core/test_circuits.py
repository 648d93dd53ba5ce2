"""A circuit has one account while it is in use, another one later, and no number is stored."""

from __future__ import annotations

import gc
from collections import defaultdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from server.core.circuits import CIRCUIT_KEY_BYTES, CIRCUIT_PERIOD_S, Circuit, CircuitTable
from server.core.ids import CircuitKey

PERIOD_S = 100.0
SLICE_S = 1.0

IDS = [b"0:46", b"ffff:ffff"]

STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("open"), st.sampled_from(IDS)),
        st.tuples(st.just("close"), st.sampled_from(IDS)),
        st.tuples(st.just("wait"), st.sampled_from([30.0, 80.0, 130.0, 230.0])),
    ),
    max_size=40,
)


class Edge:
    """What the listener does with a table: it holds the ids of open connections, and sweeps."""

    def __init__(self, capacity: int = 100) -> None:
        self.table = CircuitTable(capacity, PERIOD_S)
        self.now_s = 0.0
        self.opened: defaultdict[bytes, list[Circuit]] = defaultdict(list)
        self.table.sweep(self.now_s)

    def open(self, circuit_id: bytes) -> CircuitKey:
        """Open a connection; return the key of its circuit."""
        self.opened[circuit_id].append(self.table.open(circuit_id))
        return self.opened[circuit_id][-1].key

    def close(self, circuit_id: bytes) -> None:
        """Close a connection of this circuit, if one is open."""
        if self.opened[circuit_id]:
            self.table.close(self.opened[circuit_id].pop())

    def wait(self, seconds: float) -> None:
        """Let time pass, in which the table is swept."""
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.now_s = min(until_s, self.now_s + SLICE_S)
            if self.table.sweep(self.now_s):
                for circuit_id, circuits in self.opened.items():
                    for circuit in circuits:
                        self.table.keep(circuit_id, circuit)


@given(STEPS)
@settings(deadline=None)
def test_account_is_kept_while_connected_and_replaced_after_two_quiet_periods(
    steps: list[tuple[str, bytes | float]],
) -> None:
    edge = Edge()
    last: dict[bytes, tuple[CircuitKey, float]] = {}
    for step, value in steps:
        if isinstance(value, float):
            edge.wait(value)
            continue
        if step == "close":
            was_open = bool(edge.opened[value])
            edge.close(value)
            if was_open:
                last[value] = last[value][0], edge.now_s
            continue
        is_open = bool(edge.opened[value])
        key = edge.open(value)
        if value in last:
            known, quiet_since_s = last[value]
            if is_open or edge.now_s - quiet_since_s < PERIOD_S - SLICE_S:
                assert key == known
            elif edge.now_s - quiet_since_s > 2 * PERIOD_S + SLICE_S:
                assert key != known
        last[value] = key, edge.now_s
    keys = [circuits[0].key for circuits in edge.opened.values() if circuits]
    assert len(set(keys)) == len(keys), "two circuits share an account"


@given(st.lists(st.sampled_from([b"%x:%x" % (n, n) for n in range(12)]), max_size=60), st.data())
@settings(deadline=None)
def test_table_never_exceeds_its_capacity_and_keeps_those_with_connections(
    ids: list[bytes], data: st.DataObject
) -> None:
    edge = Edge(capacity=5)
    for circuit_id in ids:
        before = {i: edge.opened[i][0].key for i in edge.opened if edge.opened[i]}
        if len(before) < 5 or circuit_id in before:
            key = edge.open(circuit_id)
            assert before.get(circuit_id, key) == key
        if data.draw(st.booleans()):
            edge.close(circuit_id)
        if data.draw(st.booleans()):
            edge.wait(PERIOD_S)
        assert len(edge.table) <= 5


def test_full_table_gives_each_further_connection_an_account_of_its_own() -> None:
    edge = Edge(capacity=2)
    known = [edge.open(b"0:1"), edge.open(b"0:2")]
    further = [edge.open(b"0:3"), edge.open(b"0:3")]
    assert len({*known, *further}) == 4
    assert len(edge.table) == 2


def test_circuit_that_was_unused_for_longest_is_forgotten_first() -> None:
    edge = Edge(capacity=2)
    keys = {circuit_id: edge.open(circuit_id) for circuit_id in (b"0:1", b"0:2")}
    for circuit_id in (b"0:1", b"0:2"):
        edge.close(circuit_id)
    assert edge.open(b"0:1") == keys[b"0:1"]
    edge.close(b"0:1")
    edge.open(b"0:3")
    assert edge.open(b"0:1") == keys[b"0:1"]
    edge.close(b"0:1")
    assert edge.open(b"0:2") != keys[b"0:2"]


def test_connection_that_stays_open_keeps_its_account_for_hours() -> None:
    edge = Edge()
    key = edge.open(b"0:46")
    edge.wait(40 * PERIOD_S)
    assert edge.open(b"0:46") == key
    assert len(edge.table) == 1


@pytest.mark.parametrize(("quiet_s", "is_known"), [(PERIOD_S - 2, True), (2 * PERIOD_S + 2, False)])
@pytest.mark.parametrize("before_s", [0.0, 50.0, 99.0])
def test_quiet_circuit_is_known_for_one_period_and_unknown_after_two(
    quiet_s: float, is_known: bool, before_s: float
) -> None:
    edge = Edge()
    edge.wait(before_s)
    key = edge.open(b"0:46")
    edge.close(b"0:46")
    edge.wait(quiet_s)
    assert (edge.open(b"0:46") == key) is is_known


def test_quiet_circuits_are_swept_out() -> None:
    edge = Edge()
    for number in range(20):
        edge.open(b"0:%x" % number)
        edge.close(b"0:%x" % number)
    assert len(edge.table) == 20
    edge.wait(2 * PERIOD_S)
    assert len(edge.table) == 0


def test_same_number_leads_to_another_digest_in_each_period() -> None:
    edge = Edge()
    edge.open(b"0:46")
    seen = set()
    for _ in range(5):
        (digest,) = edge.table._now
        seen.add(digest)
        edge.wait(PERIOD_S)
    assert len(seen) == 5


def test_sweep_that_comes_very_late_forgets_quiet_circuits_at_once() -> None:
    table = CircuitTable(period_s=PERIOD_S)
    table.sweep(0)
    quiet = table.open(b"0:1")
    table.close(quiet)
    busy = table.open(b"0:2")
    assert table.sweep(2 * PERIOD_S)
    assert table.open(b"0:1").key != quiet.key
    assert table.open(b"0:2").key == busy.key


@pytest.mark.parametrize("circuit_id", [b"1a2b:3c4d", b"0:46"])
def test_table_holds_no_number_of_tor(circuit_id: bytes) -> None:
    table = CircuitTable()
    circuit = table.open(circuit_id)
    table.keep(circuit_id, circuit)
    assert len(circuit.key) == CIRCUIT_KEY_BYTES
    seen: set[int] = set()
    left: list[object] = [table]
    while left:
        thing = left.pop()
        if id(thing) in seen or isinstance(thing, type):
            continue
        seen.add(id(thing))
        assert not (isinstance(thing, bytes) and circuit_id in thing)
        left += gc.get_referents(thing)


def test_same_number_has_another_key_in_another_table() -> None:
    keys = {CircuitTable().open(b"0:46").key for _ in range(20)}
    assert len(keys) == 20


def test_period_is_a_few_minutes() -> None:
    assert 60 <= CIRCUIT_PERIOD_S <= 600
