"""Matching is first come, first served, and no ticket waits while another present one fits."""

from __future__ import annotations

import gc
from dataclasses import dataclass, field, replace
from types import BuiltinFunctionType, FunctionType, ModuleType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from server.core.errors import ServerFullError
from server.core.ids import Handle
from server.core.limits import (
    MAX_BLOCKED,
    RESCAN_ENTRIES,
    RESCAN_TICKETS,
    SAME_PARTNER_S,
    TALKERS_MEET_S,
    TOPICS_RELAX_S,
)
from server.core.matching.matchmaker import FOREVER, Matchmaker, Pair
from server.core.matching.preferences import Intent, Preferences
from server.core.matching.ticket import Ticket, may_match

TALK, LISTEN, ANY = Preferences(Intent.TALK), Preferences(Intent.LISTEN), Preferences(Intent.ANY)


def handle(name: str) -> Handle:
    return Handle(name.encode())


def names(pairs: list[Pair]) -> list[str]:
    return [" and ".join(ticket.handle.decode() for ticket in pair) for pair in pairs]


def about(topics: str, *, limits: str = "") -> Preferences:
    """Make preferences with topics of one letter each."""
    return Preferences(Intent.ANY, topics=frozenset(topics), limits=frozenset(limits))


def speaks(*codes: str) -> Preferences:
    return Preferences(Intent.ANY, speak=frozenset(codes))


def arrive(
    matchmaker: Matchmaker,
    name: str,
    preferences: Preferences = ANY,
    now_s: float = 0,
    until_s: float = FOREVER,
    *,
    never: str = "",
    last: str = "",
    waives_language: bool = False,
) -> str | None:
    """Let a visitor arrive, and return the name of their match."""
    found = matchmaker.arrive(
        handle(name),
        preferences,
        now_s,
        until_s,
        never=frozenset(map(handle, never.split())),
        last=handle(last) if last else None,
        waives_language=waives_language,
    )
    return None if found is None else found.handle.decode()


def test_listener_is_matched_with_a_talker_not_a_listener() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    assert arrive(matchmaker, "a", LISTEN) is None
    assert arrive(matchmaker, "b", LISTEN) is None
    assert arrive(matchmaker, "c", TALK) == "a"


def test_oldest_ticket_that_fits_is_matched() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    for name, preferences in (("talks", TALK), ("also talks", TALK)):
        arrive(matchmaker, name, preferences)
    assert arrive(matchmaker, "any", ANY) == "talks"
    arrive(matchmaker, "third", TALK)
    assert arrive(matchmaker, "listens", LISTEN) == "also talks"


def test_visitor_is_never_matched_with_themselves() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    assert arrive(matchmaker, "a") is None
    assert arrive(matchmaker, "a") is None
    assert len(matchmaker) == 1


def test_new_preferences_keep_the_queue_position() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    for name in ("first", "second"):
        arrive(matchmaker, name, TALK)
    arrive(matchmaker, "first", TALK)
    assert arrive(matchmaker, "x", LISTEN) == "first"
    assert arrive(matchmaker, "y", LISTEN) == "second"


def test_matched_ticket_leaves_the_queue() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a")
    assert arrive(matchmaker, "b") == "a"
    assert matchmaker.ticket(handle("a")) is None
    assert arrive(matchmaker, "c") is None


def test_absent_ticket_is_skipped_and_keeps_its_position() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "early", TALK, now_s=0, until_s=30)
    arrive(matchmaker, "late", TALK, now_s=10, until_s=40)
    assert arrive(matchmaker, "x", LISTEN, now_s=31) == "late"
    matchmaker.set_presence(handle("early"), 100)
    arrive(matchmaker, "later still", TALK, now_s=50, until_s=100)
    assert arrive(matchmaker, "y", LISTEN, now_s=60) == "early"


def test_presence_includes_its_deadline() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", until_s=30)
    assert arrive(matchmaker, "b", now_s=30) == "a"


