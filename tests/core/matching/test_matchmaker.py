"""Who came first is served first, nobody meets themselves, and no arrival waits in vain."""

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
    RETRY_PLACES,
    RETRY_TICKETS,
    SAME_AGAIN_S,
    TALKERS_MEET_S,
    TOPICS_OPEN_S,
)
from server.core.matching.matchmaker import FOREVER, Matchmaker, Pair
from server.core.matching.preferences import Intent, Preferences
from server.core.matching.ticket import Ticket, may_meet

TALK, LISTEN, ANY = Preferences(Intent.TALK), Preferences(Intent.LISTEN), Preferences(Intent.ANY)


def who(name: str) -> Handle:
    return Handle(name.encode())


def names(pairs: list[Pair]) -> list[str]:
    return [" and ".join(ticket.handle.decode() for ticket in pair) for pair in pairs]


def about(topics: str, *, limits: str = "") -> Preferences:
    """Anything about topics of one letter each."""
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
    """Let somebody arrive; return whom they met."""
    found = matchmaker.arrive(
        who(name),
        preferences,
        now_s,
        until_s,
        never=frozenset(map(who, never.split())),
        last=who(last) if last else None,
        waives_language=waives_language,
    )
    return None if found is None else found.handle.decode()


def test_listener_meets_who_wants_to_talk_and_not_another_listener() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    assert arrive(matchmaker, "a", LISTEN) is None
    assert arrive(matchmaker, "b", LISTEN) is None
    assert arrive(matchmaker, "c", TALK) == "a"


def test_oldest_that_fits_is_met_whatever_it_asked_for() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    for name, preferences in (("talks", TALK), ("also talks", TALK)):
        arrive(matchmaker, name, preferences)
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


def test_place_at_the_head_is_given_even_in_a_full_server() -> None:
    matchmaker = Matchmaker(max_tickets=1)
    arrive(matchmaker, "a", TALK)
    found = matchmaker.arrive(who("x"), LISTEN, 0, 30)
    assert found is not None
    arrive(matchmaker, "b", TALK)
    matchmaker.wait(found)
    assert len(matchmaker) == 2


def test_full_server_refuses_only_who_would_have_to_wait() -> None:
    matchmaker = Matchmaker(max_tickets=1)
    arrive(matchmaker, "a", TALK)
    with pytest.raises(ServerFullError):
        arrive(matchmaker, "b", TALK)
    assert arrive(matchmaker, "a", TALK) is None
    assert arrive(matchmaker, "c", LISTEN) == "a"


def test_who_waits_already_is_not_refused_in_an_overfull_server() -> None:
    matchmaker = Matchmaker(max_tickets=1)
    arrive(matchmaker, "a", TALK)
    found = matchmaker.arrive(who("x"), LISTEN, 0, 30)
    assert found is not None
    arrive(matchmaker, "b", TALK)
    matchmaker.wait(found)
    assert arrive(matchmaker, "b", TALK) is None
    assert len(matchmaker) == 2


def test_who_is_put_back_and_came_again_meanwhile_has_one_ticket() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", TALK)
    found = matchmaker.arrive(who("x"), LISTEN, 0, 30)
    assert found is not None
    arrive(matchmaker, "b", TALK)
    arrive(matchmaker, "a", TALK)
    matchmaker.wait(found)
    assert [arrive(matchmaker, name, LISTEN) for name in "pqr"] == ["a", "b", None]
    matchmaker.withdraw(who("r"))
    assert taken_places(matchmaker) == 0


def test_dropping_takes_those_whose_presence_ended_before_and_no_others() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    for name, until_s in (("gone", 9.0), ("just here", 10.0), ("here", 11.0)):
        arrive(matchmaker, name, TALK, until_s=until_s)
    matchmaker.drop_absent(10)
    assert matchmaker.ticket(who("gone")) is None
    assert len(matchmaker) == 2


