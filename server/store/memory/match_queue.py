"""How sessions of this house find one another: who waits, who was matched, who met before."""

from __future__ import annotations

from collections.abc import Sequence

from server.core.ids import Handle
from server.core.limits import MATCH_OPEN_S, TICKET_KEPT_S
from server.core.matching.matchmaker import Matchmaker
from server.core.matching.preferences import Intent, Preferences
from server.core.matching.ticket import Ticket
from server.core.room.room import Room
from server.core.session.session import Session

from .met_before import MetBefore
from .pending_matches import Match, PendingMatches, QueuePosition, RematchState


class MatchQueue:
    """Tickets, matches that are not opened yet, and the past of those who are here.

    Args:
        max_tickets: most people waiting at once.
    """

    def __init__(self, *, max_tickets: int) -> None:
        self._matchmaker = Matchmaker(max_tickets=max_tickets)
        self._matches = PendingMatches()
        self._met_before = MetBefore()

    def __len__(self) -> int:
        return len(self._matchmaker)

    def ticket(self, handle: Handle) -> Ticket | None:
        """The ticket of a session, while it waits."""
        return self._matchmaker.ticket(handle)

    def set_preferences(self, session: Session, preferences: Preferences | None) -> None:
        """Let a session wish something new, or what it wished last."""
        session.preferences = preferences or session.preferences or Preferences(Intent.ANY)

    def request(self, session: Session, now_s: float, until_s: float) -> Ticket | None:
        """Match a session or let it wait, with the wish that it has.

        Returns:
            The ticket of the one who waited, if there is one; it waits no longer.

        Raises:
            HouseFullError: if it would have to wait and every place is taken.
        """
        return self._matchmaker.arrive(
            session.handle,
            session.preferences or Preferences(Intent.ANY),
            now_s,
            until_s,
            never=self._met_before.blocked(session.handle),
            last=self._met_before.last_partner(session.handle),
        )

    def waive_language(self, session: Session, now_s: float) -> tuple[Ticket, Ticket] | None:
        """Do without a common language, for as long as this ticket waits; the older comes first."""
        return self._matchmaker.waive_language(session.handle, now_s)

    def retry(self, now_s: float) -> Sequence[tuple[Ticket, Ticket]]:
        """Match those who fit by now, because they have waited; the older of each comes first."""
        return self._matchmaker.rescan(now_s)

    def refresh(self, handle: Handle, until_s: float) -> None:
        """Say until when somebody who waits counts as present."""
        self._matchmaker.set_presence(handle, until_s)

    def cancel(self, handle: Handle) -> None:
        """Wait no longer."""
        self._matchmaker.withdraw(handle)

    def add_match(
        self,
        room: Room,
        one: Handle,
        other: Handle,
        back: QueuePosition | RematchState,
        now_s: float,
    ) -> None:
        """Two were seated in `room`: it must be opened, and they have met."""
        self._met_before.record(one, other)
        self._matches.add(room, back, now_s + MATCH_OPEN_S)

    def block(self, handle: Handle) -> None:
        """Never match a session again with whom it met last, while both live."""
        last = self._met_before.last_partner(handle)
        if last is not None:
            self._met_before.block(handle, last)

    def partners_known(self, handle: Handle) -> int:
        """How many others are remembered for a session: met last, or never again."""
        return len(self._met_before.blocked(handle)) + (
            self._met_before.last_partner(handle) is not None
        )

    def due(self, now_s: float) -> list[Match]:
        """Matches that should have been opened by now; those who waited too long absent go."""
        self._matchmaker.drop_absent(now_s - TICKET_KEPT_S)
        return self._matches.due(now_s)

    def settle(self, room: Room) -> Match | None:
        """Whether a pair was opened is no question any more. Returns the match, if it was one."""
        return self._matches.drop(room)

    def requeue(self, session: Session, head: QueuePosition, until_s: float) -> None:
        """Let somebody wait again who was matched in vain, at the place the match had."""
        ticket = Ticket(
            session.handle,
            session.preferences or Preferences(Intent.ANY),
            head.order,
            head.since_s,
            until_s,
            waives_language=head.waives_language,
            blocked=self._met_before.blocked(session.handle),
        )
        self._matchmaker.requeue(ticket)

    def forget(self, handle: Handle) -> None:
        """Drop all that speaks of a session, also in what others wait with."""
        self._matchmaker.withdraw(handle)
        for other in self._met_before.forget(handle):
            ticket = self._matchmaker.ticket(other)
            if ticket is not None:
                ticket.last_partner = None
