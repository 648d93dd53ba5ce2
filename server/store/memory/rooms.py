"""What is done at the doors of rooms: look, come in, knock; and what openers do."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from server.core.errors import MemberUnknownError, NotAMemberError, SessionUnknownError
from server.core.ids import ChatId, Secret
from server.core.invite_code import CodeKey, InviteKeys
from server.core.room.log import Kind
from server.core.room.private import PrivateRoom
from server.core.session.session import Seat
from server.store.contract.private_rooms import Admission, HostAction, NewInvitation, PrivateView
from server.store.contract.rooms import ListedRoom

from .matching import Pairing
from .member_view import look_private, title_of


class Hosting(Pairing):
    """These calls of `base_rooms.RoomStore` and `base_private.PrivateRoomStore`."""

    async def list_rooms(self, secret: Secret | None) -> Sequence[ListedRoom]:
        """See `base_rooms.RoomStore`."""
        if secret is not None and secret.handle in self._sessions:
            self._visit(secret)
        return self._public.listed(self._clock())

    async def join(self, secret: Secret, name: str) -> ChatId:
        """See `base_rooms.RoomStore`."""
        session = self._visit(secret)
        seat = self._public.join(session, name, self._clock())
        return self._take_seat(session, seat).member.chat_id

    async def open_room(self, secret: Secret, title: str, invitation: NewInvitation) -> ChatId:
        """See `base_private.PrivateRoomStore`."""
        session = self._visit(secret)
        seat = self._private.open(session, title, invitation, self._clock())
        return self._take_seat(session, seat).member.chat_id

    async def use_code(self, secret: Secret, way: InviteKeys, again: CodeKey) -> Admission | None:
        """See `base_private.PrivateRoomStore`."""
        session, now_s = self._visit(secret), self._clock()
        self._private.check_guess(session, now_s)
        if not self._rematches.is_good(again, now_s):
            return await self.use_invitation(secret, way)
        self._show(session, again)
        has_met = self._meet_again(session, now_s)
        return Admission(session.pair, is_in=True) if has_met and session.pair else None

    async def use_invitation(self, secret: Secret, way: InviteKeys) -> Admission:
        """See `base_private.PrivateRoomStore`."""
        session, now_s = self._visit(secret), self._clock()
        self._private.check_guess(session, now_s)
        welcome = self._private.enter(session, way, now_s)
        if welcome.is_in:
            self._take_seat(session, session.seats[welcome.chat_id])
        else:
            self._away.said(session.knocks[welcome.chat_id].room)
        return welcome

    async def knock_state(self, secret: Secret, chat_id: ChatId) -> Admission:
        """See `base_private.PrivateRoomStore`."""
        try:
            session = self._visit(secret)
        except SessionUnknownError:
            raise NotAMemberError from None
        if chat_id in session.rooms:
            return Admission(chat_id, is_in=True)
        if chat_id in session.knocks:
            return Admission(chat_id, is_in=False)
        raise NotAMemberError

    async def stop_knocking(self, secret: Secret, chat_id: ChatId) -> None:
        """See `base_private.PrivateRoomStore`."""
        session = self._sessions.get(secret.handle)
        if session is not None and chat_id in session.knocks:
            self._dismiss(session, chat_id)

    async def private_room(self, secret: Secret, chat_id: ChatId) -> PrivateView | None:
        """See `base_private.PrivateRoomStore`."""
        return look_private(self._seat(secret, chat_id), self._clock())

    async def host_action(
        self, secret: Secret, chat_id: ChatId, act: HostAction, who: int = 0
    ) -> None:
        """See `base_private.PrivateRoomStore`."""
        _ACTS[act](self, self._own_room(secret, chat_id), who)

    async def new_invitation(
        self, secret: Secret, chat_id: ChatId, invitation: NewInvitation
    ) -> None:
        """See `base_private.PrivateRoomStore`."""
        room, title = self._own_room(secret, chat_id), title_of(self._seat(secret, chat_id), secret)
        self._private.issue(room, invitation, title, self._clock())

    def _own_room(self, secret: Secret, chat_id: ChatId) -> PrivateRoom:
        seat = self._seat(secret, chat_id)
        if not isinstance(seat.room, PrivateRoom):
            raise NotAMemberError
        seat.room.check_opener(seat.member)
        return seat.room

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
        self._take_seat(session, Seat(room, member))

    def _send_away(self, room: PrivateRoom, who: int) -> None:
        for knocker in room.knockers:
            if knocker.number == who:
                self._dismiss(self._sessions[knocker.handle], knocker.chat_id)
                return
        raise MemberUnknownError

    def _remove(self, room: PrivateRoom, who: int) -> None:
        member = room.find(who)
        self._private.burn(room)
        self._leave(self._sessions[member.handle], member.chat_id, Kind.REMOVED)

    def _close(self, room: PrivateRoom, _who: int) -> None:
        self._private.burn(room)
        self._dismiss_all(room)
        room.close()


_ACTS: Mapping[HostAction, Callable[[Hosting, PrivateRoom, int], None]] = {
    HostAction.LOCK: Hosting._lock,
    HostAction.UNLOCK: Hosting._unlock,
    HostAction.ASK_FIRST: Hosting._ask_first,
    HostAction.ASK_NOBODY: Hosting._ask_nobody,
    HostAction.ADMIT: Hosting._admit,
    HostAction.SEND_AWAY: Hosting._send_away,
    HostAction.REMOVE: Hosting._remove,
    HostAction.CLOSE: Hosting._close,
}
