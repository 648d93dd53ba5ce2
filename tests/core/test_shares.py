"""Who gives way when every place is taken, against a model that looks at every place."""

from __future__ import annotations

import itertools
from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.core.errors import ServerFullError
from server.core.shares import Priority, Shares

UNUSED, ACTIVE, SEATED = Priority
MANY = 10**6


def shares(capacity: int = 4, quota: int = MANY, **holders: str) -> Shares[str]:
    """Make shares in which each holder has a place for each letter, of the priority it names."""
    made: Shares[str] = Shares(capacity=capacity, quota=quota)
    for holder, letters in holders.items():
        for number, letter in enumerate(letters):
            made.hold(f"{holder}{number}", holder, dict(zip("uas", Priority, strict=True))[letter])
    return made


def test_nobody_gives_way_while_a_place_is_free() -> None:
    assert shares(a="sss").to_give_way("b") is None


def test_holder_with_most_places_gives_way() -> None:
    assert shares(a="uu", b="s", c="u").to_give_way("new") == "a0"


def test_unused_place_of_that_holder_goes_before_a_seat() -> None:
    assert shares(a="sauu").to_give_way("new") == "a2"


def test_place_that_was_used_longest_ago_goes_first() -> None:
    made = shares(a="uuuu")
    made.use("a0")
    assert made.to_give_way("new") == "a1"


def test_seat_goes_only_when_its_holder_has_more_places_than_the_newcomer_would() -> None:
    assert shares(a="ssss").to_give_way("new") == "a0"
    full = shares(a="s", b="s", c="s", d="s")
    with pytest.raises(ServerFullError):
        full.to_give_way("new")


def test_among_holders_of_one_place_the_longest_idle_gives_way_and_no_seat() -> None:
    made = shares(a="s", b="u", c="a", d="u")
    assert made.to_give_way("new") == "b0"
    made.use("b0")
    assert made.to_give_way("new") == "d0"


def test_holder_that_would_have_the_most_gets_no_place() -> None:
    made = shares(a="uuu", b="u")
    with pytest.raises(ServerFullError):
        made.to_give_way("a")


def test_holder_at_its_quota_gives_way_to_itself() -> None:
    made = shares(capacity=MANY, quota=2, a="su")
    assert made.to_give_way("a") == "a1"
    made.rank("a1", SEATED)
    with pytest.raises(ServerFullError):
        made.to_give_way("a")


def test_place_counts_for_the_holder_that_it_was_moved_to() -> None:
    made = shares(a="uu", b="uu")
    made.move("a0", "b")
    assert made.to_give_way("new") == "b0"
    assert (made.count("a"), made.count("b")) == (1, 3)


def test_unknown_places_are_neither_ranked_nor_moved_nor_used() -> None:
    made = shares()
    made.rank("x", SEATED)
    made.move("x", "a")
    made.use("x")
    made.release("x")
    assert len(made) == 0


@dataclass
class Place:
    """One place of the model."""

    holder: str
    priority: Priority
    used: int


class SharesAgreeWithTheModel(RuleBasedStateMachine):
    """Any order of calls: the holder with most places gives way, with its least place."""

    capacity, quota = 6, 4

    def __init__(self) -> None:
        super().__init__()
        self.shares: Shares[int] = Shares(capacity=self.capacity, quota=self.quota)
        self.places: dict[int, Place] = {}
        self.moment = itertools.count()

    @rule(holder=st.sampled_from("abcd"), priority=st.sampled_from(Priority))
    def arrive(self, holder: str, priority: Priority) -> None:
        """Ask for a place, and check who gives way."""
        counts = Counter(place.holder for place in self.places.values())
        wanted, most = counts[holder] + 1, max(counts.values(), default=0)
        try:
            leaving = self.shares.to_give_way(holder)
        except ServerFullError:
            if wanted > self.quota:
                assert self.least(holder)[0] is SEATED
            else:
                assert len(self.places) >= self.capacity
                tops = [h for h, count in counts.items() if count == most]
                assert most < wanted or (
                    most == wanted and all(self.least(h)[0] is SEATED for h in tops)
                )
            return
        if leaving is not None:
            left = self.places.pop(leaving)
            assert (left.priority, left.used) == self.least(left.holder, left)
            if wanted > self.quota:
                assert (left.holder, left.priority is SEATED) == (holder, False)
            else:
                assert counts[left.holder] == most >= wanted
                assert most > wanted or left.priority is not SEATED
            self.shares.release(leaving)
        place = next(self.moment)
        self.shares.hold(place, holder, priority)
        self.places[place] = Place(holder, priority, place)

    def least(self, holder: str, *more: Place) -> tuple[Priority, int]:
        """The least valuable place of a holder: its priority, and when it was used."""
        return min(
            (place.priority, place.used)
            for place in (*self.places.values(), *more)
            if place.holder == holder
        )

    @precondition(lambda self: self.places)
    @rule(data=st.data())
    def use(self, data: st.DataObject) -> None:
        """Use a place."""
        place = data.draw(st.sampled_from([*self.places]))
        self.shares.use(place)
        self.places[place].used = next(self.moment)

    @precondition(lambda self: self.places)
    @rule(data=st.data(), holder=st.sampled_from("abcd"), priority=st.sampled_from(Priority))
    def change(self, data: st.DataObject, holder: str, priority: Priority) -> None:
        """Change for whom a place counts, and what it is used for."""
        place = data.draw(st.sampled_from([*self.places]))
        found = self.places[place]
        if (found.holder, found.priority) != (holder, priority):
            self.places[place] = Place(holder, priority, next(self.moment))
        self.shares.hold(place, holder, priority)

    @precondition(lambda self: self.places)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        """Free a place."""
        place = data.draw(st.sampled_from([*self.places]))
        del self.places[place]
        self.shares.release(place)

    @invariant()
    def counts_agree(self) -> None:
        """Nothing is left of a holder without places."""
        counts = Counter(place.holder for place in self.places.values())
        assert len(self.shares) == len(self.places)
        assert all(self.shares.count(holder) == counts[holder] for holder in "abcd")
        if not self.places:
            assert not self.shares._held
            assert not self.shares._levels
            assert not self.shares._counts


TestSharesAgreeWithTheModel = SharesAgreeWithTheModel.TestCase
TestSharesAgreeWithTheModel.settings = settings(deadline=None, max_examples=100)
