"""Who may be matched in a draw, and what the queue keeps of those who wait."""

from __future__ import annotations

import gc
from dataclasses import replace
from types import BuiltinFunctionType, FunctionType, ModuleType

import pytest

from server.core.errors import ServerFullError
from server.core.limits import MAX_BLOCKED, SAME_PARTNER_S, TALKERS_MEET_S, TOPICS_RELAX_S
from server.core.matching.matchmaker import FOREVER, Ticket
from server.core.matching.preferences import Intent, Preferences
from server.core.matching.ticket import may_match

from .queue import ANY, LISTEN, TALK, Queue, about, handle, speaks


def test_listener_is_matched_with_a_talker_not_a_listener() -> None:
    queue = Queue()
    queue.enter("a", LISTEN)
    queue.enter("b", TALK)
    assert queue.draw() == ["a and b"]
    queue.enter("c", LISTEN)
    queue.enter("d", LISTEN)
    assert queue.draw() == []


def test_nobody_is_matched_before_the_draw() -> None:
    queue = Queue()
    queue.enter("a")
    queue.enter("b")
    assert queue.waits("a")
    assert queue.waits("b")
    assert queue.draw() == ["a and b"]
    assert not queue.waits("a")
    assert queue.draw() == []


def test_visitor_is_never_matched_with_themselves() -> None:
    queue = Queue()
    queue.enter("a")
    queue.enter("a")
    assert queue.draw() == []
    assert len(queue.matchmaker) == 1


def test_absent_ticket_is_skipped_until_its_owner_is_back() -> None:
    queue = Queue()
    queue.enter("early", TALK, until_s=30)
    queue.enter("late", TALK, until_s=40)
    queue.draw()
    queue.enter("x", LISTEN, now_s=31)
    assert queue.draw(31) == ["late and x"]
    queue.matchmaker.set_presence(handle("early"), 100)
    queue.enter("y", LISTEN, now_s=50)
    assert queue.draw(60) == ["early and y"]


def test_presence_includes_its_deadline() -> None:
    queue = Queue()
    queue.enter("a", until_s=30)
    queue.enter("b", now_s=30)
    assert queue.draw(30) == ["a and b"]


def test_open_stream_counts_as_present_forever() -> None:
    queue = Queue()
    queue.enter("a", until_s=FOREVER)
    queue.matchmaker.drop_absent(10.0**9)
    queue.enter("b", now_s=10.0**9)
    assert queue.draw(10.0**9) == ["a and b"]


def test_withdrawn_ticket_is_never_matched() -> None:
    queue = Queue()
    queue.enter("a")
    assert queue.matchmaker.withdraw(handle("a")) is not None
    assert queue.matchmaker.withdraw(handle("a")) is None
    queue.enter("b")
    assert queue.draw() == []


def test_ticket_withdrawn_during_a_draw_is_not_matched() -> None:
    queue = Queue()
    for name in "ab":
        queue.enter(name)
    draw = queue.matchmaker.draw(0)
    queue.matchmaker.withdraw(handle("a"))
    assert list(draw) == [[]]


def requeue(queue: Queue, name: str) -> Ticket:
    """Match a ticket in vain: it is withdrawn and requeued."""
    ticket = queue.matchmaker.withdraw(handle(name))
    assert ticket is not None
    queue.matchmaker.requeue(ticket)
    return ticket


def test_requeued_ticket_keeps_its_waiting_time() -> None:
    queue = Queue()
    queue.enter("a", TALK, now_s=5)
    before = requeue(queue, "a")
    ticket = queue.matchmaker.ticket(handle("a"))
    assert ticket is not None
    assert (ticket.order, ticket.since_s) == (before.order, 5)
    queue.enter("b", TALK, now_s=5 + TALKERS_MEET_S)
    assert queue.draw(5 + TALKERS_MEET_S) == ["a and b"]


def test_requeue_is_allowed_when_the_queue_is_full() -> None:
    queue = Queue(max_tickets=1)
    queue.enter("a", TALK)
    ticket = queue.matchmaker.withdraw(handle("a"))
    assert ticket is not None
    queue.enter("b", TALK)
    queue.matchmaker.requeue(ticket)
    assert len(queue.matchmaker) == 2
    queue.enter("b", LISTEN)
    assert queue.draw() == ["a and b"]


def test_full_queue_refuses_newcomers_only() -> None:
    queue = Queue(max_tickets=1)
    queue.enter("a", TALK)
    with pytest.raises(ServerFullError):
        queue.enter("b", LISTEN)
    queue.enter("a", LISTEN)
    assert len(queue.matchmaker) == 1


