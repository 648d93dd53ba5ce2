"""A name is kept while its owner is present or an entry names them, and no longer."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.core.room.log import OF_SERVER, Entry, Kind
from server.core.room.name_registry import NameRegistry, named_in
from server.core.room.names import Name


def make_registry(people: int = 0) -> NameRegistry:
    registry = NameRegistry()
    for _ in range(people):
        registry.register()
    return registry


def about(number: int, kind: Kind = Kind.MESSAGE, other: int = 0) -> Entry:
    return Entry(1, kind, number, other)


def met(first: int, second: int) -> Entry:
    return about(first, Kind.MET, second)


def test_numbers_start_at_one_and_are_never_reused() -> None:
    registry = make_registry()
    assert [registry.register(), registry.register()] == [1, 2]
    registry.leave(2)
    assert registry.register() == 3
    registry.clear()
    assert registry.register() == 4


def test_given_name_is_kept_and_others_are_drawn() -> None:
    registry = make_registry()
    name = Name(3, 5)
    assert registry.get(registry.register(name)) == name
    drawn = registry.get(registry.register())
    assert drawn is not None
    assert (drawn.first, drawn.second) != (name.first, name.second)


def test_kept_names_share_no_word() -> None:
    registry = make_registry(people=150)
    names = [name for number in registry.known if (name := registry.get(number)) is not None]
    assert len({name.first for name in names}) == len({name.second for name in names}) == 150


def test_name_of_a_leaver_without_entries_is_deleted() -> None:
    registry = make_registry(people=2)
    registry.leave(1)
    assert registry.known == {2}
    assert registry.get(1) is None


def test_name_of_a_present_member_needs_no_entry() -> None:
    registry = make_registry(people=1)
    registry.hold(about(1))
    registry.release(about(1))
    assert registry.known == {1}


def test_each_entry_of_a_leaver_references_the_name() -> None:
    registry = make_registry(people=1)
    registry.hold(about(1))
    registry.hold(about(1, Kind.LEFT_ROOM))
    name = registry.get(1)
    registry.leave(1)
    registry.release(about(1))
    assert registry.get(1) == name
    registry.release(about(1, Kind.LEFT_ROOM))
    assert registry.get(1) is None


def test_met_entry_references_both_names() -> None:
    registry = make_registry(people=2)
    registry.hold(met(1, 2))
    registry.leave(1)
    registry.leave(2)
    assert registry.known == {1, 2}
    registry.release(met(1, 2))
    assert registry.known == set()


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind not in {Kind.MET, *OF_SERVER}])
def test_any_other_entry_names_only_its_sender(kind: Kind) -> None:
    assert named_in(about(7, kind, 2)) == (7,)
    assert named_in(met(7, 12)) == (7, 12)


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind in OF_SERVER])
def test_entry_of_the_server_names_nobody(kind: Kind) -> None:
    assert named_in(about(0, kind, 2)) == ()


def test_erased_message_releases_the_same_name() -> None:
    registry = make_registry(people=1)
    registry.hold(about(1, Kind.MESSAGE))
    registry.leave(1)
    registry.release(about(1, Kind.ERASED))
    assert registry.known == set()


def test_unknown_numbers_render_as_empty_names() -> None:
    registry = make_registry(people=3)
    registry.leave(2)
    rendered = registry.render([0, 1, 2, 99])
    assert rendered == {0: "", 1: str(registry.get(1)), 2: "", 99: ""}
    assert registry.render([]) == {}
    assert set(registry.render()) == {1, 3}


def test_leaving_after_clear_is_harmless() -> None:
    registry = make_registry(people=2)
    registry.hold(met(1, 2))
    registry.clear()
    registry.leave(1)
    registry.release(met(1, 2))
    assert registry.known == set()
    assert registry.render() == {}
    assert registry.render([1]) == {1: ""}


def test_old_entries_do_not_hold_names_added_after_clear() -> None:
    registry = make_registry(people=2)
    registry.hold(met(1, 2))
    registry.clear()
    newcomer = registry.register()
    registry.release(met(1, 2))
    assert registry.known == {newcomer}
    assert list(registry._references) == list(registry._names) == [newcomer]


class HoldingAgreesWithCounting(RuleBasedStateMachine):
    """The reference counts agree with a naive count over members and entries."""

    def __init__(self) -> None:
        super().__init__()
        self.registry = make_registry()
        self.present: list[int] = []
        self.kept: list[Entry] = []
        self.names: dict[int, str] = {}

    @rule()
    def join(self) -> None:
        """A member joins."""
        number = self.registry.register()
        assert number not in self.names
        self.present.append(number)
        self.names[number] = self.registry.render([number])[number]

    @precondition(lambda self: self.present)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        """A present member leaves."""
        number = data.draw(st.sampled_from(self.present))
        self.present.remove(number)
        self.registry.leave(number)

    @precondition(lambda self: self.present)
    @rule(data=st.data(), kind=st.sampled_from([Kind.MESSAGE, Kind.JOINED, Kind.MET]))
    def keep(self, data: st.DataObject, kind: Kind) -> None:
        """The log keeps an entry that names present members."""
        present = st.sampled_from(self.present)
        other = data.draw(present) if kind is Kind.MET else 0
        entry = Entry(1, kind, data.draw(present), other)
        self.kept.append(entry)
        self.registry.hold(entry)

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        """The log drops an entry."""
        place = data.draw(st.integers(0, len(self.kept) - 1))
        self.registry.release(self.kept.pop(place))

    @rule()
    def clear(self) -> None:
        """All names are deleted."""
        self.registry.clear()
        self.present.clear()
        self.kept.clear()

    @invariant()
    def counts_agree_and_names_do_not_change(self) -> None:
        """Both counts are equal, and a name never changes."""
        holds = Counter(self.present)
        for entry in self.kept:
            holds[entry.sender] += 1
            if entry.kind is Kind.MET:
                holds[entry.about] += 1
        assert self.registry._references == dict(holds)
        assert self.registry.render() == {number: self.names[number] for number in holds}


TestHoldingAgreesWithCounting = pytest.mark.slow(HoldingAgreesWithCounting.TestCase)
TestHoldingAgreesWithCounting.settings = settings(max_examples=60)