def test_open_stream_counts_as_present_forever() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", until_s=FOREVER)
    matchmaker.drop_absent(10.0**9)
    assert arrive(matchmaker, "b", now_s=10.0**9) == "a"


def test_withdrawn_ticket_is_never_matched() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a")
    assert matchmaker.withdraw(handle("a")) is not None
    assert matchmaker.withdraw(handle("a")) is None
    assert arrive(matchmaker, "b") is None


def test_ticket_of_a_failed_match_returns_to_the_head() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", TALK)
    found = matchmaker.arrive(handle("x"), LISTEN, 0, 30)
    assert found is not None
    arrive(matchmaker, "b", TALK)
    arrive(matchmaker, "c", TALK)
    matchmaker.requeue(found)
    assert [arrive(matchmaker, name, LISTEN) for name in "pqr"] == ["a", "b", "c"]


def test_requeue_is_allowed_when_the_queue_is_full() -> None:
    matchmaker = Matchmaker(max_tickets=1)
    arrive(matchmaker, "a", TALK)
    found = matchmaker.arrive(handle("x"), LISTEN, 0, 30)
    assert found is not None
    arrive(matchmaker, "b", TALK)
    matchmaker.requeue(found)
    assert len(matchmaker) == 2


def test_full_queue_refuses_only_arrivals_that_must_wait() -> None:
    matchmaker = Matchmaker(max_tickets=1)
    arrive(matchmaker, "a", TALK)
    with pytest.raises(ServerFullError):
        arrive(matchmaker, "b", TALK)
    assert arrive(matchmaker, "a", TALK) is None
    assert arrive(matchmaker, "c", LISTEN) == "a"


def test_waiting_visitor_is_not_refused_by_an_overfull_queue() -> None:
    matchmaker = Matchmaker(max_tickets=1)
    arrive(matchmaker, "a", TALK)
    found = matchmaker.arrive(handle("x"), LISTEN, 0, 30)
    assert found is not None
    arrive(matchmaker, "b", TALK)
    matchmaker.requeue(found)
    assert arrive(matchmaker, "b", TALK) is None
    assert len(matchmaker) == 2


def test_requeue_after_a_new_arrival_leaves_one_ticket() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", TALK)
    found = matchmaker.arrive(handle("x"), LISTEN, 0, 30)
    assert found is not None
    arrive(matchmaker, "b", TALK)
    arrive(matchmaker, "a", TALK)
    matchmaker.requeue(found)
    assert [arrive(matchmaker, name, LISTEN) for name in "pqr"] == ["a", "b", None]
    matchmaker.withdraw(handle("r"))
    assert entry_count(matchmaker) == 0


def test_drop_absent_removes_only_expired_presences() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    for name, until_s in (("gone", 9.0), ("just here", 10.0), ("here", 11.0)):
        arrive(matchmaker, name, TALK, until_s=until_s)
    matchmaker.drop_absent(10)
    assert matchmaker.ticket(handle("gone")) is None
    assert len(matchmaker) == 2


def test_requeued_ticket_keeps_its_waiting_time() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", TALK, now_s=5)
    found = matchmaker.arrive(handle("x"), LISTEN, 6, FOREVER)
    assert found is not None
    matchmaker.requeue(found)
    ticket = matchmaker.ticket(handle("a"))
    assert ticket is not None
    assert (ticket.order, ticket.since_s) == (found.order, 5)
    assert arrive(matchmaker, "b", TALK, now_s=5 + TALKERS_MEET_S) == "a"


def test_new_preferences_keep_the_waiting_time() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", LISTEN)
    arrive(matchmaker, "a", about("x"), now_s=15)
    assert arrive(matchmaker, "b", about("y"), now_s=TOPICS_RELAX_S) == "a"


def test_two_tickets_with_one_order_raise() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", TALK)
    ticket = matchmaker.ticket(handle("a"))
    assert ticket is not None
    with pytest.raises(ValueError, match="same order"):
        matchmaker.requeue(replace(ticket, handle=handle("b")))