def test_place_at_the_head_comes_with_the_wait_it_had() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", TALK, now_s=5)
    found = matchmaker.arrive(who("x"), LISTEN, 6, FOREVER)
    assert found is not None
    matchmaker.wait(found)
    ticket = matchmaker.ticket(who("a"))
    assert ticket is not None
    assert (ticket.order, ticket.since_s) == (found.order, 5)
    assert arrive(matchmaker, "b", TALK, now_s=5 + TALKERS_MEET_S) == "a"


def test_new_wish_keeps_the_wait_of_the_old_one() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", LISTEN)
    arrive(matchmaker, "a", about("x"), now_s=15)
    assert arrive(matchmaker, "b", about("y"), now_s=TOPICS_OPEN_S) == "a"


def test_two_tickets_of_one_order_are_a_bug() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", TALK)
    ticket = matchmaker.ticket(who("a"))
    assert ticket is not None
    with pytest.raises(ValueError, match="one order"):
        matchmaker.wait(replace(ticket, handle=who("b")))


def test_oldest_with_a_common_topic_is_met_before_younger_ones_without_any() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    for name, topics in (("a", "xy"), ("b", "z"), ("c", "z")):
        arrive(matchmaker, name, Preferences(Intent.LISTEN, topics=frozenset(topics)))
    talks_of_z = Preferences(Intent.TALK, topics=frozenset("z"))
    assert arrive(matchmaker, "d", talks_of_z) == "b"
    assert arrive(matchmaker, "e", talks_of_z, now_s=TOPICS_OPEN_S) == "a"


def test_who_is_never_to_be_met_again_is_passed_over_whoever_said_so() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", never="x")
    assert arrive(matchmaker, "x", now_s=1e6) is None
    arrive(matchmaker, "b", LISTEN, never="a x", now_s=1e6)
    assert arrive(matchmaker, "c", LISTEN, now_s=1e6, never="a") == "x"
    assert matchmaker.retry(1e9) == []


def test_long_list_of_never_again_is_refused_as_a_bug() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    listed = " ".join(f"{number}" for number in range(MAX_BLOCKED))
    assert arrive(matchmaker, "a", never=listed) is None
    with pytest.raises(ValueError, match="too many"):
        arrive(matchmaker, "a", never=f"{listed} more")


@pytest.mark.parametrize("says", ["older", "younger"])
def test_same_two_meet_twice_in_a_row_only_after_a_minute(says: str) -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", last="b" if says == "older" else "")
    last = "a" if says == "younger" else ""
    assert arrive(matchmaker, "b", now_s=SAME_AGAIN_S - 1, last=last) is None
    assert matchmaker.retry(SAME_AGAIN_S - 1) == []
    assert names(matchmaker.retry(SAME_AGAIN_S)) == ["a and b"]


def test_who_practises_a_language_meets_who_speaks_it_whoever_came_first() -> None:
    learns = Preferences(Intent.ANY, speak=frozenset({"fa"}), practise=frozenset({"en"}))
    for first, second in ((learns, speaks("en")), (speaks("en"), learns)):
        matchmaker = Matchmaker(max_tickets=9)
        arrive(matchmaker, "a", first)
        assert arrive(matchmaker, "b", second) == "a"


def test_one_alone_cannot_do_without_a_common_language() -> None:
    one, other = Ticket(who("a"), speaks("fa"), 1, 0, 9), Ticket(who("b"), speaks("en"), 2, 0, 9)
    assert not may_meet(one, replace(other, waives_language=True), 0)
    assert not may_meet(replace(one, waives_language=True), other, 0)
    assert may_meet(replace(one, waives_language=True), replace(other, waives_language=True), 0)


def test_two_without_a_common_language_meet_once_both_look_further() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", speaks("fa"))
    arrive(matchmaker, "b", speaks("en"))
    assert matchmaker.waive_language(who("b"), 0) is None
    assert matchmaker.waive_language(who("b"), 0) is None
    pair = matchmaker.waive_language(who("a"), 0)
    assert pair is not None
    assert names([pair]) == ["a and b"]
    assert len(matchmaker) == 0