def test_requeue_after_a_new_request_leaves_one_ticket() -> None:
    queue = Queue()
    queue.enter("a", TALK)
    ticket = queue.matchmaker.withdraw(handle("a"))
    assert ticket is not None
    queue.enter("a", LISTEN)
    queue.matchmaker.requeue(ticket)
    assert len(queue.matchmaker) == 1
    queue.matchmaker.withdraw(handle("a"))
    assert queue.entry_count == 0


def test_drop_absent_removes_only_expired_presences() -> None:
    queue = Queue()
    for name, until_s in (("gone", 9.0), ("just-here", 10.0), ("here", 11.0)):
        queue.enter(name, TALK, until_s=until_s)
    queue.matchmaker.drop_absent(10)
    assert not queue.waits("gone")
    assert len(queue.matchmaker) == 2


def test_new_preferences_keep_the_waiting_time() -> None:
    queue = Queue()
    queue.enter("a", LISTEN)
    queue.enter("a", about("x"), now_s=15)
    queue.enter("b", about("y"), now_s=TOPICS_RELAX_S)
    assert queue.draw(TOPICS_RELAX_S) == ["a and b"]


def test_two_tickets_with_one_order_raise() -> None:
    queue = Queue()
    queue.enter("a", TALK)
    ticket = queue.matchmaker.ticket(handle("a"))
    assert ticket is not None
    with pytest.raises(ValueError, match="same order"):
        queue.matchmaker.requeue(replace(ticket, handle=handle("b")))


def test_topic_must_agree_until_topics_are_relaxed() -> None:
    queue = Queue()
    queue.enter("a", Preferences(Intent.LISTEN, topics=frozenset("xy")))
    queue.enter("b", Preferences(Intent.LISTEN, topics=frozenset("z")))
    queue.enter("c", Preferences(Intent.TALK, topics=frozenset("z")))
    assert queue.draw() == ["b and c"]
    queue.enter("d", Preferences(Intent.TALK, topics=frozenset("z")), now_s=5)
    assert queue.draw(TOPICS_RELAX_S - 1) == []
    assert queue.draw(TOPICS_RELAX_S) == ["a and d"]


def test_blocked_partner_is_skipped_in_both_directions() -> None:
    queue = Queue()
    queue.enter("a", never="x")
    queue.enter("x", now_s=1e6)
    assert queue.draw(1e6) == []
    queue.enter("b", LISTEN, never="a x", now_s=1e6)
    assert queue.draw(1e9) == []
    queue.enter("c", LISTEN, now_s=1e9, never="a")
    assert queue.draw(1e9) == ["x and c"]


def test_too_many_blocked_partners_raise() -> None:
    queue = Queue()
    listed = " ".join(f"{number}" for number in range(MAX_BLOCKED))
    queue.enter("a", never=listed)
    with pytest.raises(ValueError, match="too many"):
        queue.enter("a", never=f"{listed} more")


@pytest.mark.parametrize("remembers", ["older", "younger"])
def test_same_two_are_rematched_only_after_a_minute(remembers: str) -> None:
    queue = Queue()
    queue.enter("a", last="b" if remembers == "older" else "")
    queue.enter("b", now_s=SAME_PARTNER_S - 1, last="a" if remembers == "younger" else "")
    assert queue.draw(SAME_PARTNER_S - 1) == []
    assert queue.draw(SAME_PARTNER_S) == ["a and b"]


def test_learner_is_matched_with_a_speaker_in_either_order() -> None:
    learns = Preferences(Intent.ANY, speak=frozenset({"fa"}), practise=frozenset({"en"}))
    for first, second in ((learns, speaks("en")), (speaks("en"), learns)):
        queue = Queue()
        queue.enter("a", first)
        queue.enter("b", second)
        assert queue.draw() == ["a and b"]


def test_one_side_alone_cannot_waive_the_language() -> None:
    one, other = (
        Ticket(handle("a"), speaks("fa"), 1, 0, 9),
        Ticket(handle("b"), speaks("en"), 2, 0, 9),
    )
    assert not may_match(one, replace(other, waives_language=True), 0)
    assert not may_match(replace(one, waives_language=True), other, 0)
    assert may_match(replace(one, waives_language=True), replace(other, waives_language=True), 0)


