"""What is done at the doors of rooms: look, come in, knock; and what openers do."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Mapping, Sequence

from server.core.errors import NotAMemberError, PersonUnknownError, SessionUnknownError
from server.core.ids import ChatId, Handle, Secret
from server.core.invitation import CodeKey
from server.core.privateroom import PrivateRoom
from server.core.room import Room
from server.core.roomlog import Kind
from server.core.session import Seat, Session

from .base_private import HostAct, NewInvitation, PrivateView, Welcome
from .base_rooms import ListedRoom, OwnRoom
from .privaterooms import PrivateRooms
from .publicrooms import PublicRooms
from .seats import look_private
from .talking import Talking


class Hosting(Talking):
    """These calls of `base_rooms.RoomStore` and `base_private.PrivateStore`."""

    _sessions: dict[Handle, Session]
    _rooms: set[Room]
    _public: PublicRooms
    _private: PrivateRooms

    @abstractmethod
    async def knows(self, secret: Secret | None) -> bool:
        """See `base.Store`."""

    @abstractmethod
    def _leave(self, session: Session, chat_id: ChatId, kind: Kind | None = None) -> None:
        """Take a session's seat away."""

    async def rooms(self, secret: Secret | None) -> Sequence[ListedRoom]:
        """See `base_rooms.RoomStore`."""
        await self.knows(secret)
        return self._public.listed(self._clock())

    async def my_rooms(self, secret: Secret | None) -> Sequence[OwnRoom]:
        """See `base_rooms.RoomStore`."""
        if secret is None or not await self.knows(secret):
            return []
        return [
            OwnRoom(chat_id, seat.room.terms.public_name, seat.room.terms.title)
            for chat_id, seat in self._sessions[secret.handle].rooms.items()
        ]

    async def join(self, secret: Secret, name: str) -> ChatId:
        """See `base_rooms.RoomStore`."""
        seat = self._public.join(self._visit(secret), name, self._clock())
        self._rooms.add(seat.room)
        return seat.member.chat_id

    async def open_room(self, secret: Secret, title: str, invitation: NewInvitation) -> ChatId:
        """See `base_private.PrivateStore`."""
        seat = self._private.open(self._visit(secret), title, invitation, self._clock())
        self._rooms.add(seat.room)
        return seat.member.chat_id

    async def enter(self, secret: Secret, key: CodeKey) -> Welcome:
        """See `base_private.PrivateStore`."""
        return self._private.enter(self._visit(secret), key, self._clock())

    async def knocking(self, secret: Secret, chat_id: ChatId) -> Welcome:
        """See `base_private.PrivateStore`."""
        try:
            session = self._visit(secret)
        except SessionUnknownError:
            raise NotAMemberError from None
        if chat_id in session.rooms:
            return Welcome(chat_id, is_in=True)
        if chat_id in session.knocks:
            return Welcome(chat_id, is_in=False)
        raise NotAMemberError

    async def stop_knocking(self, secret: Secret, chat_id: ChatId) -> None:
        """See `base_private.PrivateStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None and chat_id in session.knocks:
            self._dismiss(session, chat_id)

    async def private(self, secret: Secret, chat_id: ChatId) -> PrivateView | None:
        """See `base_private.PrivateStore`."""
        return look_private(self._seat(secret, chat_id), self._clock())

    async def host(self, secret: Secret, chat_id: ChatId, act: HostAct, who: int = 0) -> None:
        """See `base_private.PrivateStore`."""
        _ACTS[act](self, self._own_room(secret, chat_id), who)

    async def invite(self, secret: Secret, chat_id: ChatId, invitation: NewInvitation) -> None:
        """See `base_private.PrivateStore`."""
        self._private.issue(self._own_room(secret, chat_id), invitation, self._clock())

    def _own_room(self, secret: Secret, chat_id: ChatId) -> PrivateRoom:
        seat = self._seat(secret, chat_id)
        if not isinstance(seat.room, PrivateRoom):
            raise NotAMemberError
        seat.room.check_opener(seat.member)
        return seat.room

    def _dismiss(self, session: Session, chat_id: ChatId) -> None:
        """Let somebody knock no longer."""
        knock = session.knocks.pop(chat_id)
        knock.room.send_away(knock.number)

    def _dismiss_all(self, room: PrivateRoom) -> None:
        for knocker in room.knockers:
            self._dismiss(self._sessions[knocker.handle], knocker.chat_id)

    def _lock(self, room: PrivateRoom, _who: int) -> None:
        room.is_locked = True

    def _unlock(self, room: PrivateRoom, _who: int) -> None:
        room.is_locked = False

    def _ask_first(self, room: PrivateRoom, _who: int) -> None:
        room.asks_first = True

    def _ask_nobody(self, room: PrivateRoom, _who: int) -> None:
        room.asks_first = False

    def _admit(self, room: PrivateRoom, who: int) -> None:
        member = room.admit(who)
        session = self._sessions[member.handle]
        del session.knocks[member.chat_id]
        session.seats[member.chat_id] = Seat(room, member)

    def _send_away(self, room: PrivateRoom, who: int) -> None:
        for knocker in room.knockers:
            if knocker.number == who:
                self._dismiss(self._sessions[knocker.handle], knocker.chat_id)
                return
        raise PersonUnknownError

    def _remove(self, room: PrivateRoom, who: int) -> None:
        member = room.find(who)
        self._private.burn(room)
        self._leave(self._sessions[member.handle], member.chat_id, Kind.REMOVED)

    def _close(self, room: PrivateRoom, _who: int) -> None:
        self._private.burn(room)
        self._dismiss_all(room)
        room.close()


_ACTS: Mapping[HostAct, Callable[[Hosting, PrivateRoom, int], None]] = {
    HostAct.LOCK: Hosting._lock,
    HostAct.UNLOCK: Hosting._unlock,
    HostAct.ASK_FIRST: Hosting._ask_first,
    HostAct.ASK_NOBODY: Hosting._ask_nobody,
    HostAct.ADMIT: Hosting._admit,
    HostAct.SEND_AWAY: Hosting._send_away,
    HostAct.REMOVE: Hosting._remove,
    HostAct.CLOSE: Hosting._close,
}