def test_common_topic_wins_until_topics_are_relaxed() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    for name, topics in (("a", "xy"), ("b", "z"), ("c", "z")):
        arrive(matchmaker, name, Preferences(Intent.LISTEN, topics=frozenset(topics)))
    talks_of_z = Preferences(Intent.TALK, topics=frozenset("z"))
    assert arrive(matchmaker, "d", talks_of_z) == "b"
    assert arrive(matchmaker, "e", talks_of_z, now_s=TOPICS_RELAX_S) == "a"


def test_blocked_partner_is_skipped_in_both_directions() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", never="x")
    assert arrive(matchmaker, "x", now_s=1e6) is None
    arrive(matchmaker, "b", LISTEN, never="a x", now_s=1e6)
    assert arrive(matchmaker, "c", LISTEN, now_s=1e6, never="a") == "x"
    assert matchmaker.rescan(1e9) == []


def test_too_many_blocked_partners_raise() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    listed = " ".join(f"{number}" for number in range(MAX_BLOCKED))
    assert arrive(matchmaker, "a", never=listed) is None
    with pytest.raises(ValueError, match="too many"):
        arrive(matchmaker, "a", never=f"{listed} more")


@pytest.mark.parametrize("remembers", ["older", "younger"])
def test_same_two_are_rematched_only_after_a_minute(remembers: str) -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", last="b" if remembers == "older" else "")
    last = "a" if remembers == "younger" else ""
    assert arrive(matchmaker, "b", now_s=SAME_PARTNER_S - 1, last=last) is None
    assert matchmaker.rescan(SAME_PARTNER_S - 1) == []
    assert names(matchmaker.rescan(SAME_PARTNER_S)) == ["a and b"]


def test_learner_is_matched_with_a_speaker_in_either_order() -> None:
    learns = Preferences(Intent.ANY, speak=frozenset({"fa"}), practise=frozenset({"en"}))
    for first, second in ((learns, speaks("en")), (speaks("en"), learns)):
        matchmaker = Matchmaker(max_tickets=9)
        arrive(matchmaker, "a", first)
        assert arrive(matchmaker, "b", second) == "a"


def test_one_side_alone_cannot_waive_the_language() -> None:
    one, other = (
        Ticket(handle("a"), speaks("fa"), 1, 0, 9),
        Ticket(handle("b"), speaks("en"), 2, 0, 9),
    )
    assert not may_match(one, replace(other, waives_language=True), 0)
    assert not may_match(replace(one, waives_language=True), other, 0)
    assert may_match(replace(one, waives_language=True), replace(other, waives_language=True), 0)


def test_two_without_a_common_language_match_once_both_waive_it() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", speaks("fa"))
    arrive(matchmaker, "b", speaks("en"))
    assert matchmaker.waive_language(handle("b"), 0) is None
    assert matchmaker.waive_language(handle("b"), 0) is None
    pair = matchmaker.waive_language(handle("a"), 0)
    assert pair is not None
    assert names([pair]) == ["a and b"]
    assert len(matchmaker) == 0


def test_waiving_arrival_is_matched_with_a_waiving_ticket() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", speaks("fa"))
    arrive(matchmaker, "b", speaks("my"), waives_language=True)
    assert arrive(matchmaker, "c", speaks("en"), waives_language=True) == "b"
    assert arrive(matchmaker, "d", speaks("en")) is None


def test_waiving_without_a_ticket_returns_none() -> None:
    assert Matchmaker(max_tickets=9).waive_language(handle("a"), 0) is None


def test_absent_ticket_does_not_match_when_it_is_due() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "gone", TALK, until_s=10)
    arrive(matchmaker, "here", TALK)
    assert matchmaker.rescan(TALKERS_MEET_S) == []
    assert matchmaker.waive_language(handle("gone"), TALKERS_MEET_S) is None
    matchmaker.set_presence(handle("gone"), TALKERS_MEET_S + 30)
    assert names(matchmaker.rescan(TALKERS_MEET_S + 1)) == ["gone and here"]


