"""The public rooms: always on the list, and holding nothing while nobody is in them."""

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


class _Place:
    """A place on the list, and the conversation in it while somebody is there."""

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
        """How many are in it."""
        return self.room.head_count if self.room is not None else 0


class PublicRooms:
    """Public rooms by name.

    Args:
        rooms: as the operator decided, in the order in which they are listed.
        outbox: takes the new entries of each.
    """

    def __init__(self, rooms: Iterable[PublicRoom], outbox: Outbox) -> None:
        self._outbox = outbox
        self._places = {public.name: _Place(public) for public in rooms}

    def listed(self, now_s: float) -> Sequence[ListedRoom]:
        """The list as everybody sees it."""
        return [
            ListedRoom(name, place.heads.published(place.people, now_s))
            for name, place in self._places.items()
        ]

    def join(self, session: Session, name: str, now_s: float) -> Seat:
        """Seat a session in a room; where it sits already, that is its seat.

        Raises:
            RoomUnknownError: if no room of that name is on the list.
            TooManyRoomsError: if the session sits in as many as it may.
            RoomFullError: if every place is taken.
            RateLimitedError: if it comes and goes too fast.
        """
        place = self._places.get(name)
        if place is None:
            raise RoomUnknownError
        for seat in session.rooms.values():
            if seat.room is place.room:
                return seat
        session.check_rooms()
        room = place.room or Room(place.policy, self._outbox)
        room.check_capacity()
        session.count_join(now_s)
        member = room.join(session.identity, new_chat_id())
        place.room = room
        seat = session.seats[member.chat_id] = Seat(room, member)
        return seat

    def drop(self, room: Room) -> None:
        """Let go of a conversation that everybody has left; the room stays on the list."""
        place = self._places.get(room.policy.public_name)
        if place is not None and room.state is RoomState.SHREDDED:
            place.room = None
