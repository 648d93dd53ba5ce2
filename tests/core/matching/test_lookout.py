"""A ticket learns that somebody waits who speaks another language, and nothing else of them."""

from __future__ import annotations

import pytest

from server.core.limits import LOOK_AGE_S, LOOK_MAX_S, LOOK_S, LOOK_TICKETS
from server.core.matching.preferences import Intent, Preferences

from .queue import Queue, handle, speaks

LATER_S = 100.0
"""A moment at which everybody who entered at 0 is old enough to be seen."""


def sees(queue: Queue, name: str) -> bool:
    """Return whether a waiting visitor is told that somebody waits in another language."""
    ticket = queue.matchmaker.ticket(handle(name))
    assert ticket is not None
    return queue.matchmaker.sees_other_language(ticket)


def queue_of(now_s: float = LATER_S, **waiting: Preferences) -> Queue:
    """Make a queue whose visitors came at 0, and draw once."""
    queue = Queue()
    for name, preferences in waiting.items():
        queue.enter(name, preferences)
    assert queue.draw(now_s) == []
    return queue


def test_two_who_share_no_language_know_of_each_other() -> None:
    queue = queue_of(parisa=speaks("fa"), emma=speaks("en"))
    assert sees(queue, "parisa")
    assert sees(queue, "emma")


def test_nobody_is_seen_by_one_who_waits_alone() -> None:
    assert not sees(queue_of(emma=speaks("en")), "emma")


def test_one_who_named_no_language_sees_and_is_seen_by_nobody() -> None:
    queue = Queue(left_out=1)
    queue.enter("open", Preferences(Intent.LISTEN))
    queue.enter("emma", Preferences(Intent.LISTEN, speak=frozenset({"en"})))
    queue.draw(LATER_S)
    assert not sees(queue, "open")
    assert not sees(queue, "emma")


def test_two_listeners_are_not_told_because_they_never_fit() -> None:
    listens = {code: Preferences(Intent.LISTEN, speak=frozenset({code})) for code in ("fa", "en")}
    queue = queue_of(parisa=listens["fa"], emma=listens["en"])
    assert not sees(queue, "emma")


def test_one_language_in_common_is_enough_not_to_be_seen() -> None:
    practises = Preferences(Intent.LISTEN, speak=frozenset({"fa"}), practise=frozenset({"en"}))
    queue = queue_of(parisa=practises, emma=Preferences(Intent.LISTEN, speak=frozenset({"en"})))
    assert not sees(queue, "parisa")
    assert not sees(queue, "emma")


@pytest.mark.parametrize(
    ("topics", "limits", "never"),
    [("a", "", ""), ("a", "b", ""), ("b", "", "emma"), ("", "a", "emma")],
)
def test_answer_depends_on_intent_and_languages_alone(topics: str, limits: str, never: str) -> None:
    queue = Queue()
    wants = Preferences(
        Intent.TALK,
        topics=frozenset(topics),
        speak=frozenset({"fa"}),
        limits=frozenset(limits),
    )
    queue.enter("parisa", wants, never=never, last=never)
    queue.enter("emma", Preferences(Intent.ANY, frozenset("b"), frozenset({"en"})))
    queue.draw(LATER_S)
    assert sees(queue, "emma")
    assert sees(queue, "parisa")


def test_newcomer_is_neither_seen_nor_told() -> None:
    queue = Queue()
    queue.enter("parisa", speaks("fa"))
    queue.enter("emma", speaks("en"), now_s=LATER_S)
    queue.draw(LATER_S + LOOK_AGE_S - 0.1)
    assert not sees(queue, "parisa")
    assert not sees(queue, "emma")


def test_absent_visitor_is_not_seen() -> None:
    queue = Queue()
    queue.enter("parisa", speaks("fa"), until_s=LATER_S - 1)
    queue.enter("emma", speaks("en"))
    queue.draw(LATER_S)
    assert not sees(queue, "emma")


def test_arrival_and_departure_show_at_the_next_look_only() -> None:
    queue = queue_of(emma=speaks("en"))
    queue.enter("parisa", speaks("fa"), now_s=LATER_S - LOOK_AGE_S)
    queue.draw(LATER_S + LOOK_S - 0.1)
    assert not sees(queue, "emma")
    queue.draw(LATER_S + LOOK_MAX_S)
    assert sees(queue, "emma")
    queue.matchmaker.withdraw(handle("parisa"))
    queue.draw(LATER_S + LOOK_MAX_S + LOOK_S - 0.1)
    assert sees(queue, "emma")
    queue.draw(LATER_S + 2 * LOOK_MAX_S)
    assert not sees(queue, "emma")


def test_ticket_that_changes_its_languages_is_told_nothing_before_the_next_look() -> None:
    queue = queue_of(parisa=speaks("fa"), emma=speaks("en"))
    for code in ("de", "fr", "ru"):
        queue.enter("emma", speaks(code), now_s=LATER_S)
        assert not sees(queue, "emma")
    queue.draw(LATER_S + LOOK_MAX_S)
    assert sees(queue, "emma")


def test_time_between_two_looks_shows_no_clock() -> None:
    changes = set()
    for _ in range(20):
        queue, tenths = queue_of(emma=speaks("en")), 0
        queue.enter("parisa", speaks("fa"), now_s=LATER_S - LOOK_AGE_S)
        while not sees(queue, "emma"):
            tenths += 1
            queue.draw(LATER_S + tenths / 10)
        changes.add(tenths)
    assert len(changes) > 8
    assert all(10 * LOOK_S <= change <= 10 * LOOK_MAX_S + 1 for change in changes)


def test_look_keeps_no_handle_and_each_combination_once() -> None:
    queue = Queue()
    listens = Preferences(Intent.LISTEN, speak=frozenset({"en"}))
    for name in "abcdef":
        queue.enter(name, listens)
    queue.draw(LATER_S)
    assert queue.matchmaker._lookout._seen == {listens}


def test_look_reads_the_longest_waiting_tickets_only() -> None:
    queue = Queue(max_tickets=10 * LOOK_TICKETS)
    for number in range(5 * LOOK_TICKETS):
        queue.enter(str(number), Preferences(Intent.LISTEN, speak=frozenset({f"l{number}"})))
    queue.draw(LATER_S)
    seen = {code for preferences in queue.matchmaker._lookout._seen for code in preferences.speak}
    assert seen == {f"l{number}" for number in range(LOOK_TICKETS)}