def test_retry_matches_tickets_as_rules_relax_oldest_first() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    for number, topic in enumerate("vwxyz"):
        arrive(matchmaker, topic, about(topic), now_s=number)
    assert matchmaker.rescan(TOPICS_RELAX_S - 1) == []
    assert names(matchmaker.rescan(TOPICS_RELAX_S)) == ["v and w"]
    assert names(matchmaker.rescan(TOPICS_RELAX_S + 9)) == ["x and y"]
    assert len(matchmaker) == 1


def test_pair_lists_the_older_ticket_first() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "older", speaks("fa"), waives_language=True)
    arrive(matchmaker, "younger", speaks("en"))
    pair = matchmaker.waive_language(handle("younger"), 1)
    assert pair is not None
    assert names([pair]) == ["older and younger"]


def test_retry_is_not_affected_by_clock_rounding() -> None:
    for tenth in range(3_000):
        matchmaker = Matchmaker(max_tickets=9)
        for name in "ab":
            arrive(matchmaker, name, about(name), now_s=tenth / 10)
        early = matchmaker.rescan(tenth / 10 + TOPICS_RELAX_S)
        assert len(early + matchmaker.rescan(tenth / 10 + TOPICS_RELAX_S + 0.001)) == 1


def test_returning_ticket_searches_again() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", about("x"), until_s=10)
    arrive(matchmaker, "b", about("y"), now_s=5)
    assert matchmaker.rescan(TOPICS_RELAX_S) == []
    matchmaker.set_presence(handle("a"), TOPICS_RELAX_S + 30)
    assert names(matchmaker.rescan(TOPICS_RELAX_S + 1)) == ["a and b"]


def test_ticket_skipped_while_absent_matches_at_the_next_retry() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", TALK, until_s=30)
    assert matchmaker.rescan(30) == []
    assert arrive(matchmaker, "b", LISTEN, now_s=31) is None
    matchmaker.set_presence(handle("a"), 62)
    assert names(matchmaker.rescan(32)) == ["a and b"]


def test_requeued_ticket_matches_a_later_arrival_at_retry() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", TALK)
    found = matchmaker.arrive(handle("x"), LISTEN, 0, FOREVER)
    assert found is not None
    arrive(matchmaker, "y", LISTEN)
    matchmaker.requeue(found)
    assert names(matchmaker.rescan(0)) == ["a and y"]


def test_one_retry_is_bounded_and_the_next_continues() -> None:
    matchmaker = Matchmaker(max_tickets=9 * RESCAN_TICKETS)
    for number in range(4 * RESCAN_TICKETS):
        arrive(matchmaker, f"{number}", TALK)
    matched = [len(matchmaker.rescan(TALKERS_MEET_S)) for _ in range(3)]
    assert matched == [RESCAN_TICKETS, RESCAN_TICKETS, 0]


def make_crowded(in_front: int, max_scanned: int) -> Matchmaker:
    """Make a queue in which every ticket in front of `fits` rules out the topic `x`."""
    matchmaker = Matchmaker(max_tickets=in_front + 9, max_scanned=max_scanned)
    for number in range(in_front):
        arrive(matchmaker, f"{number}", Preferences(Intent.LISTEN, limits=frozenset("x")))
    arrive(matchmaker, "fits", LISTEN)
    return matchmaker


def test_stopped_search_continues_at_the_next_retries() -> None:
    talks_of_x = Preferences(Intent.TALK, topics=frozenset("x"))
    assert arrive(make_crowded(9, max_scanned=10), "a", talks_of_x) == "fits"
    matchmaker = make_crowded(10, max_scanned=4)
    assert arrive(matchmaker, "a", talks_of_x) is None
    assert [names(matchmaker.rescan(0)) for _ in range(3)] == [[], ["fits and a"], []]


