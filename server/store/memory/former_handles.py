"""Handles that sessions had before their secret was renewed, as long as these still lead to them.

A browser has the new cookie only when the answer has arrived. Until then it may send the old one:
the answer was lost, a button was pressed twice, or another tab asked at that moment. So a former
handle leads to its session until a request has shown that the browser has the new cookie. No key
is kept with it: a former secret finds the session, and opens nothing of what is sealed to the new
one.

Source: RFC 6265 has no acknowledgement of a cookie; only a later request shows that it was taken.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from server.core.ids import Handle
from server.core.limits import LATE_COOKIE_S, MAX_FORMER_HANDLES
from server.core.session.session import Session


@dataclass(slots=True, eq=False)
class _Former:
    session: Session
    was_used: bool
    """Whether a request has ever used it: one that was issued and replaced at once was not."""

    until_s: float = math.inf


class FormerHandles:
    """Former handle -> the session that it leads to."""

    def __init__(self) -> None:
        self._by_handle: dict[Handle, _Former] = {}

    def add(self, session: Session, handle: Handle) -> None:
        """Let a handle that a session has just lost lead to it.

        Beyond `MAX_FORMER_HANDLES`, the oldest that was never used leads nowhere any more. The one
        that was used is kept: it is in the browser until an answer arrives.
        """
        self._by_handle[handle] = _Former(session, was_used=not session.is_unseen)
        session.former_handles.append(handle)
        if len(session.former_handles) > MAX_FORMER_HANDLES:
            unused = [h for h in session.former_handles if not self._by_handle[h].was_used]
            session.former_handles.remove(unused[0])
            del self._by_handle[unused[0]]

    def find(self, handle: Handle, now_s: float) -> Session | None:
        """The session to which a former handle leads."""
        found = self._by_handle.get(handle)
        return found.session if found is not None and now_s <= found.until_s else None

    def confirm(self, session: Session, now_s: float) -> None:
        """A request has used the session's present secret: a browser has it.

        What it used before leads nowhere from now on. A secret that was issued and never used may
        still be on its way, in an answer that overtakes nothing; it leads on for `LATE_COOKIE_S`.
        """
        for handle in session.former_handles:
            former = self._by_handle[handle]
            late_s = -math.inf if former.was_used else now_s + LATE_COOKIE_S
            former.until_s = min(former.until_s, late_s)
        self.drop_due(session, now_s)

    def drop_due(self, session: Session, now_s: float) -> None:
        """Drop the handles of a session that lead nowhere any more."""
        kept = [h for h in session.former_handles if now_s <= self._by_handle[h].until_s]
        for handle in set(session.former_handles).difference(kept):
            del self._by_handle[handle]
        session.former_handles = kept

    def forget(self, session: Session) -> None:
        """Drop every handle of a session that is forgotten."""
        for handle in session.former_handles:
            del self._by_handle[handle]
        session.former_handles = []
