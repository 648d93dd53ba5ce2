"""A draw chooses evenly among those who fit, leaves some out, and works in bounded steps."""

from __future__ import annotations

from collections import Counter

import pytest

from server.core.ids import CircuitKey
from server.core.limits import (
    DRAW_SLICE_ENTRIES,
    DRAW_SLICE_TICKETS,
    SAME_PARTNER_S,
    TALKERS_MEET_S,
)
from server.core.matching.preferences import Intent, Preferences

from .queue import ANY, LISTEN, TALK, Queue, handle, speaks

TRIES = 600


def share_of_partners(queues: list[Queue], newcomer: Preferences) -> dict[str, float]:
    """Let a newcomer come to each queue; return how often each visitor was their partner."""
    partners = Counter[str]()
    for queue in queues:
        queue.draw()
        queue.enter("new", newcomer)
        (pair,) = queue.draw()
        partners[pair.removesuffix(" and new")] += 1
    return {name: count / len(queues) for name, count in partners.items()}


def queues_of(*visitors: tuple[str, Preferences], max_scanned: int = 256) -> list[Queue]:
    """Make queues in which these visitors wait, each with its own seed."""
    queues = [Queue(seed=seed, max_scanned=max_scanned) for seed in range(TRIES)]
    for queue in queues:
        for name, preferences in visitors:
            queue.enter(name, preferences)
    return queues


def is_even(shares: dict[str, float], names: int) -> bool:
    """Check that each of so many names has the same share, give or take what chance does."""
    return len(shares) == names and all(abs(share * names - 1) < 0.3 for share in shares.values())


@pytest.mark.checklist(47)
def test_every_ticket_that_fits_is_equally_likely() -> None:
    waiting = [(name, TALK) for name in "abcde"]
    assert is_even(share_of_partners(queues_of(*waiting), LISTEN), 5)


@pytest.mark.parametrize("max_scanned", [8, 256])
def test_large_pool_is_drawn_evenly_too(max_scanned: int) -> None:
    in_the_way = [(f"{n}", Preferences(Intent.TALK, limits=frozenset("x"))) for n in range(36)]
    waiting = [("a", TALK), *in_the_way, ("b", TALK), ("c", TALK)]
    queues = queues_of(*waiting, max_scanned=max_scanned)
    listens = Preferences(Intent.LISTEN, topics=frozenset("x"))
    for queue in queues:
        queue.draw()
        queue.enter("new", listens)
    partners = Counter[str]()
    for queue in queues:
        pairs = [pair for _ in range(9) for pair in queue.draw()]
        partners[pairs[0].removesuffix(" and new")] += 1
    if max_scanned > len(waiting):
        assert is_even({name: count / TRIES for name, count in partners.items()}, 3)
    else:
        # So few fit that some searches read the entries in order; nobody is shut out by that.
        assert partners.keys() == set("abc")


def test_ticket_under_many_keys_is_not_more_likely() -> None:
    languages = ("en", "fa", "my", "ru")
    one = [(f"{n}", Preferences(Intent.TALK, speak=frozenset({"en"}))) for n in range(79)]
    four = ("four", Preferences(Intent.TALK, speak=frozenset(languages)))
    shares = share_of_partners(
        queues_of(*one, four), Preferences(Intent.LISTEN, speak=frozenset(languages))
    )
    assert 0.3 / 80 < shares["four"] < 2.2 / 80


def test_fresh_ticket_is_left_out_of_one_draw_at_most() -> None:
    outcomes = Counter[tuple[int, int]]()
    for seed in range(TRIES):
        queue = Queue(left_out=0.5, seed=seed)
        queue.enter("a", TALK)
        queue.draw()
        queue.draw()
        queue.enter("b", LISTEN)
        outcomes[len(queue.draw()), len(queue.draw())] += 1
    assert outcomes.keys() == {(1, 0), (0, 1)}
    assert abs(outcomes[1, 0] / TRIES - 0.5) < 0.08


def test_ticket_that_was_left_out_is_not_found_either() -> None:
    queue = Queue(left_out=1)
    queue.enter("a")
    queue.draw()
    queue.enter("b")
    assert queue.draw() == []
    assert queue.draw() == ["a and b"]


def test_two_newcomers_meet_within_two_draws_whatever_the_chance() -> None:
    for seed in range(200):
        queue = Queue(left_out=0.5, seed=seed)
        queue.enter("a")
        queue.enter("b")
        assert len(queue.draw() + queue.draw()) == 1


def test_ticket_that_comes_during_a_draw_is_in_the_next() -> None:
    queue = Queue(max_tickets=9 * DRAW_SLICE_TICKETS)
    for number in range(2 * DRAW_SLICE_TICKETS):
        queue.enter(f"{number}", LISTEN)
    draw = queue.matchmaker.draw(0)
    assert next(draw) == []
    queue.enter("late", TALK)
    assert [pair for pairs in draw for pair in pairs] == []
    assert len(queue.draw()) == 1


def test_one_step_is_bounded_and_the_next_continues() -> None:
    queue = Queue(max_tickets=9 * DRAW_SLICE_TICKETS)
    for number in range(4 * DRAW_SLICE_TICKETS):
        queue.enter(f"{number}", TALK)
    assert queue.draw() == []
    matched = [len(pairs) for pairs in queue.matchmaker.draw(TALKERS_MEET_S)]
    assert max(matched) <= DRAW_SLICE_TICKETS
    assert len(matched) > 4
    assert sum(matched) == 2 * DRAW_SLICE_TICKETS


