"""The queue of waiting tickets, and who is matched with whom: first come, first served.

Theory of operation
===================

A ticket has an order, drawn from a counter when its owner arrives, and the time since which it
waits. It keeps both for its whole life, so a ticket that is requeued after a failed match is
back at the head without a special case. Of two tickets the one with the lower order is the
older. The longer the older ticket has waited, the less has to agree (`compatibility.py`).

    arrival ----> searches the index (`index.py`) ----> oldest ticket that fits: matched
                        |                    |
                        | no ticket          | too many entries examined
                        v                    v
                     it waits        it waits, and the next rescan continues the search
                        |
    rescan -----> a ticket that has just waited long enough for a relaxed rule, is present again,
                  was requeued, or has an unfinished search, searches again: oldest first

Presence is a deadline (`present_until_s`; `FOREVER` while a waiting page is open). A search that
finds an absent ticket removes the index entry. The owner's next request adds the ticket again
under the same order and lets it search again, because it may have been skipped. So whenever two
present tickets fit, at least one of them is still due to search: **when no ticket is due any
more, no two present tickets fit.**

An arrival costs one or two bisections for each key that it searches or is stored under, and a
check of up to `max_scanned` entries, however many tickets wait. Entries are wasted only on older
tickets that limits, blocked partners or absence rule out. After `max_scanned` of them the search
stops, the arrival waits, and each rescan continues where the search stopped. A younger ticket
may be served first in the meantime: fairness is exact among the first `max_scanned` entries, and
delayed but never denied behind them. A full list of blocked partners alone cannot stop a search
as long as each of those tickets is found under one key: it holds `MAX_BLOCKED`, which is less.

Rules of this file
==================

1. No clock and no randomness: the same calls give the same matches.
2. A handle has at most one ticket, so nobody is matched with themselves.
3. A withdrawn ticket leaves no trace of its handle: no structure keeps it, not even an empty one.
"""

from __future__ import annotations

import math
from collections.abc import Set
from itertools import count
from typing import NamedTuple

from server.core.errors import ServerFullError
from server.core.ids import Handle
from server.core.limits import MAX_SCANNED_ENTRIES, RESCAN_ENTRIES, RESCAN_TICKETS

from .index import Key, TicketIndex
from .preferences import Preferences
from .rescan import RescanQueue
from .ticket import Ticket, may_match

__all__ = ["FOREVER", "Matchmaker", "Pair", "Ticket"]

FOREVER = math.inf
"""The deadline of a presence that does not end."""

Pair = tuple[Ticket, Ticket]
"""Two tickets that were matched, the older first."""


class _SearchResult(NamedTuple):
    found: Ticket | None
    scanned: int
    """Index entries examined."""

    next_order: int | None
    """Where to continue if the search stopped at its limit."""


