"""The queue of waiting tickets, and who is matched with whom: drawn by chance among those who fit.

A ticket enters and waits for the next draw (`draw.py`). It has an order, drawn from a counter when
its owner arrives, and the time since which it waits. It keeps both for its whole life, so a ticket
that is requeued after a failed match has waited as long as before. The longer the older of two
tickets has waited, the less has to agree (`compatibility.py`).

Rules of this file
==================

1. No clock and no randomness of its own: the same calls with the same chance give the same matches.
2. Nothing is matched outside of a draw.
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from itertools import count

from server.core.errors import ServerFullError
from server.core.ids import CircuitKey, Handle
from server.core.limits import LEFT_OUT_CHANCE, MAX_SCANNED_ENTRIES

from .chance import Chance
from .draw import Draw, DrawRules, Pair
from .lookout import Lookout
from .preferences import Preferences
from .ticket import Ticket
from .waiting import FOREVER, WaitingTickets

__all__ = ["FOREVER", "Matchmaker", "Pair", "Ticket"]


class Matchmaker:
    """All waiting tickets of the server.

    Args:
        max_tickets: most tickets waiting at once.
        chance: the source of randomness.
        left_out: the chance that a ticket is left out of its first draw.
        max_scanned: most index entries that one search examines in order in one draw.
    """

    def __init__(
        self,
        *,
        max_tickets: int,
        chance: Chance,
        left_out: float = LEFT_OUT_CHANCE,
        max_scanned: int = MAX_SCANNED_ENTRIES,
    ) -> None:
        self._max_tickets = max_tickets
        self._rules = DrawRules(chance, left_out, max_scanned)
        self._waiting = WaitingTickets()
        self._lookout = Lookout()
        self._orders = count(1)
        self._draw: Draw | None = None
        """The draw that is under way."""

    def __len__(self) -> int:
        return len(self._waiting)

    def waiting(self) -> list[Handle]:
        """The owners of all tickets."""
        return [ticket.handle for ticket in self._waiting]

    def ticket(self, handle: Handle) -> Ticket | None:
        """Return the waiting ticket of `handle`, or `None`."""
        return self._waiting.find(handle)

    def enter(
        self,
        handle: Handle,
        preferences: Preferences,
        now_s: float,
        present_until_s: float,
        *,
        circuit: CircuitKey | None = None,
        waives_language: bool = False,
        never: Set[Handle] = frozenset(),
        last: Handle | None = None,
    ) -> Ticket | None:
        """Let a visitor wait for the next draw.

        If the handle has a waiting ticket, its order and waiting time are kept under the new
        preferences.

        Returns:
            The oldest other ticket of the circuit, which waits no longer, if the circuit had as
            many as it may.

        Raises:
            ServerFullError: if the queue is full. A handle that already waits is never refused.
        """
        own = self._waiting.find(handle)
        if own is None and len(self._waiting) >= self._max_tickets:
            raise ServerFullError
        self._waiting.remove(handle)
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
            circuit=circuit,
        )
        return self._add(ticket)

    def requeue(self, ticket: Ticket) -> Ticket | None:
        """Requeue a ticket under its old order after a match that failed.

        Never refused because the queue is full, because its owner had a place before.

        Returns:
            The ticket that it displaced from its circuit, as `enter` does.
        """
        self._waiting.remove(ticket.handle)
        return self._add(ticket)

    def waive_language(self, handle: Handle) -> None:
        """Let a waiting ticket waive a common language from the next draw on."""
        ticket = self._waiting.find(handle)
        if ticket is not None:
            self._waiting.waive_language(ticket)

    def draw(self, now_s: float) -> Iterator[list[Pair]]:
        """Match those who fit, by chance, in steps of a bounded amount of work.

        Between two steps tickets may come and go. The caller takes all steps before the next draw.

        Yields:
            The matched tickets of each step, which no longer wait.
        """
        self._draw = Draw(self._waiting, self._rules, now_s)
        yield from self._draw.slices()
        self._draw = None
        self._lookout.look(self._waiting, now_s)

    def sees_other_language(self, ticket: Ticket) -> bool:
        """Check whether somebody waited, a moment ago, who shares no language with this ticket."""
        return self._lookout.sees_other_language(ticket.preferences)

    def set_presence(
        self, handle: Handle, present_until_s: float, circuit: CircuitKey | None = None
    ) -> Ticket | None:
        """Set the deadline until which the owner of a ticket counts as present, and the circuit.

        Returns:
            The ticket that it displaced from its circuit, as `enter` does.
        """
        ticket = self._waiting.find(handle)
        if ticket is None:
            return None
        return self._waiting.set_presence(ticket, present_until_s, circuit)

    def rename(self, old: Handle, new: Handle) -> None:
        """Move the waiting ticket of `old`, if there is one, to `new`; its place stays the same."""
        self._waiting.rename(old, new)

    def withdraw(self, handle: Handle) -> Ticket | None:
        """Remove the ticket of `handle`, and return it if there was one."""
        return self._waiting.remove(handle)

    def drop_absent(self, before_s: float) -> None:
        """Withdraw every ticket whose presence ended before `before_s`."""
        for ticket in [t for t in self._waiting if t.present_until_s < before_s]:
            self.withdraw(ticket.handle)

    def _add(self, ticket: Ticket) -> Ticket | None:
        if self._draw is not None:
            self._draw.exclude(ticket.order)
        return self._waiting.add(ticket)