def test_stopped_search_after_waiving_continues_too() -> None:
    matchmaker = make_crowded(10, max_scanned=4)
    matchmaker.withdraw(handle("fits"))
    in_persian = Preferences(Intent.TALK, topics=frozenset("x"), speak=frozenset({"fa"}))
    arrive(matchmaker, "a", in_persian)
    arrive(
        matchmaker, "b", Preferences(Intent.LISTEN, speak=frozenset({"en"})), waives_language=True
    )
    assert [matchmaker.rescan(0) for _ in range(5)] == [[]] * 5
    assert matchmaker.waive_language(handle("a"), 0) is None
    assert [names(matchmaker.rescan(0)) for _ in range(3)] == [[], ["a and b"], []]


def test_stopped_search_gets_past_a_ticket_under_many_keys() -> None:
    matchmaker = Matchmaker(max_tickets=9, max_scanned=1)
    speak = frozenset({"en", "fa"})
    arrive(matchmaker, "in the way", Preferences(Intent.LISTEN, speak=speak, limits=frozenset("x")))
    arrive(matchmaker, "fits", Preferences(Intent.LISTEN, speak=speak))
    assert arrive(matchmaker, "a", Preferences(Intent.TALK, frozenset("x"), speak)) is None
    assert names(matchmaker.rescan(0)) == ["fits and a"]


def test_all_searches_of_one_retry_share_one_bound() -> None:
    matchmaker = Matchmaker(max_tickets=2 * RESCAN_ENTRIES, max_scanned=2 * RESCAN_ENTRIES)
    fa, en, x = frozenset({"fa"}), frozenset({"en"}), frozenset("x")
    arrive(matchmaker, "a", Preferences(Intent.TALK, topics=x, speak=fa))
    for name in "bc":
        arrive(matchmaker, name, Preferences(Intent.TALK, speak=en))
    for number in range(RESCAN_ENTRIES):
        arrive(matchmaker, f"{number}", Preferences(Intent.LISTEN, speak=fa, limits=x))
    assert [names(matchmaker.rescan(TALKERS_MEET_S)) for _ in range(2)] == [[], ["b and c"]]


def test_absent_tickets_in_front_are_scanned_only_once() -> None:
    matchmaker = Matchmaker(max_tickets=99, max_scanned=4)
    for number in range(8):
        arrive(matchmaker, f"{number}", TALK, until_s=5)
    arrive(matchmaker, "here", TALK)
    assert [arrive(matchmaker, name, LISTEN, now_s=6) for name in "abc"] == [None, None, "here"]


def entry_count(matchmaker: Matchmaker) -> int:
    return len(matchmaker._index) + len(matchmaker._rescan) + len(matchmaker._partly_indexed)


def test_withdrawals_leave_no_index_entries() -> None:
    matchmaker = Matchmaker(max_tickets=1_000)
    for number in range(1_000):
        arrive(matchmaker, f"{number}", Preferences(Intent.LISTEN, frozenset({f"{number}"})))
    assert entry_count(matchmaker) == 1_000 * (2 * 2 + 2)
    for number in range(1_000):
        matchmaker.withdraw(handle(f"{number}"))
    assert entry_count(matchmaker) == 0
    assert matchmaker._index._orders == {}


def reachable(root: object) -> set[bytes]:
    """Return every byte string that is reachable from `root`."""
    seen, left, found = set[int](), [root], set[bytes]()
    while left:
        thing = left.pop()
        if id(thing) in seen or isinstance(
            thing, type | ModuleType | FunctionType | BuiltinFunctionType
        ):
            continue
        seen.add(id(thing))
        if isinstance(thing, bytes):
            found.add(thing)
        left += gc.get_referents(thing)
    return found


