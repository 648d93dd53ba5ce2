"""How sessions of this house find one another: who waits, who was matched, who met before."""

from __future__ import annotations

from collections.abc import Sequence

from server.core.ids import Handle
from server.core.limits import MATCH_OPEN_S, TICKET_KEPT_S
from server.core.matching.matchmaker import Matchmaker
from server.core.matching.preferences import Intent, Wish
from server.core.matching.ticket import Ticket
from server.core.room.room import Room
from server.core.session.session import Session

from .met_before import Past
from .pending_matches import Back, Head, Match, Matches


class Meetings:
    """Tickets, matches that are not opened yet, and the past of those who are here.

    Args:
        max_tickets: most people waiting at once.
    """

    def __init__(self, *, max_tickets: int) -> None:
        self._matchmaker = Matchmaker(max_tickets=max_tickets)
        self._matches = Matches()
        self._past = Past()

    def __len__(self) -> int:
        return len(self._matchmaker)

    def ticket(self, handle: Handle) -> Ticket | None:
        """The ticket of a session, while it waits."""
        return self._matchmaker.ticket(handle)

    def wish(self, session: Session, wish: Wish | None) -> None:
        """Let a session wish something new, or what it wished last."""
        session.wish = wish or session.wish or Wish(Intent.ANY)

    def ask(self, session: Session, now_s: float, until_s: float) -> Ticket | None:
        """Match a session or let it wait, with the wish that it has.

        Returns:
            The ticket of the one who waited, if there is one; it waits no longer.

        Raises:
            HouseFullError: if it would have to wait and every place is taken.
        """
        return self._matchmaker.arrive(
            session.handle,
            session.wish or Wish(Intent.ANY),
            now_s,
            until_s,
            never=self._past.never(session.handle),
            last=self._past.last(session.handle),
        )

    def look_further(self, session: Session, now_s: float) -> tuple[Ticket, Ticket] | None:
        """Do without a common language, for as long as this ticket waits; the older comes first."""
        return self._matchmaker.look_further(session.handle, now_s)

    def retry(self, now_s: float) -> Sequence[tuple[Ticket, Ticket]]:
        """Match those who fit by now, because they have waited; the older of each comes first."""
        return self._matchmaker.retry(now_s)

    def refresh(self, handle: Handle, until_s: float) -> None:
        """Say until when somebody who waits counts as present."""
        self._matchmaker.refresh(handle, until_s)

    def cancel(self, handle: Handle) -> None:
        """Wait no longer."""
        self._matchmaker.withdraw(handle)

    def met(self, room: Room, one: Handle, other: Handle, back: Head | Back, now_s: float) -> None:
        """Two were seated in `room`: it must be opened, and they have met."""
        self._past.met(one, other)
        self._matches.add(room, back, now_s + MATCH_OPEN_S)

    def part(self, handle: Handle) -> None:
        """Never match a session again with whom it met last, while both live."""
        last = self._past.last(handle)
        if last is not None:
            self._past.part(handle, last)

    def known(self, handle: Handle) -> int:
        """How many others are remembered for a session: met last, or never again."""
        return len(self._past.never(handle)) + (self._past.last(handle) is not None)

    def due(self, now_s: float) -> list[Match]:
        """Matches that should have been opened by now; those who waited too long absent go."""
        self._matchmaker.drop_absent(now_s - TICKET_KEPT_S)
        return self._matches.due(now_s)

    def over(self, room: Room) -> Match | None:
        """Whether a pair was opened is no question any more. Returns the match, if it was one."""
        return self._matches.drop(room)

    def put_back(self, session: Session, head: Head, until_s: float) -> None:
        """Let somebody wait again who was matched in vain, at the place the match had."""
        ticket = Ticket(
            session.handle,
            session.wish or Wish(Intent.ANY),
            head.order,
            head.since_s,
            until_s,
            further=head.further,
            never=self._past.never(session.handle),
        )
        self._matchmaker.wait(ticket)

    def forget(self, handle: Handle) -> None:
        """Drop all that speaks of a session, also in what others wait with."""
        self._matchmaker.withdraw(handle)
        for other in self._past.forget(handle):
            ticket = self._matchmaker.ticket(other)
            if ticket is not None:
                ticket.last = None
