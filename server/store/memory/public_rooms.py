"""The public rooms: always listed; one without members holds no conversation."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from server.core.errors import RoomUnknownError
from server.core.ids import new_chat_id
from server.core.limits import PUBLIC_RENEWAL_S
from server.core.room.head_count import HeadCount
from server.core.room.lifecycle import ROOM_LIFE, RoomState
from server.core.room.policy import Policy
from server.core.room.public import PublicRoom, RoomClass
from server.core.room.publication import Outbox
from server.core.room.room import Room
from server.core.session.session import Seat, Session
from server.store.contract.rooms import ListedRoom


class _PublicRoomState:
    """One public room, and its conversation while it has members."""

    def __init__(self, public: PublicRoom) -> None:
        self.policy = Policy(
            ROOM_LIFE,
            public.capacity,
            public.slow_s,
            public_name=public.name,
            renewal_s=PUBLIC_RENEWAL_S,
            has_side_chats=public.room_class is RoomClass.GENERAL,
        )
        self.heads = HeadCount()
        self.room: Room | None = None

    @property
    def people(self) -> int:
        """How many members it has."""
        return self.room.head_count if self.room is not None else 0

    @property
    def joined(self) -> Sequence[Room]:
        """Its conversation, if there is one whose members would see a join."""
        return () if self.room is None else (self.room,)

    def seat_of(self, session: Session) -> Seat | None:
        """The seat that a session has in it."""
        return next((s for s in session.rooms.values() if s.room is self.room), None)


class PublicRooms:
    """Public rooms by name.

    Args:
        rooms: as configured, in the order in which they are listed.
        outbox: takes the new entries of each.
    """

    def __init__(self, rooms: Iterable[PublicRoom], outbox: Outbox) -> None:
        self._outbox = outbox
        self._places = {public.name: _PublicRoomState(public) for public in rooms}

    def listed(self, now_s: float) -> Sequence[ListedRoom]:
        """The list as every visitor sees it."""
        return [
            ListedRoom(name, place.heads.published(place.people, now_s))
            for name, place in self._places.items()
        ]

    def is_in(self, session: Session, name: str) -> bool:
        """Whether a session has a seat in the room of that name already."""
        place = self._places.get(name)
        return place is not None and place.seat_of(session) is not None

    def check_join(self, session: Session, name: str, now_s: float) -> None:
        """Check that `join` may be called, before a place is reserved that another one gives up.

        Raises:
            RoomUnknownError: if there is no room of that name.
            TooManyRoomsError: if the session is in as many as it may be.
            RoomFullError: if the room has as many members as may be.
            RateLimitedError: if the session joins rooms too often, or the room is joined too often.
        """
        place = self._places.get(name)
        if place is None:
            raise RoomUnknownError
        if place.seat_of(session) is None:
            session.check_rooms()
            if place.room is not None:
                place.room.check_capacity()
            session.check_join(now_s, place.joined)

    def join(self, session: Session, name: str, now_s: float) -> Seat:
        """Seat a session in a room; return its seat, if it has one there already.

        The reservation may have ended the session that was alone in the room, and nothing else has
        changed since `check_join`.
        """
        place = self._places[name]
        seated = place.seat_of(session)
        if seated is not None:
            return seated
        session.count_join(now_s, place.joined)
        room = place.room or Room(place.policy, self._outbox)
        member = room.join(session.identity, new_chat_id())
        place.room = room
        seat = session.seats[member.chat_id] = Seat(room, member)
        return seat

    def drop(self, room: Room) -> None:
        """Drop a conversation that has no members left; the room stays on the list."""
        place = self._places.get(room.policy.public_name)
        if place is not None and room.state is RoomState.SHREDDED:
            place.room = None