def test_no_reference_to_a_withdrawn_handle_remains() -> None:
    matchmaker = Matchmaker(max_tickets=9, max_scanned=2)
    for name in ("absent", "dropped"):
        arrive(matchmaker, name, TALK, until_s=1)
    for name in ("cancels", "met", "put back", "stays"):
        arrive(matchmaker, name, TALK, now_s=2)
    matchmaker.withdraw(handle("cancels"))
    arrive(matchmaker, "looks", LISTEN, now_s=3)
    matchmaker.rescan(3)
    matchmaker.set_presence(handle("absent"), 2)
    matchmaker.waive_language(handle("stays"), 3)
    matchmaker.drop_absent(2)
    assert reachable(matchmaker) == {handle(n) for n in ("absent", "put back", "stays")}
    for name in ("absent", "put back", "stays"):
        matchmaker.withdraw(handle(name))
    assert reachable(matchmaker) == set()


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
    relaxations: set[float] = field(default_factory=lambda: {TOPICS_RELAX_S, TALKERS_MEET_S})
    is_requested: bool = False


def model_fits(one: ModelTicket, other: ModelTicket, now_s: float) -> bool:
    """Implement the rules again, independently."""
    a, b, intents = (
        one.preferences,
        other.preferences,
        {one.preferences.intent, other.preferences.intent},
    )
    waited_s = now_s - min(one.since_s, other.since_s)
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


