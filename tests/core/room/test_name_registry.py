"""A name is known while its owner is there or an entry speaks of them, and no longer."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.core.room.log import Entry, Kind
from server.core.room.name_registry import NameRegistry, speaks_of
from server.core.room.names import Name


def make_book(people: int = 0) -> NameRegistry:
    book = NameRegistry()
    for _ in range(people):
        book.register()
    return book


def about(number: int, kind: Kind = Kind.MESSAGE, other: int = 0) -> Entry:
    return Entry(1, kind, number, other)


def met(first: int, second: int) -> Entry:
    return about(first, Kind.MET, second)


def test_numbers_are_counted_from_one_and_never_given_twice() -> None:
    book = make_book()
    assert [book.register(), book.register()] == [1, 2]
    book.leave(2)
    assert book.register() == 3
    book.clear()
    assert book.register() == 4


def test_who_brings_a_name_keeps_it_and_others_get_one_of_their_own() -> None:
    book = make_book()
    name = Name(3, 5)
    assert book.get(book.register(name)) == name
    drawn = book.get(book.register())
    assert drawn is not None
    assert (drawn.first, drawn.second) != (name.first, name.second)


def test_no_two_who_are_known_share_a_word() -> None:
    book = make_book(people=150)
    names = [name for number in book.known if (name := book.get(number)) is not None]
    assert len({name.first for name in names}) == len({name.second for name in names}) == 150


def test_name_of_who_leaves_is_forgotten_at_once_if_nothing_speaks_of_them() -> None:
    book = make_book(people=2)
    book.leave(1)
    assert book.known == {2}
    assert book.get(1) is None


def test_name_is_held_by_its_owner_when_no_entry_speaks_of_them_any_more() -> None:
    book = make_book(people=1)
    book.hold(about(1))
    book.release(about(1))
    assert book.known == {1}


def test_name_is_held_by_each_entry_of_somebody_who_left() -> None:
    book = make_book(people=1)
    book.hold(about(1))
    book.hold(about(1, Kind.WENT))
    name = book.get(1)
    book.leave(1)
    book.release(about(1))
    assert book.get(1) == name
    book.release(about(1, Kind.WENT))
    assert book.get(1) is None


def test_entry_of_two_who_met_holds_both() -> None:
    book = make_book(people=2)
    book.hold(met(1, 2))
    book.leave(1)
    book.leave(2)
    assert book.known == {1, 2}
    book.release(met(1, 2))
    assert book.known == set()


@pytest.mark.parametrize("kind", [kind for kind in Kind if kind is not Kind.MET])
def test_any_other_entry_speaks_of_one_whatever_is_in_it(kind: Kind) -> None:
    assert speaks_of(about(7, kind, 2)) == (7,)
    assert speaks_of(met(7, 12)) == (7, 12)


def test_words_that_were_taken_back_hold_as_the_words_did() -> None:
    book = make_book(people=1)
    book.hold(about(1, Kind.MESSAGE))
    book.leave(1)
    book.release(about(1, Kind.ERASED))
    assert book.known == set()


def test_unknown_numbers_are_told_as_empty_and_only_the_wanted_ones_are_told() -> None:
    book = make_book(people=3)
    book.leave(2)
    told = book.render([0, 1, 2, 99])
    assert told == {0: "", 1: str(book.get(1)), 2: "", 99: ""}
    assert book.render([]) == {}
    assert set(book.render()) == {1, 3}


def test_after_everybody_was_forgotten_leaving_is_harmless() -> None:
    book = make_book(people=2)
    book.hold(met(1, 2))
    book.clear()
    book.leave(1)
    book.release(met(1, 2))
    assert book.known == set()
    assert book.render() == {}
    assert book.render([1]) == {1: ""}


def test_who_comes_after_everybody_was_forgotten_is_held_by_what_is_theirs_alone() -> None:
    book = make_book(people=2)
    book.hold(met(1, 2))
    book.clear()
    newcomer = book.register()
    book.release(met(1, 2))
    assert book.known == {newcomer}
    assert list(book._holds) == list(book._names) == [newcomer]


class HoldingAgreesWithCounting(RuleBasedStateMachine):
    """Whoever is there, and every entry that is kept, counts; all else is forgotten."""

    def __init__(self) -> None:
        super().__init__()
        self.book = make_book()
        self.present: list[int] = []
        self.kept: list[Entry] = []
        self.names: dict[int, str] = {}

    @rule()
    def come(self) -> None:
        """Somebody comes."""
        number = self.book.register()
        assert number not in self.names
        self.present.append(number)
        self.names[number] = self.book.render([number])[number]

    @precondition(lambda self: self.present)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        """Somebody who is there leaves."""
        number = data.draw(st.sampled_from(self.present))
        self.present.remove(number)
        self.book.leave(number)

    @precondition(lambda self: self.present)
    @rule(data=st.data(), kind=st.sampled_from([Kind.MESSAGE, Kind.JOINED, Kind.MET]))
    def keep(self, data: st.DataObject, kind: Kind) -> None:
        """An entry is kept that speaks of who is there."""
        who = st.sampled_from(self.present)
        other = data.draw(who) if kind is Kind.MET else 0
        entry = Entry(1, kind, data.draw(who), other)
        self.kept.append(entry)
        self.book.hold(entry)

    @precondition(lambda self: self.kept)
    @rule(data=st.data())
    def drop(self, data: st.DataObject) -> None:
        """An entry is kept no longer."""
        place = data.draw(st.integers(0, len(self.kept) - 1))
        self.book.release(self.kept.pop(place))

    @rule()
    def clear(self) -> None:
        """Everybody is forgotten."""
        self.book.clear()
        self.present.clear()
        self.kept.clear()

    @invariant()
    def only_who_counts_is_known_and_by_the_same_name(self) -> None:
        """Both count the same, and a name never changes."""
        holds = Counter(self.present)
        for entry in self.kept:
            holds[entry.sender] += 1
            if entry.kind is Kind.MET:
                holds[entry.about] += 1
        assert self.book._holds == dict(holds)
        assert self.book.render() == {number: self.names[number] for number in holds}


TestHoldingAgreesWithCounting = pytest.mark.slow(HoldingAgreesWithCounting.TestCase)
TestHoldingAgreesWithCounting.settings = settings(max_examples=60)
