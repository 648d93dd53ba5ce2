"""The places of sessions and of their streams, shared fairly by circuit (see `core/shares.py`)."""

from __future__ import annotations

from collections.abc import Hashable

from server.core.ids import Handle
from server.core.limits import CIRCUIT_SESSIONS, Capacity
from server.core.session.session import Session
from server.core.shares import Shares


class SessionPlaces:
    """Which sessions there are, and for which of them a place for a stream is reserved.

    A session in a conversation, or that waits for one, has a place for its stream whether or not
    the stream is open: so a member whose line breaks can always come back.

    Args:
        capacity: how many of both there are.
    """

    def __init__(self, capacity: Capacity) -> None:
        self._sessions: Shares[Handle] = Shares(capacity=capacity.sessions, quota=CIRCUIT_SESSIONS)
        self._streams: Shares[Handle] = Shares(capacity=capacity.streams, quota=CIRCUIT_SESSIONS)

    def session_to_give_way(self, holder: Hashable) -> Handle | None:
        """The session that gives way to a new one of this holder; `None` if a place is free.

        Raises:
            ServerFullError: if none does.
        """
        return self._sessions.to_give_way(holder)

    def stream_to_give_way(self, session: Session) -> Handle | None:
        """The session that gives way to the stream of this one; `None` if none has to.

        Raises:
            ServerFullError: if it has no place, and none is free or given up for it.
        """
        if session.handle in self._streams:
            return None
        return self._streams.to_give_way(session.holder)

    def reserve_stream(self, session: Session) -> None:
        """Reserve a place for the stream of a session; `stream_to_give_way` has made room."""
        self._streams.hold(session.handle, session.holder, session.priority)

    def update(self, session: Session, *, needs_stream: bool) -> None:
        """Record for whom a session counts now, and what for."""
        handle, holder, priority = session.handle, session.holder, session.priority
        self._sessions.hold(handle, holder, priority)
        if needs_stream:
            self._streams.hold(handle, holder, priority)
        else:
            self._streams.release(handle)

    def use(self, handle: Handle) -> None:
        """Record that a session is active now."""
        self._sessions.use(handle)
        self._streams.use(handle)

    def forget(self, handle: Handle) -> None:
        """Free the places of a session that is gone."""
        self._sessions.release(handle)
        self._streams.release(handle)