class MatchingAgreesWithAList(RuleBasedStateMachine):
    """Applies every operation to the matchmaker and to a naive model, a plain list."""

    def __init__(self) -> None:
        super().__init__()
        self.real = Matchmaker(max_tickets=5)
        self.list: list[ModelTicket] = []
        self.orders = 0
        self.now_s = 0.0
        self.last_search_s = -1.0

    def find(self, name: str) -> ModelTicket | None:
        """Return the ticket of that name in the model."""
        return next((t for t in self.list if t.name == name), None)

    def drop(self, *names: str) -> None:
        """Remove tickets from the model."""
        self.list = [t for t in self.list if t.name not in names]

    def oldest(self, seeker: ModelTicket) -> ModelTicket | None:
        """Return the oldest ticket of the model that fits now."""
        fitting = [
            other
            for other in self.list
            if other is not seeker
            and other.until_s >= self.now_s
            and model_fits(seeker, other, self.now_s)
        ]
        return min(fitting, key=lambda t: t.order, default=None)

    def search_again(self, ticket: ModelTicket) -> str | None:
        """Let a waiting ticket search; return both names, the older first."""
        found, self.last_search_s = self.oldest(ticket), self.now_s
        if found is None or ticket.until_s < self.now_s:
            return None
        self.drop(ticket.name, found.name)
        return " and ".join(t.name for t in sorted((ticket, found), key=lambda t: t.order))

    @rule(
        name=VISITORS,
        preferences=st.builds(Preferences, st.sampled_from(Intent), CODES, CODES, CODES, CODES),
        stay_s=st.sampled_from([1, 25, FOREVER]),
        never=st.frozensets(VISITORS, max_size=2),
        last=VISITORS,
        waives_language=st.booleans(),
    )
    def arrive(
        self,
        name: str,
        preferences: Preferences,
        stay_s: float,
        never: frozenset[str],
        last: str,
        waives_language: bool,
    ) -> None:
        """A visitor arrives, or arrives again with other preferences."""
        own, until_s = self.find(name), self.now_s + stay_s
        self.drop(name)
        self.orders += own is None
        order, since_s = (self.orders, self.now_s) if own is None else (own.order, own.since_s)
        ticket = ModelTicket(
            name, preferences, order, since_s, until_s, waives_language, never, last
        )
        expected, self.last_search_s = self.oldest(ticket), self.now_s
        handles = frozenset(map(handle, never))
        try:
            found = self.real.arrive(
                handle(name),
                preferences,
                self.now_s,
                until_s,
                waives_language=waives_language,
                never=handles,
                last=handle(last),
            )
        except ServerFullError:
            assert expected is None
            assert own is None
            assert len(self.list) >= 5
            return
        if expected is None:
            assert found is None
            self.list.append(ticket)
        else:
            assert found is not None
            assert found.handle == handle(expected.name)
            self.drop(expected.name)

    @rule(name=VISITORS)
    def fail_match(self, name: str) -> None:
        """A ticket is matched and requeued."""
        found, ticket = self.real.withdraw(handle(name)), self.find(name)
        if found is not None and ticket is not None:
            self.real.requeue(found)
            ticket.is_requested = True

    @rule(name=VISITORS)
    def withdraw(self, name: str) -> None:
        """A visitor cancels."""
        assert (self.real.withdraw(handle(name)) is None) == (self.find(name) is None)
        self.drop(name)

    @rule(name=VISITORS, stay_s=st.sampled_from([0, 3, FOREVER]))
    def refresh(self, name: str, stay_s: float) -> None:
        """A visitor renews their presence, or lets it end."""
        self.real.set_presence(handle(name), self.now_s + stay_s)
        ticket = self.find(name)
        if ticket is not None:
            ticket.is_requested |= ticket.until_s < self.last_search_s
            ticket.until_s = self.now_s + stay_s

    @rule(seconds=st.sampled_from([1, 5, 15, 40]))
    def let_time_pass(self, seconds: int) -> None:
        """The clock advances."""
        self.now_s += seconds

    @rule(grace_s=st.sampled_from([0, 6, 60]))
    def drop_absent(self, grace_s: int) -> None:
        """The sweep removes absent tickets."""
        self.real.drop_absent(self.now_s - grace_s)
        self.list = [t for t in self.list if t.until_s >= self.now_s - grace_s]

    @rule(name=VISITORS)
    def waive_language(self, name: str) -> None:
        """A waiting visitor waives a common language."""
        ticket, expected = self.find(name), None
        if ticket is not None:
            ticket.waives_language = True
            expected = self.search_again(ticket)
        pair = self.real.waive_language(handle(name), self.now_s)
        assert (None if pair is None else names([pair])[0]) == expected

    @rule()
    def retry(self) -> None:
        """All tickets that are due search; afterwards no two present tickets fit."""
        expected = []
        for ticket in sorted(self.list, key=lambda t: t.order):
            over = {s for s in ticket.relaxations if ticket.since_s + s <= self.now_s}
            if ticket in self.list and (over or ticket.is_requested):
                ticket.relaxations -= over
                ticket.is_requested = False
                expected += [pair] if (pair := self.search_again(ticket)) else []
        assert names(self.real.rescan(self.now_s)) == expected
        assert not [t for t in self.list if t.until_s >= self.now_s and self.oldest(t)]

    @invariant()
    def same_tickets(self) -> None:
        """Both hold the same tickets under the same orders, and nothing else."""
        assert len(self.real) == len(self.list)
        for ticket in self.list:
            real = self.real.ticket(handle(ticket.name))
            assert real is not None
            assert (real.preferences, real.since_s) == (ticket.preferences, ticket.since_s)
        by_order = sorted(self.list, key=lambda t: t.order)
        assert [real.handle for _, real in sorted(self.real._by_order.items())] == [
            handle(ticket.name) for ticket in by_order
        ]
        if not self.list:
            assert entry_count(self.real) == 0


TestMatchingAgreesWithAList = pytest.mark.slow(MatchingAgreesWithAList.TestCase)
TestMatchingAgreesWithAList.settings = settings(max_examples=150)


@pytest.mark.slow
@settings(max_examples=100)
@given(
    st.lists(
        st.builds(Preferences, st.sampled_from(Intent), CODES, CODES, CODES, CODES), max_size=20
    ),
    st.integers(1, 3),
)
def test_no_fitting_pair_remains_whatever_the_search_limit(
    preferences_list: list[Preferences], max_scanned: int
) -> None:
    matchmaker = Matchmaker(max_tickets=99, max_scanned=max_scanned)
    for number, preferences in enumerate(preferences_list):
        arrive(matchmaker, f"{number}", preferences)
    for now_s in (0, TOPICS_RELAX_S, TALKERS_MEET_S):
        for _ in preferences_list:
            assert all(may_match(*pair, now_s) for pair in matchmaker.rescan(now_s))
        left = list(matchmaker._tickets.values())
        assert not [
            1 for one in left for other in left if one is not other and may_match(one, other, now_s)
        ]