class Matchmaker:
    """All waiting tickets of the server.

    Args:
        max_tickets: most tickets waiting at once.
        max_scanned: most index entries that one search examines.
    """

    def __init__(self, *, max_tickets: int, max_scanned: int = MAX_SCANNED_ENTRIES) -> None:
        self._max_tickets = max_tickets
        self._max_scanned = max_scanned
        self._tickets: dict[Handle, Ticket] = {}
        self._by_order: dict[int, Ticket] = {}
        self._index = TicketIndex()
        self._partly_indexed: set[int] = set()
        """Orders of absent tickets, which a search has removed from some of their keys."""

        self._rescan = RescanQueue()
        self._orders = count(1)
        self._last_search_s = -math.inf

    def __len__(self) -> int:
        return len(self._tickets)

    def ticket(self, handle: Handle) -> Ticket | None:
        """Return the waiting ticket of `handle`, or `None`."""
        return self._tickets.get(handle)

    def arrive(
        self,
        handle: Handle,
        preferences: Preferences,
        now_s: float,
        present_until_s: float,
        *,
        waives_language: bool = False,
        never: Set[Handle] = frozenset(),
        last: Handle | None = None,
    ) -> Ticket | None:
        """Match an arrival with the oldest ticket that fits, or let it wait.

        Returns:
            The matched ticket, which no longer waits; or `None`, and the arrival waits. If the
            handle had a waiting ticket, its order and waiting time are kept under the new
            preferences.

        Raises:
            ServerFullError: if it would have to wait and the queue is full. A handle that
                already waits is never refused.
        """
        own = self.withdraw(handle)
        order, since_s = (next(self._orders), now_s) if own is None else (own.order, own.since_s)
        ticket = Ticket(
            handle,
            preferences,
            order,
            since_s,
            present_until_s,
            waives_language=waives_language,
            blocked=never,
            last_partner=last,
        )
        result = self._search(ticket, now_s)
        if result.found is not None:
            return self.withdraw(result.found.handle)
        if own is None and len(self._tickets) >= self._max_tickets:
            raise ServerFullError
        self._insert(ticket)
        if result.next_order is not None:
            self._rescan.request(order, result.next_order)
        return None

    def requeue(self, ticket: Ticket) -> None:
        """Requeue a ticket under its old order after a match that failed.

        Never refused, because its owner had a place before. The next rescan lets it search.
        """
        self.withdraw(ticket.handle)
        self._insert(ticket)
        self._rescan.request(ticket.order)

    def waive_language(self, handle: Handle, now_s: float) -> Pair | None:
        """Let a waiting ticket waive a common language, and search at once.

        Returns:
            Both matched tickets, which no longer wait; or `None`, and the ticket, if there is
            one, keeps waiting.
        """
        ticket = self._tickets.get(handle)
        if ticket is None:
            return None
        ticket.waives_language = True
        self._index.add(ticket.order, ticket.preferences, waives_language=True)
        pair, result = self._search_again(ticket, now_s)
        if pair is None and result.next_order is not None:
            self._rescan.request(ticket.order, result.next_order)
        return pair

    def rescan(self, now_s: float) -> list[Pair]:
        """Let the tickets that are due search again, oldest first.

        One call does a bounded amount of work and leaves the rest to the next call. Four calls
        per second keep up with a hundred arrivals per second that stay for a minute each.

        Returns:
            The matched tickets, which no longer wait.
        """
        pairs: list[Pair] = []
        unfinished: list[tuple[int, int]] = []
        scanned = 0
        for _ in range(RESCAN_TICKETS):
            due = self._rescan.pop(lambda order: self._by_order[order].waited_s(now_s))
            if due is None:
                break
            ticket, start = self._by_order[due[0]], due[1]
            pair, result = self._search_again(ticket, now_s, start)
            if pair is not None:
                pairs.append(pair)
            elif result.next_order is not None:
                unfinished.append((ticket.order, result.next_order))
            scanned += result.scanned
            if scanned >= RESCAN_ENTRIES:
                break
        for order, next_order in unfinished:
            if order in self._by_order:
                self._rescan.request(order, next_order)
        return pairs

    def set_presence(self, handle: Handle, present_until_s: float) -> None:
        """Set the deadline until which the owner of a ticket counts as present."""
        ticket = self._tickets.get(handle)
        if ticket is None:
            return
        if ticket.present_until_s < self._last_search_s:
            self._rescan.request(ticket.order)
        ticket.present_until_s = present_until_s
        if ticket.order in self._partly_indexed:
            self._partly_indexed.remove(ticket.order)
            self._index.add(
                ticket.order, ticket.preferences, waives_language=ticket.waives_language
            )

    def rename(self, old: Handle, new: Handle) -> None:
        """Move the waiting ticket of `old`, if there is one, to `new`; its place stays the same."""
        ticket = self._tickets.pop(old, None)
        if ticket is not None:
            ticket.handle = new
            self._tickets[new] = ticket

    def withdraw(self, handle: Handle) -> Ticket | None:
        """Remove the ticket of `handle`, and return it if there was one."""
        ticket = self._tickets.pop(handle, None)
        if ticket is not None:
            del self._by_order[ticket.order]
            self._index.remove(
                ticket.order, ticket.preferences, waives_language=ticket.waives_language
            )
            self._partly_indexed.discard(ticket.order)
            self._rescan.remove(ticket.order)
        return ticket

    def drop_absent(self, before_s: float) -> None:
        """Withdraw every ticket whose presence ended before `before_s`."""
        for ticket in [t for t in self._tickets.values() if t.present_until_s < before_s]:
            self.withdraw(ticket.handle)

    def _insert(self, ticket: Ticket) -> None:
        if ticket.order in self._by_order:
            raise ValueError("two tickets have the same order")
        self._tickets[ticket.handle] = self._by_order[ticket.order] = ticket
        self._index.add(ticket.order, ticket.preferences, waives_language=ticket.waives_language)
        self._rescan.schedule(ticket.order)

    def _search(self, seeker: Ticket, now_s: float, start: int = 0) -> _SearchResult:
        """Find the oldest present ticket that fits, beginning at the order `start`."""
        self._last_search_s = max(self._last_search_s, now_s)
        found, next_order, checked, scanned = None, None, 0, 0
        absent: list[tuple[int, Key]] = []

        def waited_s(order: int) -> float:
            return now_s - min(self._by_order[order].since_s, seeker.since_s)

        entries = self._index.search(
            seeker.preferences, waited_s, waives_language=seeker.waives_language, start=start
        )
        for order, key in entries:
            if order != checked and scanned >= self._max_scanned:
                next_order = order
                break
            scanned += 1
            other = self._by_order[order]
            if other.present_until_s < now_s:
                absent.append((order, key))
            elif order != checked and other is not seeker and may_match(seeker, other, now_s):
                found = other
                break
            checked = order
        self._remove_entries(absent)
        return _SearchResult(found, scanned, next_order)

    def _remove_entries(self, absent: list[tuple[int, Key]]) -> None:
        for order, key in absent:
            self._index.remove_entry(order, key)
            self._partly_indexed.add(order)

    def _search_again(
        self, ticket: Ticket, now_s: float, start: int = 0
    ) -> tuple[Pair | None, _SearchResult]:
        """Let a waiting ticket search, and match it with the result. An absent one does not."""
        if ticket.present_until_s < now_s:
            self._last_search_s = max(self._last_search_s, now_s)
            return None, _SearchResult(None, 0, None)
        result = self._search(ticket, now_s, start)
        if result.found is None:
            return None, result
        for matched in (ticket, result.found):
            self.withdraw(matched.handle)
        older_first = ticket.order < result.found.order
        return ((ticket, result.found) if older_first else (result.found, ticket)), result