def test_arrival_that_looks_further_meets_who_does_so_too() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", speaks("fa"))
    arrive(matchmaker, "b", speaks("my"), waives_language=True)
    assert arrive(matchmaker, "c", speaks("en"), waives_language=True) == "b"
    assert arrive(matchmaker, "d", speaks("en")) is None


def test_who_does_not_wait_cannot_look_further() -> None:
    assert Matchmaker(max_tickets=9).waive_language(who("a"), 0) is None


def test_who_is_gone_is_not_matched_by_looking_again() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "gone", TALK, until_s=10)
    arrive(matchmaker, "here", TALK)
    assert matchmaker.retry(TALKERS_MEET_S) == []
    assert matchmaker.waive_language(who("gone"), TALKERS_MEET_S) is None
    matchmaker.refresh(who("gone"), TALKERS_MEET_S + 30)
    assert names(matchmaker.retry(TALKERS_MEET_S + 1)) == ["gone and here"]


def test_retry_matches_whom_time_has_brought_together_the_oldest_first() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    for number, topic in enumerate("vwxyz"):
        arrive(matchmaker, topic, about(topic), now_s=number)
    assert matchmaker.retry(TOPICS_OPEN_S - 1) == []
    assert names(matchmaker.retry(TOPICS_OPEN_S)) == ["v and w"]
    assert names(matchmaker.retry(TOPICS_OPEN_S + 9)) == ["x and y"]
    assert len(matchmaker) == 1


def test_retry_tells_the_older_first_even_when_the_younger_looked() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "older", speaks("fa"), waives_language=True)
    arrive(matchmaker, "younger", speaks("en"))
    pair = matchmaker.waive_language(who("younger"), 1)
    assert pair is not None
    assert names([pair]) == ["older and younger"]


def test_retry_misses_nobody_by_a_rounding_of_the_clock() -> None:
    for tenth in range(3_000):
        matchmaker = Matchmaker(max_tickets=9)
        for name in "ab":
            arrive(matchmaker, name, about(name), now_s=tenth / 10)
        early = matchmaker.retry(tenth / 10 + TOPICS_OPEN_S)
        assert len(early + matchmaker.retry(tenth / 10 + TOPICS_OPEN_S + 0.001)) == 1


def test_who_was_absent_at_the_moment_looks_on_return() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", about("x"), until_s=10)
    arrive(matchmaker, "b", about("y"), now_s=5)
    assert matchmaker.retry(TOPICS_OPEN_S) == []
    matchmaker.refresh(who("a"), TOPICS_OPEN_S + 30)
    assert names(matchmaker.retry(TOPICS_OPEN_S + 1)) == ["a and b"]


def test_who_was_passed_over_while_absent_is_found_by_the_next_retry() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", TALK, until_s=30)
    assert matchmaker.retry(30) == []
    assert arrive(matchmaker, "b", LISTEN, now_s=31) is None
    matchmaker.refresh(who("a"), 62)
    assert names(matchmaker.retry(32)) == ["a and b"]


def test_who_is_put_back_meets_at_the_next_retry_who_came_meanwhile() -> None:
    matchmaker = Matchmaker(max_tickets=9)
    arrive(matchmaker, "a", TALK)
    found = matchmaker.arrive(who("x"), LISTEN, 0, FOREVER)
    assert found is not None
    arrive(matchmaker, "y", LISTEN)
    matchmaker.wait(found)
    assert names(matchmaker.retry(0)) == ["a and y"]


def test_one_retry_is_bounded_and_the_next_goes_on() -> None:
    matchmaker = Matchmaker(max_tickets=9 * RETRY_TICKETS)
    for number in range(4 * RETRY_TICKETS):
        arrive(matchmaker, f"{number}", TALK)
    matched = [len(matchmaker.retry(TALKERS_MEET_S)) for _ in range(3)]
    assert matched == [RETRY_TICKETS, RETRY_TICKETS, 0]