def test_two_without_a_common_language_match_once_both_waive_it() -> None:
    queue = Queue()
    queue.enter("a", speaks("fa"))
    queue.enter("b", speaks("en"))
    queue.matchmaker.waive_language(handle("b"))
    queue.matchmaker.waive_language(handle("b"))
    assert queue.draw() == []
    queue.matchmaker.waive_language(handle("a"))
    assert queue.draw() == ["a and b"]


def test_waiving_newcomer_is_matched_with_a_waiving_ticket() -> None:
    queue = Queue()
    queue.enter("a", speaks("fa"))
    queue.enter("b", speaks("my"), waives_language=True)
    queue.enter("c", speaks("en"), waives_language=True)
    assert queue.draw() == ["b and c"]


def test_waiving_without_a_ticket_changes_nothing() -> None:
    queue = Queue()
    queue.matchmaker.waive_language(handle("a"))
    assert queue.entry_count == 0


def test_rules_relax_while_tickets_wait() -> None:
    queue = Queue()
    for number, topic in enumerate("vwxyz"):
        queue.enter(topic, about(topic), now_s=number)
    assert queue.draw(TOPICS_RELAX_S - 1) == []
    (pair,) = queue.draw(TOPICS_RELAX_S)
    assert pair.startswith("v and ")
    assert len(queue.draw(TOPICS_RELAX_S + 4)) == 1
    assert len(queue.matchmaker) == 1


def test_draw_is_not_affected_by_clock_rounding() -> None:
    for tenth in range(3_000):
        queue = Queue()
        for name in "ab":
            queue.enter(name, about(name), now_s=tenth / 10)
        early = queue.draw(tenth / 10 + TOPICS_RELAX_S)
        assert len(early + queue.draw(tenth / 10 + TOPICS_RELAX_S + 0.001)) == 1


def test_returning_ticket_searches_again() -> None:
    queue = Queue()
    queue.enter("a", about("x"), until_s=10)
    queue.enter("b", about("y"), now_s=5)
    assert queue.draw(TOPICS_RELAX_S) == []
    queue.matchmaker.set_presence(handle("a"), TOPICS_RELAX_S + 30)
    assert queue.draw(TOPICS_RELAX_S + 1) == ["a and b"]


def test_ticket_skipped_while_absent_matches_at_the_next_draw() -> None:
    queue = Queue()
    queue.enter("a", TALK, until_s=30)
    assert queue.draw(30) == []
    queue.enter("b", LISTEN, now_s=31)
    assert queue.draw(31) == []
    queue.matchmaker.set_presence(handle("a"), 62)
    assert queue.draw(32) == ["a and b"]


def test_withdrawals_leave_no_index_entries() -> None:
    queue = Queue(max_tickets=1_000)
    for number in range(1_000):
        queue.enter(f"{number}", Preferences(Intent.LISTEN, frozenset({f"{number}"})))
    # Two languages by two topics, two relaxations; due, and fresh.
    assert queue.entry_count == 1_000 * (2 * 2 + 2 + 2)
    queue.draw()
    assert queue.entry_count == 1_000 * (2 * 2 + 2)
    for number in range(1_000):
        queue.matchmaker.withdraw(handle(f"{number}"))
    assert queue.entry_count == 0
    assert queue.matchmaker._waiting.index._orders == {}


def reachable(root: object) -> set[bytes]:
    """Return every byte string that is reachable from `root`, but not the state of the chance."""
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


def test_no_reference_to_a_withdrawn_handle_or_circuit_remains() -> None:
    queue = Queue(max_scanned=2, left_out=0.5)
    for name in ("absent", "dropped"):
        queue.enter(name, TALK, until_s=1, circuit="one")
    for name in ("cancels", "met", "back", "stays"):
        queue.enter(name, TALK, now_s=2, circuit=f"{name}'s")
    queue.matchmaker.withdraw(handle("cancels"))
    queue.enter("looks", LISTEN, now_s=3, circuit="met's")
    for now_s in range(3, 9):
        queue.draw(now_s)
    assert not queue.waits("looks")
    queue.matchmaker.set_presence(handle("absent"), 2)
    queue.matchmaker.waive_language(handle("stays"))
    queue.matchmaker.drop_absent(2)
    assert reachable(queue.matchmaker) == {
        b"absent", b"back", b"stays", b"back's", b"stays's",
    }  # fmt: skip
    for name in ("absent", "back", "stays"):
        queue.matchmaker.withdraw(handle(name))
    assert reachable(queue.matchmaker) == set()
    assert queue.entry_count == 0
    assert ANY.limits == frozenset()
