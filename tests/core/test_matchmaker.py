"""Who came first is served first, nobody meets themselves, and no arrival waits in vain."""

from __future__ import annotations

from dataclasses import dataclass

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from server.core.errors import HouseFullError
from server.core.ids import Handle
from server.core.matchmaker import FOREVER, Matchmaker
from server.core.wish import FITS, Intent, Wish

TALK, LISTEN, ANY = Wish(Intent.TALK), Wish(Intent.LISTEN), Wish(Intent.ANY)


def who(name: str) -> Handle:
    return Handle(name.encode())


def arrive(
    matchmaker: Matchmaker, name: str, wish: Wish = ANY, now_s: float = 0, until_s: float = 30
) -> str | None:
    """Let somebody arrive; return whom they met."""
    found = matchmaker.arrive(who(name), wish, now_s, until_s)
    return None if found is None else found.handle.decode()


def test_fitting_is_mutual() -> None:
    for intent, fitting in FITS.items():
        for other in fitting:
            assert intent in FITS[other]
    assert set(FITS) == set(Intent)


def test_listener_meets_who_wants_to_talk_and_not_another_listener() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    assert arrive(matchmaker, "a", LISTEN) is None
    assert arrive(matchmaker, "b", LISTEN) is None
    assert arrive(matchmaker, "c", TALK) == "a"


def test_oldest_that_fits_is_met_whatever_it_asked_for() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    for name, wish in (("talks", TALK), ("also talks", TALK)):
        arrive(matchmaker, name, wish)
    assert arrive(matchmaker, "any", ANY) == "talks"
    arrive(matchmaker, "third", TALK)
    assert arrive(matchmaker, "listens", LISTEN) == "also talks"


def test_nobody_meets_themselves() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    assert arrive(matchmaker, "a") is None
    assert arrive(matchmaker, "a") is None
    assert len(matchmaker) == 1


def test_new_wish_keeps_the_place_of_the_old_one() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    for name in ("first", "second"):
        arrive(matchmaker, name, TALK)
    arrive(matchmaker, "first", TALK)
    assert arrive(matchmaker, "x", LISTEN) == "first"
    assert arrive(matchmaker, "y", LISTEN) == "second"


def test_met_ticket_waits_no_longer() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a")
    assert arrive(matchmaker, "b") == "a"
    assert matchmaker.ticket(who("a")) is None
    assert arrive(matchmaker, "c") is None


def test_absent_ticket_is_passed_over_and_keeps_its_place_for_its_return() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "early", TALK, now_s=0, until_s=30)
    arrive(matchmaker, "late", TALK, now_s=10, until_s=40)
    assert arrive(matchmaker, "x", LISTEN, now_s=31) == "late"
    matchmaker.refresh(who("early"), 100)
    arrive(matchmaker, "later still", TALK, now_s=50, until_s=100)
    assert arrive(matchmaker, "y", LISTEN, now_s=60) == "early"


def test_presence_holds_to_its_last_second() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", until_s=30)
    assert arrive(matchmaker, "b", now_s=30) == "a"


def test_open_stream_is_presence_without_end() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", until_s=FOREVER)
    matchmaker.drop_absent(10.0**9)
    assert arrive(matchmaker, "b", now_s=10.0**9) == "a"


def test_withdrawn_ticket_is_never_met() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a")
    assert matchmaker.withdraw(who("a")) is not None
    assert matchmaker.withdraw(who("a")) is None
    assert arrive(matchmaker, "b") is None


def test_ticket_that_was_met_in_vain_is_back_at_the_head() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", TALK)
    found = matchmaker.arrive(who("x"), LISTEN, 0, 30)
    assert found is not None
    arrive(matchmaker, "b", TALK)
    arrive(matchmaker, "c", TALK)
    matchmaker.wait(found)
    assert [arrive(matchmaker, name, LISTEN) for name in "pqr"] == ["a", "b", "c"]


def test_place_at_the_head_is_given_even_in_a_full_house() -> None:
    matchmaker = Matchmaker(max_tickets=1)
    arrive(matchmaker, "a", TALK)
    found = matchmaker.arrive(who("x"), LISTEN, 0, 30)
    assert found is not None
    arrive(matchmaker, "b", TALK)
    matchmaker.wait(found)
    assert len(matchmaker) == 2