def test_step_ends_when_it_has_examined_enough_entries() -> None:
    queue = Queue(max_tickets=2 * DRAW_SLICE_ENTRIES)
    x = frozenset("x")
    for number in range(300):
        queue.enter(f"{number}", Preferences(Intent.LISTEN, limits=x))
    queue.draw()
    for number in range(DRAW_SLICE_TICKETS):
        queue.enter(f"seeker {number}", Preferences(Intent.TALK, topics=x))
    # A search examines 64 entries at random and 256 in order: four of them fill a step.
    assert len(list(queue.matchmaker.draw(1))) > DRAW_SLICE_TICKETS // 4


def test_stopped_search_continues_at_the_next_draw() -> None:
    needed = set[int]()
    for seed in range(20):
        queue = Queue(max_tickets=300, max_scanned=50, seed=seed)
        for number in range(200):
            queue.enter(f"{number}", Preferences(Intent.LISTEN, limits=frozenset("x")))
        queue.enter("fits", LISTEN)
        queue.draw()
        queue.enter("a", Preferences(Intent.TALK, topics=frozenset("x")))
        drawn = [queue.draw() for _ in range(6)]
        assert [pair for pairs in drawn for pair in pairs] == ["fits and a"]
        needed.add(drawn.index(["fits and a"]) + 1)
    # Found at a random position, or after 200 others in order.
    assert needed == {1, 5}


def test_absent_tickets_in_the_way_are_examined_only_once() -> None:
    queue = Queue(max_scanned=4)
    for number in range(8):
        queue.enter(f"{number}", TALK, until_s=5)
    queue.enter("here", TALK)
    queue.draw(4)
    for name in "abc":
        queue.enter(name, LISTEN, now_s=6)
    assert len(queue.draw(6) + queue.draw(6)) == 1
    assert not queue.waits("here")


@pytest.mark.checklist(47)
def test_two_of_a_circuit_are_matched_before_anybody_else() -> None:
    for seed in range(50):
        queue = Queue(left_out=0.5, seed=seed)
        for name in "abcd":
            queue.enter(name, LISTEN)
        queue.draw()
        queue.enter("one", TALK, circuit="x")
        queue.enter("two", TALK, circuit="x")
        assert "one and two" in queue.draw()


@pytest.mark.parametrize("last", ["", "one"])
def test_two_of_a_circuit_meet_whatever_waiting_would_relax(last: str) -> None:
    queue = Queue()
    queue.enter("one", Preferences(Intent.TALK, topics=frozenset("x")), circuit="x")
    queue.enter("two", Preferences(Intent.TALK, topics=frozenset("y")), circuit="x", last=last)
    assert SAME_PARTNER_S > 0
    assert queue.draw() == ["one and two"]


APART = {
    "two who listen": (LISTEN, LISTEN, ""),
    "two languages": (speaks("en"), speaks("fa"), ""),
    "blocked": (ANY, ANY, "one"),
}


@pytest.mark.parametrize("reason", APART)
def test_two_of_a_circuit_that_cannot_meet_count_as_one(reason: str) -> None:
    """Many who want to talk wait; two tickets of one circuit do not meet two of them."""
    one, two, never = APART[reason]
    met = Counter[int]()
    for seed in range(200):
        queue = Queue(seed=seed)
        for name in "abcd":
            queue.enter(name, TALK)
        queue.draw()
        queue.enter("one", one, circuit="x")
        queue.enter("two", two, circuit="x", never=never)
        pairs = queue.draw()
        assert "one and two" not in pairs
        met[len(pairs)] += 1
    assert met.keys() == {1}


def test_absent_ticket_does_not_play_for_its_circuit() -> None:
    queue = Queue()
    queue.enter("gone", LISTEN, until_s=1, circuit="x")
    queue.enter("here", LISTEN, circuit="x")
    queue.enter("a", TALK)
    assert queue.draw(2) == ["here and a"]


def test_two_of_a_circuit_meet_when_one_comes_back() -> None:
    queue = Queue()
    queue.enter("gone", ANY, until_s=1, circuit="x")
    queue.draw(2)
    queue.enter("here", ANY, now_s=2, circuit="x")
    assert queue.draw(3) == []
    queue.matchmaker.set_presence(handle("gone"), 9, queue_circuit(queue, "gone"))
    assert queue.draw(4) == ["gone and here"]


def queue_circuit(queue: Queue, name: str) -> CircuitKey | None:
    ticket = queue.matchmaker.ticket(handle(name))
    assert ticket is not None
    return ticket.circuit


def test_third_ticket_of_a_circuit_displaces_the_oldest() -> None:
    queue = Queue()
    assert queue.enter("a", LISTEN, circuit="x") is None
    assert queue.enter("b", LISTEN, circuit="x") is None
    assert queue.enter("b", LISTEN, circuit="x") is None
    assert queue.enter("c", LISTEN, circuit="x") == "a"
    assert queue.enter("d", LISTEN, circuit="y") is None
    assert [queue.waits(name) for name in "abcd"] == [False, True, True, True]


def test_requeued_ticket_displaces_the_oldest_other() -> None:
    queue = Queue()
    queue.enter("a", LISTEN, circuit="x")
    ticket = queue.matchmaker.withdraw(handle("a"))
    assert ticket is not None
    queue.enter("b", LISTEN, circuit="x")
    queue.enter("c", LISTEN, circuit="x")
    displaced = queue.matchmaker.requeue(ticket)
    assert displaced is not None
    assert displaced.handle == handle("b")
