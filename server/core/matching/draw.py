"""One draw: who of those who wait is matched with whom.

Theory of operation
===================

First the tickets of one circuit are matched with each other, wherever they may be
(`mates_may_match`). Where they may not, for instance because one blocked the other, only one of
the two takes part in a draw, chosen by chance: two such tickets meet no more people than one.

Then every ticket that is due (`due.py`) searches, in random order. It is matched with one of those
that fit and take part, each as likely as any other. How long somebody waits, or who came first,
makes no difference to who meets whom: somebody who waits long is in more draws.

A fresh ticket is left out of the draw with the chance `left_out`: it neither searches nor is found,
and takes part in the next draw for certain. So a ticket that was not matched with another one may
have been kept apart from it (blocked, or met a moment ago) or left out.

A ticket stops being due when it has searched all others and none of them fits, whether or not those
take part in this draw. Two tickets that fit can only go on waiting together while one of them is
due. Therefore, and because nobody is left out twice in a row, **of two present tickets that fit, at
least one is matched within two draws**, as long as neither has a mate on its circuit and no search
has to stop at its limit.

A search first examines single entries at random positions, and almost always finds somebody
among the first few. If it does not, few of the pool fit: then it examines the entries in order,
chooses by chance among those that fit, and stops after `max_scanned` entries. If none of those
fits, it goes on there in the next draw. So the choice is even, except in a pool of more than
`max_scanned` entries of which so few fit that `PROBES` random positions have missed them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from server.core.ids import CircuitKey
from server.core.limits import DRAW_SLICE_ENTRIES, DRAW_SLICE_TICKETS

from .chance import Chance
from .index import Key, Pool
from .ticket import Ticket, mates_may_match, may_match
from .waiting import WaitingTickets

PROBES = 64
"""Random positions that a search examines before it reads in order. If one in twenty entries fits,
26 of 27 searches find one of them so."""

Pair = tuple[Ticket, Ticket]
"""Two tickets that were matched, the older first."""


@dataclass(frozen=True, slots=True)
class DrawRules:
    """How draws are made."""

    chance: Chance
    left_out: float
    """The chance that a fresh ticket is left out of a draw, from 0 to 1."""

    max_scanned: int
    """Most index entries that one search examines in order in one draw."""


@dataclass(slots=True)
class _Search:
    """What one search has come across."""

    scanned: int = 0
    """Index entries examined."""

    postponed: int | None = None
    """The lowest order that fits and does not take part in this draw."""

    next_order: int | None = None
    """Where the next draw has to continue, if the search stopped at its limit."""


class Draw:
    """One draw. Tickets may come and go between its slices.

    Args:
        waiting: all tickets.
        rules: how it is made.
        now_s: the time for which it is made.
    """

    def __init__(self, waiting: WaitingTickets, rules: DrawRules, now_s: float) -> None:
        self._waiting = waiting
        self._rules = rules
        self._now_s = now_s
        self._left_out: set[int] = set()
        self._late: set[int] = set()
        self._playing: dict[CircuitKey, int] = {}
        """Circuit with two tickets -> the order that takes part."""

        waiting.last_draw_s = max(waiting.last_draw_s, now_s)

    def exclude(self, order: int) -> None:
        """Leave out a ticket that came while this draw is under way."""
        self._late.add(order)

    def slices(self) -> Iterator[list[Pair]]:
        """Make the draw. Each step does a bounded amount of work.

        Yields:
            The tickets that were matched in this step; they wait no longer.
        """
        pairs: list[Pair] = []
        tickets = entries = 0
        for pair, scanned in self._steps():
            pairs += [] if pair is None else [pair]
            tickets, entries = tickets + 1, entries + scanned
            if tickets >= DRAW_SLICE_TICKETS or entries >= DRAW_SLICE_ENTRIES:
                yield pairs
                pairs, tickets, entries = [], 0, 0
        yield pairs

    def _steps(self) -> Iterator[tuple[Pair | None, int]]:
        """Yield after each ticket: the match, if any, and the number of entries examined."""
        waiting, due = self._waiting, self._waiting.due
        while (circuit := waiting.circuits.take_due()) is not None:
            yield self._match_mates(circuit), 0
        while due.relax_next(lambda order: waiting.waited_s(order, self._now_s)):
            yield None, 0
        orders = due.orders()
        while orders:
            order = _take_any(orders, self._rules.chance)
            if order not in waiting or order in self._late:
                continue
            ticket = waiting.at(order)
            if ticket.present_until_s < self._now_s:
                due.finish(ticket.order)
            elif self._takes_part(ticket):
                yield self._search(ticket)
                continue
            yield None, 0

    def _match_mates(self, circuit: CircuitKey) -> Pair | None:
        """Match the two tickets of a circuit, if both are present and may be matched."""
        older, younger = map(self._waiting.at, self._waiting.circuits.orders(circuit))
        is_here = min(older.present_until_s, younger.present_until_s) >= self._now_s
        if not is_here or not mates_may_match(older, younger):
            return None
        return self._matched(older, younger)

    def _matched(self, one: Ticket, other: Ticket) -> Pair:
        for ticket in (one, other):
            self._waiting.remove(ticket.handle)
        return (one, other) if one.order < other.order else (other, one)

    def _takes_part(self, ticket: Ticket) -> bool:
        """Check whether a present ticket takes part in this draw; decided when first asked."""
        order, due = ticket.order, self._waiting.due
        if due.is_fresh(order) and order not in self._late:
            due.settle(order)
            if self._rules.chance.happens(self._rules.left_out):
                self._left_out.add(order)
        return not (order in self._left_out or order in self._late) and self._plays(ticket)

    def _plays(self, ticket: Ticket) -> bool:
        """Check whether it is this ticket that takes part for its circuit."""
        circuit = ticket.circuit
        if circuit is None:
            return True
        if circuit not in self._playing:
            mates = [
                order
                for order in self._waiting.circuits.orders(circuit)
                if self._waiting.at(order).present_until_s >= self._now_s
            ]
            if len(mates) < 2:
                return True
            self._playing[circuit] = _take_any(mates, self._rules.chance)
        return self._playing[circuit] == ticket.order

    def _search(self, seeker: Ticket) -> tuple[Pair | None, int]:
        """Let a ticket search, and match it with what it finds."""
        search, start = _Search(), self._waiting.due.start_of(seeker.order)
        pool = self._waiting.index.pool(
            seeker.preferences, self._waiter(seeker), waives_language=seeker.waives_language
        )
        found = None
        if start == 0 and len(pool) > min(PROBES, self._rules.max_scanned):
            found = self._search_anywhere(seeker, pool, search)
        if found is None:
            found = self._search_in_order(seeker, start, search)
        if found is not None:
            return self._matched(seeker, found), search.scanned
        resume = [o for o in (search.postponed, search.next_order) if o is not None]
        if resume:
            self._waiting.due.keep(seeker.order, min(resume))
        else:
            self._waiting.due.finish(seeker.order)
        return None, search.scanned

    def _search_anywhere(self, seeker: Ticket, pool: Pool, search: _Search) -> Ticket | None:
        """Examine entries at random positions, until one is found or too many were none."""
        chance, found = self._rules.chance, None
        absent: list[tuple[int, Key]] = []
        for _ in range(PROBES):
            search.scanned += 1
            order, key = pool.at(chance.below(len(pool)))
            other = self._candidate(seeker, order, key, absent, search)
            if other is not None:
                # One of several entries of a ticket is accepted, so that no ticket is more likely.
                entries = pool.count_of(
                    order, other.preferences, waives_language=other.waives_language
                )
                if entries <= 1 or chance.below(entries) == 0:
                    found = other
                    break
        self._waiting.hide(absent)
        return found

    def _search_in_order(self, seeker: Ticket, start: int, search: _Search) -> Ticket | None:
        """Examine the entries from `start` on, and choose by chance among those that fit."""
        fitting: list[Ticket] = []
        absent: list[tuple[int, Key]] = []
        examined = checked = 0
        entries = self._waiting.index.search(
            seeker.preferences,
            self._waiter(seeker),
            waives_language=seeker.waives_language,
            start=start,
        )
        for order, key in entries:
            if order != checked and examined >= self._rules.max_scanned:
                search.next_order = order
                break
            examined += 1
            if order != checked or (absent and absent[-1][0] == order):
                other = self._candidate(seeker, order, key, absent, search)
                fitting += [] if other is None else [other]
            checked = order
        search.scanned += examined
        self._waiting.hide(absent)
        return fitting[self._rules.chance.below(len(fitting))] if fitting else None

    def _candidate(
        self,
        seeker: Ticket,
        order: int,
        key: Key,
        absent: list[tuple[int, Key]],
        search: _Search,
    ) -> Ticket | None:
        """Return the ticket of an entry, if it may be matched with the seeker in this draw."""
        other = self._waiting.at(order)
        if other.present_until_s < self._now_s:
            absent.append((order, key))
        elif other is not seeker and may_match(seeker, other, self._now_s):
            if self._takes_part(other):
                return other
            search.postponed = order if search.postponed is None else min(order, search.postponed)
        return None

    def _waiter(self, seeker: Ticket) -> _LongerWait:
        return _LongerWait(self._waiting, seeker, self._now_s)


class _LongerWait:
    """Maps an order to the longer waiting time of two tickets: its own and the seeker's."""

    __slots__ = ("_now_s", "_seeker_s", "_waiting")

    def __init__(self, waiting: WaitingTickets, seeker: Ticket, now_s: float) -> None:
        self._waiting, self._now_s = waiting, now_s
        self._seeker_s = seeker.waited_s(now_s)

    def __call__(self, order: int) -> float:
        return max(self._seeker_s, self._waiting.waited_s(order, self._now_s))


def _take_any(orders: list[int], chance: Chance) -> int:
    """Remove one of the orders by chance and return it; the others may change places."""
    number = chance.below(len(orders))
    orders[number], orders[-1] = orders[-1], orders[number]
    return orders.pop()