def make_crowded(in_front: int, look_places: int) -> Matchmaker:
    """A house where everybody in front of `fits` rules out to talk about `x`."""
    matchmaker = Matchmaker(max_tickets=in_front + 9, look_places=look_places)
    for number in range(in_front):
        arrive(matchmaker, f"{number}", Preferences(Intent.LISTEN, limits=frozenset("x")))
    arrive(matchmaker, "fits", LISTEN)
    return matchmaker


def test_look_that_was_cut_short_goes_on_at_the_next_retries() -> None:
    talks_of_x = Preferences(Intent.TALK, topics=frozenset("x"))
    assert arrive(make_crowded(9, look_places=10), "a", talks_of_x) == "fits"
    matchmaker = make_crowded(10, look_places=4)
    assert arrive(matchmaker, "a", talks_of_x) is None
    assert [names(matchmaker.retry(0)) for _ in range(3)] == [[], ["fits and a"], []]


def test_look_further_that_was_cut_short_goes_on_too() -> None:
    matchmaker = make_crowded(10, look_places=4)
    matchmaker.withdraw(who("fits"))
    in_persian = Preferences(Intent.TALK, topics=frozenset("x"), speak=frozenset({"fa"}))
    arrive(matchmaker, "a", in_persian)
    arrive(
        matchmaker, "b", Preferences(Intent.LISTEN, speak=frozenset({"en"})), waives_language=True
    )
    assert [matchmaker.retry(0) for _ in range(5)] == [[]] * 5
    assert matchmaker.waive_language(who("a"), 0) is None
    assert [names(matchmaker.retry(0)) for _ in range(3)] == [[], ["a and b"], []]


def test_cut_look_gets_past_somebody_who_stands_in_many_lines() -> None:
    matchmaker = Matchmaker(max_tickets=9, look_places=1)
    speak = frozenset({"en", "fa"})
    arrive(matchmaker, "in the way", Preferences(Intent.LISTEN, speak=speak, limits=frozenset("x")))
    arrive(matchmaker, "fits", Preferences(Intent.LISTEN, speak=speak))
    assert arrive(matchmaker, "a", Preferences(Intent.TALK, frozenset("x"), speak)) is None
    assert names(matchmaker.retry(0)) == ["fits and a"]


def test_looks_of_one_retry_are_bounded_all_together() -> None:
    matchmaker = Matchmaker(max_tickets=2 * RETRY_PLACES, look_places=2 * RETRY_PLACES)
    fa, en, x = frozenset({"fa"}), frozenset({"en"}), frozenset("x")
    arrive(matchmaker, "a", Preferences(Intent.TALK, topics=x, speak=fa))
    for name in "bc":
        arrive(matchmaker, name, Preferences(Intent.TALK, speak=en))
    for number in range(RETRY_PLACES):
        arrive(matchmaker, f"{number}", Preferences(Intent.LISTEN, speak=fa, limits=x))
    assert [names(matchmaker.retry(TALKERS_MEET_S)) for _ in range(2)] == [[], ["b and c"]]


def test_absent_ones_in_front_are_met_once_and_then_out_of_the_way() -> None:
    matchmaker = Matchmaker(max_tickets=99, look_places=4)
    for number in range(8):
        arrive(matchmaker, f"{number}", TALK, until_s=5)
    arrive(matchmaker, "here", TALK)
    assert [arrive(matchmaker, name, LISTEN, now_s=6) for name in "abc"] == [None, None, "here"]


def taken_places(matchmaker: Matchmaker) -> int:
    return len(matchmaker._lines) + len(matchmaker._retries) + len(matchmaker._stepped_out)


def test_thousand_withdrawals_leave_no_pile_behind() -> None:
    matchmaker = Matchmaker(max_tickets=1_000)
    for number in range(1_000):
        arrive(matchmaker, f"{number}", Preferences(Intent.LISTEN, frozenset({f"{number}"})))
    assert taken_places(matchmaker) == 1_000 * (2 * 2 + 2)
    for number in range(1_000):
        matchmaker.withdraw(who(f"{number}"))
    assert taken_places(matchmaker) == 0
    assert matchmaker._lines._lines == {}


