"""Tickets, pending matches, and the previous partners of each session."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from server.core.ids import CircuitKey, Handle
from server.core.limits import MATCH_OPEN_S, TICKET_KEPT_S
from server.core.matching.chance import Chance
from server.core.matching.matchmaker import Matchmaker, Pair
from server.core.matching.preferences import Intent, Preferences
from server.core.matching.ticket import Ticket
from server.core.room.room import Room
from server.core.session.backoff import MATCHES, Backoff
from server.core.session.session import Session

from .met_before import MetBefore
from .pending_matches import Match, PendingMatches, QueuePosition, RematchState


class MatchQueue:
    """Who waits, who was matched and has not opened it, and who was matched before.

    Args:
        max_tickets: most sessions that wait at once.
        chance: the source of randomness of the draws.
    """

    def __init__(self, *, max_tickets: int, chance: Chance) -> None:
        self._matchmaker = Matchmaker(max_tickets=max_tickets, chance=chance)
        self._matches = PendingMatches()
        self._met_before = MetBefore()
        self._circuit_pauses: dict[CircuitKey, Backoff] = {}
        """Pauses after many matches; deleted as soon as nothing counts any more."""

    def __len__(self) -> int:
        return len(self._matchmaker)

    def waiting(self) -> list[Handle]:
        """The sessions that have a ticket."""
        return self._matchmaker.waiting()

    def ticket(self, handle: Handle) -> Ticket | None:
        """The ticket of a session, while it waits."""
        return self._matchmaker.ticket(handle)

    def set_preferences(self, session: Session, preferences: Preferences | None) -> None:
        """Set the preferences of a session; `None` keeps the last ones."""
        session.preferences = preferences or session.preferences or Preferences(Intent.ANY)

    def request(self, session: Session, now_s: float, until_s: float) -> Ticket | None:
        """Let a session wait with its preferences for the next draw.

        Returns:
            The ticket that it displaced, because its circuit had as many as it may.

        Raises:
            ServerFullError: if there are as many tickets as may be.
        """
        return self._matchmaker.enter(
            session.handle,
            session.preferences or Preferences(Intent.ANY),
            now_s,
            until_s,
            circuit=session.circuit,
            never=self._met_before.blocked(session.handle),
            last=self._met_before.last_partner(session.handle),
        )

    def waive_language(self, handle: Handle) -> None:
        """Waive the common language for a ticket, from the next draw on."""
        self._matchmaker.waive_language(handle)

    def draw(self, now_s: float) -> Iterator[list[Pair]]:
        """Match those who fit, by chance, in steps; the older ticket of each pair first."""
        return self._matchmaker.draw(now_s)

    def sees_other_language(self, ticket: Ticket) -> bool:
        """Whether somebody waited a moment ago who shares no language with a ticket."""
        return self._matchmaker.sees_other_language(ticket)

    def refresh(self, session: Session, until_s: float) -> Ticket | None:
        """Set until when a waiting session counts as present; return the ticket it displaced."""
        return self._matchmaker.set_presence(session.handle, until_s, session.circuit)

    def check_pace(self, circuit: CircuitKey | None, now_s: float) -> None:
        """Check that the sessions of a circuit may be matched again.

        Raises:
            CooldownError: after many matches, while the pause lasts.
        """
        if circuit in self._circuit_pauses:
            self._circuit_pauses[circuit].check(now_s)

    def count_match(self, circuits: Iterable[CircuitKey | None], now_s: float) -> None:
        """Count a match for the circuits of its members; once, if they have the same."""
        for circuit in set(circuits):
            if circuit is not None:
                backoff = self._circuit_pauses.setdefault(circuit, Backoff(MATCHES, now_s))
                backoff.count(now_s)

    def cancel(self, handle: Handle) -> None:
        """Remove the ticket of a session."""
        self._matchmaker.withdraw(handle)

    def add_match(
        self,
        room: Room,
        one: Handle,
        other: Handle,
        back: QueuePosition | RematchState,
        now_s: float,
    ) -> None:
        """Record a match: both have to open `room`, and they are previous partners from now on."""
        self._met_before.record(one, other)
        self._matches.add(room, back, now_s + MATCH_OPEN_S)

    def block(self, handle: Handle) -> None:
        """Never match a session with its last partner again, as long as both sessions exist."""
        last = self._met_before.last_partner(handle)
        if last is not None:
            self._met_before.block(handle, last)

    def partners_known(self, handle: Handle) -> int:
        """Count the others that are kept for a session: its last partner, and those it blocked."""
        return len(self._met_before.blocked(handle)) + (
            self._met_before.last_partner(handle) is not None
        )

    def due(self, now_s: float) -> list[Match]:
        """Matches that should be open by now; also drop what has expired.

        That is: tickets of sessions absent too long, and pauses of circuits that are over.
        """
        self._matchmaker.drop_absent(now_s - TICKET_KEPT_S)
        for circuit in [c for c, pause in self._circuit_pauses.items() if pause.is_over(now_s)]:
            del self._circuit_pauses[circuit]
        return self._matches.due(now_s)

    def drop_match(self, room: Room) -> Match | None:
        """Remove a match from the pending ones; return it, if there was one."""
        return self._matches.drop(room)

    def requeue(self, session: Session, head: QueuePosition, until_s: float) -> Ticket | None:
        """Let a session whose partner did not come wait again; return the ticket it displaced."""
        ticket = Ticket(
            session.handle,
            session.preferences or Preferences(Intent.ANY),
            head.order,
            head.since_s,
            until_s,
            waives_language=head.waives_language,
            blocked=self._met_before.blocked(session.handle),
            circuit=session.circuit,
        )
        return self._matchmaker.requeue(ticket)

    def rename(self, old: Handle, new: Handle, rooms: Iterable[Room]) -> None:
        """Move every record of a session to another handle, in the tickets of others too.

        Args:
            old: its handle until now.
            new: its handle from now on; unknown so far.
            rooms: the conversations in which it sits.
        """
        self._matchmaker.rename(old, new)
        for other in self._met_before.rename(old, new):
            ticket = self._matchmaker.ticket(other)
            if ticket is not None:
                ticket.last_partner = new
        for room in rooms:
            self._matches.rename(room, old, new)

    def forget(self, handle: Handle) -> None:
        """Delete every record of a session, in the tickets of others too."""
        self._matchmaker.withdraw(handle)
        for other in self._met_before.forget(handle):
            ticket = self._matchmaker.ticket(other)
            if ticket is not None:
                ticket.last_partner = None
