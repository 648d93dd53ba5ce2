"""How sessions of this house find one another: who waits, who was matched, who met before."""

from __future__ import annotations

from collections.abc import Sequence

from server.core.ids import Handle
from server.core.limits import MATCH_OPEN_S, TICKET_KEPT_S
from server.core.matchmaker import Matchmaker
from server.core.room import Room
from server.core.session import Session
from server.core.ticket import Ticket
from server.core.wish import Intent, Wish

from .matches import Match, Matches
from .past import Past


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

    def ask(
        self, session: Session, wish: Wish | None, now_s: float, until_s: float
    ) -> Ticket | None:
        """Match a session or let it wait, with a new wish or the one it had last.

        Returns:
            The ticket of the one who waited, if there is one; it waits no longer.

        Raises:
            HouseFullError: if it would have to wait and every place is taken.
        """
        session.wish = wish or session.wish or Wish(Intent.ANY)
        return self._matchmaker.arrive(
            session.handle,
            session.wish,
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

    def met(self, room: Room, older: Ticket, other: Handle, now_s: float) -> None:
        """Two were seated in `room`: it must be opened, and they have met."""
        self._past.met(older.handle, other)
        self._matches.add(room, older, now_s + MATCH_OPEN_S)

    def part(self, handle: Handle) -> None:
        """Never match a session again with whom it met last, while both live."""
        last = self._past.last(handle)
        if last is not None:
            self._past.part(handle, last)

    def pop_due(self, now_s: float) -> list[Match]:
        """Matches that should have been opened by now; those who waited too long absent go."""
        self._matchmaker.drop_absent(now_s - TICKET_KEPT_S)
        return self._matches.pop_due(now_s)

    def put_back(self, session: Session, older: Ticket, until_s: float) -> None:
        """Let somebody wait again who was matched in vain, at the place the match had."""
        wish = session.wish or older.wish
        ticket = Ticket(
            session.handle,
            wish,
            older.order,
            older.since_s,
            until_s,
            never=self._past.never(session.handle),
        )
        self._matchmaker.wait(ticket)

    def forget(self, handle: Handle) -> None:
        """Drop all that speaks of a session."""
        self._matchmaker.withdraw(handle)
        self._past.forget(handle)