def reachable(root: object) -> set[bytes]:
    """Every byte string that `root` leads to."""
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


def test_nothing_leads_to_a_handle_that_waits_no_longer() -> None:
    matchmaker = Matchmaker(max_tickets=9, look_places=2)
    for name in ("absent", "dropped"):
        arrive(matchmaker, name, TALK, until_s=1)
    for name in ("cancels", "met", "put back", "stays"):
        arrive(matchmaker, name, TALK, now_s=2)
    matchmaker.withdraw(who("cancels"))
    arrive(matchmaker, "looks", LISTEN, now_s=3)
    matchmaker.retry(3)
    matchmaker.refresh(who("absent"), 2)
    matchmaker.waive_language(who("stays"), 3)
    matchmaker.drop_absent(2)
    assert reachable(matchmaker) == {who(n) for n in ("absent", "put back", "stays")}
    for name in ("absent", "put back", "stays"):
        matchmaker.withdraw(who(name))
    assert reachable(matchmaker) == set()


@dataclass(slots=True)
class ModelTicket:
    """A ticket as a list would hold it."""

    name: str
    preferences: Preferences
    order: int
    since_s: float
    until_s: float
    waives_language: bool
    never: frozenset[str]
    last: str
    waits_for: set[float] = field(default_factory=lambda: {TOPICS_OPEN_S, TALKERS_MEET_S})
    looks_again: bool = False


def suit(one: ModelTicket, other: ModelTicket, now_s: float) -> bool:
    """The rules once more, written down another way."""
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
PEOPLE = st.sampled_from("abcdefgh")


