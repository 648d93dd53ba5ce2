"""Tickets waiting, and who is matched with whom: first come, first served.

Theory of operation
===================

A ticket has an order, drawn from a counter when its owner arrives, and a moment since when it
waits; it keeps both for its whole life: whoever is put back after a failed match is therefore
back at the head without any special case. Of two tickets the one with the lower order is the
older, and the longer the older has waited, the less has to agree (`fit.py`).

    arrive ----> looks along its lines (`lines.py`) ----> the oldest that fits: matched
                        |                    |
                        | nobody             | too many places looked at
                        v                    v
                     it waits        it waits, and looks on at the next retry
                        |
    retry -----> whoever has just waited long enough, is back from absence, was put back, or has
                 not seen everybody yet, looks again: the oldest of them first

Presence is a deadline (`present_until_s`; `FOREVER` while a waiting page is open). A ticket that
is found absent in a line steps out of it; its owner's next request puts it back under the same
order, and lets it look again, because it may have been passed over. So whenever two fit, one of
them has yet to look: **when nobody is due any more, no two who are present fit.**

What one arrival costs: a bisection or two for each line that it walks or stands in, and one look
at up to `LOOK_PLACES` places, however many wait. People ahead whom only their limits, their
never-again lists or their absence rule out are what a look can be spent on. With more of them
than that it stops, the arrival waits, and each retry goes on where the look stopped. Meanwhile
somebody younger may be served before it: fairness is exact among the first `LOOK_PLACES`, and
for those behind it is delayed, never denied. Nor can a long never-again list alone end a look
where people stand in one line each: it holds `MAX_BLOCKED`, which is less.

Rules of this file
==================

1. No clock and no randomness: the same calls give the same matches.
2. Nobody is matched with himself: a handle has one ticket.
3. A ticket withdrawn is a handle forgotten: nothing keeps it for later, not even empty.
"""

from __future__ import annotations

import math
from collections.abc import Set
from itertools import count
from typing import NamedTuple

from server.core.errors import ServerFullError
from server.core.ids import Handle
from server.core.limits import LOOK_PLACES, RETRY_PLACES, RETRY_TICKETS

from .index import Key, TicketIndex
from .preferences import Preferences
from .rescan import RescanQueue
from .ticket import Ticket, may_meet

__all__ = ["FOREVER", "Matchmaker", "Pair", "Ticket"]

FOREVER = math.inf
"""The deadline of a presence that has none."""

Pair = tuple[Ticket, Ticket]
"""Two tickets that were matched, the older first."""


class _Look(NamedTuple):
    """What came of looking along the lines."""

    found: Ticket | None
    places: int
    """How many were looked at."""

    rest: int | None
    """The first order that was not looked at, when there were too many."""


