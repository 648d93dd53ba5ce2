"""Every draw agrees with the rules, written again for a plain list of tickets.

A draw is made by chance, so the model does not say who meets whom. It says who may, who must, and
who cannot go on waiting.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from server.core.errors import ServerFullError
from server.core.ids import CircuitKey
from server.core.limits import MAX_CIRCUIT_TICKETS, TALKERS_MEET_S, TOPICS_RELAX_S
from server.core.matching.matchmaker import FOREVER
from server.core.matching.preferences import Intent, Preferences
from server.core.matching.ticket import may_match

from .queue import Queue, handle

MAX_TICKETS = 6
EVER_S = 10.0**9


@dataclass(slots=True)
class ModelTicket:
    """A ticket of the naive model."""

    name: str
    preferences: Preferences
    order: int
    since_s: float
    until_s: float
    waives_language: bool
    never: frozenset[str]
    last: str
    circuit: str

    def mates(self, tickets: list[ModelTicket], now_s: float) -> list[ModelTicket]:
        """Return the present tickets of its circuit, itself included."""
        return [t for t in tickets if t.circuit == self.circuit != "" and t.until_s >= now_s]


def model_fits(one: ModelTicket, other: ModelTicket, waited_s: float) -> bool:
    """Implement the rules again, independently."""
    a, b, intents = (
        one.preferences,
        other.preferences,
        {one.preferences.intent, other.preferences.intent},
    )
    helps = [
        (code in a.speak or code in b.speak)
        and (code in a.speak | a.practise and code in b.speak | b.practise)
        for code in "xy"
    ]
    return not (
        intents == {Intent.LISTEN}
        or (intents == {Intent.TALK} and waited_s < 60)
        or (waited_s < 20 and a.topics and b.topics and not a.topics & b.topics)
        or (a.topics and not a.topics - b.limits)
        or (b.topics and not b.topics - a.limits)
        or (one.name in other.never or other.name in one.never)
        or (waited_s < 60 and (one.last == other.name or other.last == one.name))
        or (
            a.speak
            and b.speak
            and not any(helps)
            and not (one.waives_language and other.waives_language)
        )
    )


CODES = st.frozensets(st.sampled_from("xy"), max_size=2)
VISITORS = st.sampled_from("abcdefgh")


@st.composite
def any_preferences(draw: st.DrawFn) -> Preferences:
    topics = draw(CODES)
    return Preferences(
        draw(st.sampled_from(Intent)), topics, draw(CODES), draw(CODES), draw(CODES) - topics
    )


class DrawsAgreeWithAList(RuleBasedStateMachine):
    """Applies every operation to the matchmaker and to a naive model, a plain list."""

    def __init__(self) -> None:
        super().__init__()
        self.list: list[ModelTicket] = []
        self.orders = 0
        self.now_s = 0.0
        self.settled = 0
        """Draws since anything else changed."""

    @initialize(left_out=st.sampled_from([0, 0.5, 1]), seed=st.integers(0, 2**16))
    def begin(self, left_out: float, seed: int) -> None:
        """Create an empty queue."""
        self.left_out = left_out
        self.queue = Queue(left_out=left_out, seed=seed, max_tickets=MAX_TICKETS)
        self.real = self.queue.matchmaker

    def find(self, name: str) -> ModelTicket | None:
        """Return the ticket of that name in the model."""
        return next((t for t in self.list if t.name == name), None)

    def drop(self, *names: str) -> None:
        """Remove tickets from the model."""
        self.list = [t for t in self.list if t.name not in names]

    def displaced(self, ticket: ModelTicket) -> str | None:
        """Return whom a ticket displaces from its circuit, and remove them."""
        mates = [t for t in self.list if t.circuit == ticket.circuit != ""]
        if len(mates) <= MAX_CIRCUIT_TICKETS:
            return None
        oldest = min((t for t in mates if t is not ticket), key=lambda t: t.order)
        self.drop(oldest.name)
        return oldest.name

    def may_meet(self, one: ModelTicket, other: ModelTicket) -> bool:
        """Whether two tickets fit now, or are of one circuit and would ever fit."""
        if one.circuit == other.circuit != "":
            return model_fits(one, other, EVER_S)
        return model_fits(one, other, self.now_s - min(one.since_s, other.since_s))

    @rule(
        name=VISITORS,
        preferences=any_preferences(),
        stay_s=st.sampled_from([1, 25, FOREVER]),
        never=st.frozensets(VISITORS, max_size=2),
        last=VISITORS,
        waives_language=st.booleans(),
        circuit=st.sampled_from(["", "", "p", "q"]),
    )
    def enter(
        self,
        name: str,
        preferences: Preferences,
        stay_s: float,
        never: frozenset[str],
        last: str,
        waives_language: bool,
        circuit: str,
    ) -> None:
        """A visitor enters, or enters again with other preferences."""
        own, until_s, self.settled = self.find(name), self.now_s + stay_s, 0
        is_full = own is None and len(self.list) >= MAX_TICKETS
        try:
            displaced = self.queue.enter(
                name,
                preferences,
                self.now_s,
                until_s,
                never=" ".join(never),
                last=last,
                circuit=circuit,
                waives_language=waives_language,
            )
        except ServerFullError:
            assert is_full
            return
        assert not is_full
        self.drop(name)
        self.orders += own is None
        order, since_s = (self.orders, self.now_s) if own is None else (own.order, own.since_s)
        ticket = ModelTicket(
            name, preferences, order, since_s, until_s, waives_language, never, last, circuit
        )
        self.list.append(ticket)
        assert displaced == self.displaced(ticket)

    @rule(name=VISITORS)
    def fail_match(self, name: str) -> None:
        """A ticket is matched and requeued."""
        found, self.settled = self.real.withdraw(handle(name)), 0
        if found is not None:
            assert self.real.requeue(found) is None

    @rule(name=VISITORS)
    def withdraw(self, name: str) -> None:
        """A visitor cancels."""
        assert (self.real.withdraw(handle(name)) is None) == (self.find(name) is None)
        self.drop(name)

    @rule(
        name=VISITORS,
        stay_s=st.sampled_from([0, 3, FOREVER]),
        circuit=st.sampled_from(["", "p", "q"]),
    )
    def refresh(self, name: str, stay_s: float, circuit: str) -> None:
        """A visitor renews their presence, or lets it end, and may come by another circuit."""
        self.settled = 0
        key = CircuitKey(circuit.encode()) if circuit else None
        displaced = self.real.set_presence(handle(name), self.now_s + stay_s, key)
        ticket, expected = self.find(name), None
        if ticket is not None:
            ticket.until_s = self.now_s + stay_s
            if ticket.circuit != circuit:
                ticket.circuit = circuit
                expected = self.displaced(ticket)
        assert (None if displaced is None else displaced.handle.decode()) == expected

    @rule(seconds=st.sampled_from([1, 5, 15, 40]))
    def let_time_pass(self, seconds: int) -> None:
        """The clock advances."""
        self.now_s += seconds
        self.settled = 0

    @rule(grace_s=st.sampled_from([0, 6, 60]))
    def drop_absent(self, grace_s: int) -> None:
        """The sweep removes absent tickets."""
        self.real.drop_absent(self.now_s - grace_s)
        self.list = [t for t in self.list if t.until_s >= self.now_s - grace_s]

    @rule(name=VISITORS)
    def waive_language(self, name: str) -> None:
        """A waiting visitor waives a common language."""
        ticket, self.settled = self.find(name), 0
        self.real.waive_language(handle(name))
        if ticket is not None:
            ticket.waives_language = True

    @rule()
    def draw(self) -> None:
        """A draw matches only those who may meet, first those of one circuit."""
        before = list(self.list)
        strangers_of = Counter[str]()
        for pair in self.queue.draw(self.now_s):
            older, other = (self.find(name) for name in pair.split(" and "))
            assert older is not None
            assert other is not None
            assert older.order < other.order
            assert min(older.until_s, other.until_s) >= self.now_s
            assert self.may_meet(older, other)
            if not older.circuit == other.circuit != "":
                strangers_of.update(t.circuit for t in (older, other) if t.circuit)
            self.drop(older.name, other.name)
        for circuit, count in strangers_of.items():
            assert count == 1, circuit
        self.settled += 1
        self.check_mates(before)
        self.check_that_none_fit(before)

    def check_mates(self, before: list[ModelTicket]) -> None:
        """Two of one circuit that may meet have met each other."""
        for ticket in before:
            for mate in ticket.mates(before, self.now_s):
                is_tried = ticket.until_s >= self.now_s and mate is not ticket
                if is_tried and model_fits(ticket, mate, EVER_S):
                    assert ticket not in self.list
                    assert mate not in self.list

    def check_that_none_fit(self, before: list[ModelTicket]) -> None:
        """Of two present tickets that fit, one is matched in the first draw, or in the second.

        Not counted are tickets that had a mate, of which only one takes part in each draw.
        """
        if self.settled < (1 if self.left_out == 0 else 2):
            return
        present = [
            t for t in self.list if t.until_s >= self.now_s and len(t.mates(before, self.now_s)) < 2
        ]
        for one in present:
            for other in present:
                if one is not other:
                    assert not self.may_meet(one, other)

    @invariant()
    def same_tickets(self) -> None:
        """Both hold the same tickets under the same orders, and nothing else."""
        if not hasattr(self, "real"):
            return
        assert len(self.real) == len(self.list)
        for ticket in self.list:
            real = self.real.ticket(handle(ticket.name))
            assert real is not None
            assert (real.preferences, real.order) == (ticket.preferences, ticket.order)
            assert (real.since_s, real.present_until_s) == (ticket.since_s, ticket.until_s)
            assert (real.circuit or b"").decode() == ticket.circuit
        circuits = Counter(t.circuit for t in self.list if t.circuit)
        assert max(circuits.values(), default=0) <= MAX_CIRCUIT_TICKETS
        if not self.list:
            assert self.queue.entry_count == 0


TestDrawsAgreeWithAList = pytest.mark.slow(DrawsAgreeWithAList.TestCase)
TestDrawsAgreeWithAList.settings = settings(max_examples=200, deadline=None)


@pytest.mark.slow
@settings(max_examples=100, deadline=None)
@given(st.lists(any_preferences(), max_size=20), st.integers(1, 3), st.sampled_from([0, 0.5]))
def test_no_fitting_pair_remains_whatever_the_search_limit(
    preferences_list: list[Preferences], max_scanned: int, left_out: float
) -> None:
    queue = Queue(max_scanned=max_scanned, left_out=left_out)
    for number, preferences in enumerate(preferences_list):
        queue.enter(f"{number}", preferences)
    for now_s in (0, TOPICS_RELAX_S, TALKERS_MEET_S):
        for _ in range(2 * len(preferences_list) + 2):
            queue.draw(now_s)
        left = list(queue.matchmaker._waiting)
        assert not [
            1 for one in left for other in left if one is not other and may_match(one, other, now_s)
        ]