class MatchingAgreesWithAList(RuleBasedStateMachine):
    """Everything that can happen to tickets, done to the matchmaker and to a plain list."""

    def __init__(self) -> None:
        super().__init__()
        self.real = Matchmaker(max_tickets=5)
        self.list: list[ModelTicket] = []
        self.orders = 0
        self.now_s = 0.0
        self.looked_s = -1.0

    def find(self, name: str) -> ModelTicket | None:
        """Somebody on the list."""
        return next((t for t in self.list if t.name == name), None)

    def drop(self, *names: str) -> None:
        """Take people off the list."""
        self.list = [t for t in self.list if t.name not in names]

    def oldest(self, seeker: ModelTicket) -> ModelTicket | None:
        """Whom somebody meets by looking now."""
        fitting = [
            other
            for other in self.list
            if other is not seeker
            and other.until_s >= self.now_s
            and suit(seeker, other, self.now_s)
        ]
        return min(fitting, key=lambda t: t.order, default=None)

    def look_again(self, ticket: ModelTicket) -> str | None:
        """Let somebody look who waits; return both names, the older first."""
        found, self.looked_s = self.oldest(ticket), self.now_s
        if found is None or ticket.until_s < self.now_s:
            return None
        self.drop(ticket.name, found.name)
        return " and ".join(t.name for t in sorted((ticket, found), key=lambda t: t.order))

    @rule(
        name=PEOPLE,
        preferences=st.builds(Preferences, st.sampled_from(Intent), CODES, CODES, CODES, CODES),
        stay_s=st.sampled_from([1, 25, FOREVER]),
        never=st.frozensets(PEOPLE, max_size=2),
        last=PEOPLE,
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
        """Somebody comes, or comes again with another wish."""
        own, until_s = self.find(name), self.now_s + stay_s
        self.drop(name)
        self.orders += own is None
        order, since_s = (self.orders, self.now_s) if own is None else (own.order, own.since_s)
        ticket = ModelTicket(
            name, preferences, order, since_s, until_s, waives_language, never, last
        )
        expected, self.looked_s = self.oldest(ticket), self.now_s
        handles = frozenset(map(who, never))
        try:
            found = self.real.arrive(
                who(name),
                preferences,
                self.now_s,
                until_s,
                waives_language=waives_language,
                never=handles,
                last=who(last),
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
            assert found.handle == who(expected.name)
            self.drop(expected.name)

    @rule(name=PEOPLE)
    def meet_in_vain(self, name: str) -> None:
        """Somebody is met, and put back."""
        found, ticket = self.real.withdraw(who(name)), self.find(name)
        if found is not None and ticket is not None:
            self.real.wait(found)
            ticket.looks_again = True

    @rule(name=PEOPLE)
    def withdraw(self, name: str) -> None:
        """Somebody cancels."""
        assert (self.real.withdraw(who(name)) is None) == (self.find(name) is None)
        self.drop(name)

    @rule(name=PEOPLE, stay_s=st.sampled_from([0, 3, FOREVER]))
    def refresh(self, name: str, stay_s: float) -> None:
        """Somebody shows that they are there, or begin to be gone."""
        self.real.refresh(who(name), self.now_s + stay_s)
        ticket = self.find(name)
        if ticket is not None:
            ticket.looks_again |= ticket.until_s < self.looked_s
            ticket.until_s = self.now_s + stay_s

    @rule(seconds=st.sampled_from([1, 5, 15, 40]))
    def let_time_pass(self, seconds: int) -> None:
        """The clock goes on."""
        self.now_s += seconds

    @rule(grace_s=st.sampled_from([0, 6, 60]))
    def drop_absent(self, grace_s: int) -> None:
        """The sweep comes by."""
        self.real.drop_absent(self.now_s - grace_s)
        self.list = [t for t in self.list if t.until_s >= self.now_s - grace_s]

    @rule(name=PEOPLE)
    def waive_language(self, name: str) -> None:
        """Somebody who waits does without a common language."""
        ticket, expected = self.find(name), None
        if ticket is not None:
            ticket.waives_language = True
            expected = self.look_again(ticket)
        pair = self.real.waive_language(who(name), self.now_s)
        assert (None if pair is None else names([pair])[0]) == expected

    @rule()
    def retry(self) -> None:
        """Everybody looks who may have somebody now; then no two are left who fit."""
        expected = []
        for ticket in sorted(self.list, key=lambda t: t.order):
            over = {s for s in ticket.waits_for if ticket.since_s + s <= self.now_s}
            if ticket in self.list and (over or ticket.looks_again):
                ticket.waits_for -= over
                ticket.looks_again = False
                expected += [pair] if (pair := self.look_again(ticket)) else []
        assert names(self.real.retry(self.now_s)) == expected
        assert not [t for t in self.list if t.until_s >= self.now_s and self.oldest(t)]

    @invariant()
    def same_tickets(self) -> None:
        """Both hold the same tickets under the same orders, and nothing besides."""
        assert len(self.real) == len(self.list)
        for ticket in self.list:
            real = self.real.ticket(who(ticket.name))
            assert real is not None
            assert (real.preferences, real.since_s) == (ticket.preferences, ticket.since_s)
        by_order = sorted(self.list, key=lambda t: t.order)
        assert [real.handle for _, real in sorted(self.real._by_order.items())] == [
            who(ticket.name) for ticket in by_order
        ]
        if not self.list:
            assert taken_places(self.real) == 0


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
def test_however_short_a_look_is_in_the_end_no_two_are_left_who_fit(
    wishes: list[Preferences], look_places: int
) -> None:
    matchmaker = Matchmaker(max_tickets=99, look_places=look_places)
    for number, preferences in enumerate(wishes):
        arrive(matchmaker, f"{number}", preferences)
    for now_s in (0, TOPICS_OPEN_S, TALKERS_MEET_S):
        for _ in wishes:
            assert all(may_meet(*pair, now_s) for pair in matchmaker.retry(now_s))
        left = list(matchmaker._tickets.values())
        assert not [
            1 for one in left for other in left if one is not other and may_meet(one, other, now_s)
        ]