class Matchmaker:
    """All tickets of the house.

    Args:
        max_tickets: most people waiting at once.
        look_places: most places that a look takes in.
    """

    def __init__(self, *, max_tickets: int, look_places: int = LOOK_PLACES) -> None:
        self._max_tickets = max_tickets
        self._look_places = look_places
        self._tickets: dict[Handle, Ticket] = {}
        self._by_order: dict[int, Ticket] = {}
        self._lines = TicketIndex()
        self._stepped_out: set[int] = set()
        self._retries = RescanQueue()
        self._orders = count(1)
        self._looked_s = -math.inf
        """The latest moment at which anybody was looked for."""

    def __len__(self) -> int:
        return len(self._tickets)

    def ticket(self, handle: Handle) -> Ticket | None:
        """The ticket of `handle`, or `None` when it does not wait."""
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
            The matched ticket, which waits no longer; or `None`: the arrival waits now. An
            arrival that waited already keeps its order, and since when, under its new wish.

        Raises:
            HouseFullError: if it would have to wait and every place is taken. Who waited already
                has a place.
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
        look = self._look(ticket, now_s)
        if look.found is not None:
            return self.withdraw(look.found.handle)
        if own is None and len(self._tickets) >= self._max_tickets:
            raise ServerFullError
        self._place(ticket)
        if look.rest is not None:
            self._retries.again(order, look.rest)
        return None

    def wait(self, ticket: Ticket) -> None:
        """Let a ticket wait under the order it has: one that was matched in vain.

        It is never refused, because its owner had a place before. The next retry lets it look.
        """
        self.withdraw(ticket.handle)
        self._place(ticket)
        self._retries.again(ticket.order)

    def waive_language(self, handle: Handle, now_s: float) -> Pair | None:
        """Let a waiting ticket do without a common language, and look at once.

        Returns:
            Both matched tickets, which wait no longer, or `None`: it waits on, if it waited.
        """
        ticket = self._tickets.get(handle)
        if ticket is None:
            return None
        ticket.waives_language = True
        self._lines.stand(ticket.order, ticket.preferences, waives_language=True)
        pair, look = self._look_again(ticket, now_s)
        if pair is None and look.rest is not None:
            self._retries.again(ticket.order, look.rest)
        return pair

    def retry(self, now_s: float) -> list[Pair]:
        """Let those look again who may have somebody now, the oldest first.

        One call does a bounded amount of work; what it does not get to is the next call's. Four
        calls a second keep up with a hundred people a second who come and stay for a minute.

        Returns:
            The matched tickets, which wait no longer.
        """
        pairs: list[Pair] = []
        unfinished: list[tuple[int, int]] = []
        places = 0
        for _ in range(RETRY_TICKETS):
            due = self._retries.pop(lambda order: self._by_order[order].waited_s(now_s))
            if due is None:
                break
            ticket, start = self._by_order[due[0]], due[1]
            pair, look = self._look_again(ticket, now_s, start)
            if pair is not None:
                pairs.append(pair)
            elif look.rest is not None:
                unfinished.append((ticket.order, look.rest))
            places += look.places
            if places >= RETRY_PLACES:
                break
        for order, rest in unfinished:
            if order in self._by_order:
                self._retries.again(order, rest)
        return pairs

    def refresh(self, handle: Handle, present_until_s: float) -> None:
        """Say until when the owner of a ticket counts as present."""
        ticket = self._tickets.get(handle)
        if ticket is None:
            return
        if ticket.present_until_s < self._looked_s:
            self._retries.again(ticket.order)
        ticket.present_until_s = present_until_s
        if ticket.order in self._stepped_out:
            self._stepped_out.remove(ticket.order)
            self._lines.stand(
                ticket.order, ticket.preferences, waives_language=ticket.waives_language
            )

    def withdraw(self, handle: Handle) -> Ticket | None:
        """Take a ticket away, and return it when there was one."""
        ticket = self._tickets.pop(handle, None)
        if ticket is not None:
            del self._by_order[ticket.order]
            self._lines.leave(
                ticket.order, ticket.preferences, waives_language=ticket.waives_language
            )
            self._stepped_out.discard(ticket.order)
            self._retries.forget(ticket.order)
        return ticket

    def drop_absent(self, before_s: float) -> None:
        """Withdraw every ticket whose presence ended before `before_s`."""
        for ticket in [t for t in self._tickets.values() if t.present_until_s < before_s]:
            self.withdraw(ticket.handle)

    def _place(self, ticket: Ticket) -> None:
        if ticket.order in self._by_order:
            raise ValueError("two tickets of one order")
        self._tickets[ticket.handle] = self._by_order[ticket.order] = ticket
        self._lines.stand(ticket.order, ticket.preferences, waives_language=ticket.waives_language)
        self._retries.expect(ticket.order)

    def _look(self, seeker: Ticket, now_s: float, start: int = 0) -> _Look:
        """Look along the lines from `start` for the oldest present ticket that fits."""
        self._looked_s = max(self._looked_s, now_s)
        found, rest, seen, places = None, None, 0, 0
        absent: list[tuple[int, Key]] = []

        def waited_s(order: int) -> float:
            return now_s - min(self._by_order[order].since_s, seeker.since_s)

        lines = self._lines.walk(
            seeker.preferences, waited_s, waives_language=seeker.waives_language, start=start
        )
        for order, key in lines:
            if order != seen and places >= self._look_places:
                rest = order
                break
            places += 1
            other = self._by_order[order]
            if other.present_until_s < now_s:
                absent.append((order, key))
            elif order != seen and other is not seeker and may_meet(seeker, other, now_s):
                found = other
                break
            seen = order
        self._step_out(absent)
        return _Look(found, places, rest)

    def _step_out(self, absent: list[tuple[int, Key]]) -> None:
        for order, key in absent:
            self._lines.step_out(order, key)
            self._stepped_out.add(order)

    def _look_again(
        self, ticket: Ticket, now_s: float, start: int = 0
    ) -> tuple[Pair | None, _Look]:
        """Let a waiting ticket look, and match it with what it finds. Who is absent does not."""
        if ticket.present_until_s < now_s:
            self._looked_s = max(self._looked_s, now_s)
            return None, _Look(None, 0, None)
        look = self._look(ticket, now_s, start)
        if look.found is None:
            return None, look
        for met in (ticket, look.found):
            self.withdraw(met.handle)
        older_first = ticket.order < look.found.order
        return ((ticket, look.found) if older_first else (look.found, ticket)), look