def test_full_house_refuses_only_who_would_have_to_wait() -> None:
    matchmaker = Matchmaker(max_tickets=1)
    arrive(matchmaker, "a", TALK)
    with pytest.raises(HouseFullError):
        arrive(matchmaker, "b", TALK)
    assert arrive(matchmaker, "a", TALK) is None
    assert arrive(matchmaker, "c", LISTEN) == "a"


def test_dropping_takes_those_whose_presence_ended_before_and_no_others() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    for name, until_s in (("gone", 9.0), ("just here", 10.0), ("here", 11.0)):
        arrive(matchmaker, name, TALK, until_s=until_s)
    matchmaker.drop_absent(10)
    assert matchmaker.ticket(who("gone")) is None
    assert len(matchmaker) == 2


def test_thousand_withdrawals_leave_no_pile_behind() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    for number in range(1_000):
        arrive(matchmaker, f"{number}", TALK)
        matchmaker.withdraw(who(f"{number}"))
        matchmaker.drop_absent(0)
    assert sum(len(heap) for heap in matchmaker._heaps.values()) < 100


@dataclass(slots=True)
class ModelTicket:
    """A ticket as a list would hold it."""

    name: int
    intent: Intent
    order: int
    until_s: float


class MatchingAgreesWithAList(RuleBasedStateMachine):
    """Everything that can happen to tickets, done to the matchmaker and to a plain list."""

    people = st.integers(0, 7)

    def __init__(self) -> None:
        super().__init__()
        self.real = Matchmaker(max_tickets=5)
        self.list: list[ModelTicket] = []
        self.orders = 0
        self.now_s = 0.0

    def drop(self, name: int) -> ModelTicket | None:
        """Take somebody off the list."""
        own = next((t for t in self.list if t.name == name), None)
        self.list = [t for t in self.list if t.name != name]
        return own

    @rule(name=people, intent=st.sampled_from(Intent), stay_s=st.sampled_from([1, 5, FOREVER]))
    def arrive(self, name: int, intent: Intent, stay_s: float) -> None:
        """Somebody comes, or comes again with another wish."""
        before, own = list(self.list), self.drop(name)
        fitting = [t for t in self.list if t.intent in FITS[intent] and t.until_s >= self.now_s]
        expected = min(fitting, key=lambda t: t.order, default=None)
        until_s = self.now_s + stay_s
        try:
            found = self.real.arrive(who(str(name)), Wish(intent), self.now_s, until_s)
        except HouseFullError:
            assert expected is None
            assert len(self.list) >= 5
            assert before == self.list
            return
        assert (found and found.handle) == (expected and who(str(expected.name)))
        if expected is None:
            if own is None:
                self.orders += 1
            order = self.orders if own is None else own.order
            self.list.append(ModelTicket(name, intent, order, until_s))
        elif found is not None:
            self.drop(expected.name)

    @rule(name=people, waiter=people)
    def meet_in_vain(self, name: int, waiter: int) -> None:
        """The waiter is met, and put back."""
        found = self.real.withdraw(who(str(waiter)))
        if found is not None:
            self.real.wait(found)

    @rule(name=people)
    def withdraw(self, name: int) -> None:
        """Somebody cancels."""
        assert (self.real.withdraw(who(str(name))) is None) == (self.drop(name) is None)

    @rule(name=people, stay_s=st.sampled_from([0, 3, FOREVER]))
    def refresh(self, name: int, stay_s: float) -> None:
        """Somebody shows that they are there, or begin to be gone."""
        self.real.refresh(who(str(name)), self.now_s + stay_s)
        for ticket in self.list:
            if ticket.name == name:
                ticket.until_s = self.now_s + stay_s

    @rule(seconds=st.integers(0, 4))
    def let_time_pass(self, seconds: int) -> None:
        """The clock goes on."""
        self.now_s += seconds

    @rule(grace_s=st.integers(0, 6))
    def drop_absent(self, grace_s: int) -> None:
        """The sweep comes by."""
        self.real.drop_absent(self.now_s - grace_s)
        self.list = [t for t in self.list if t.until_s >= self.now_s - grace_s]

    @invariant()
    def same_tickets(self) -> None:
        """Both hold the same tickets under the same orders."""
        assert len(self.real) == len(self.list)
        for ticket in self.list:
            real = self.real.ticket(who(str(ticket.name)))
            assert real is not None
            assert (real.wish.intent, real.order) == (ticket.intent, ticket.order)


TestMatchingAgreesWithAList = pytest.mark.slow(MatchingAgreesWithAList.TestCase)
