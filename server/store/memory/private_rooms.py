"""The private rooms: only the key of an invitation leads to one."""

from __future__ import annotations

from server.core.crypto.associated_data import SealError
from server.core.crypto.seal import seal_title, unwrap_title, wrap_title
from server.core.errors import InvitationUnknownError
from server.core.fair_rate import FairRate
from server.core.ids import RoomId, new_chat_id
from server.core.invite_code import CodeKey, InviteKeys
from server.core.limits import (
    ALL_GUESS_BURST,
    ALL_GUESS_EVERY_S,
    CIRCUIT_ROOMS,
    GUESS_BURST,
    GUESS_EVERY_S,
)
from server.core.ratelimit import TokenBucket
from server.core.room.private import Invitation, PrivateRoom
from server.core.room.publication import Outbox
from server.core.session.session import Knock, Seat, Session
from server.core.shares import Priority, Shares
from server.store.contract.private_rooms import Admission, NewInvitation


class PrivateRooms:
    """Private rooms, and the invitation to each.

    Args:
        max_rooms: most of them at once.
        outbox: takes the new entries of each.
        now_s: the time at which it starts.
    """

    def __init__(self, *, max_rooms: int, outbox: Outbox, now_s: float) -> None:
        self._outbox = outbox
        self._rooms: dict[RoomId, PrivateRoom] = {}
        self._shares: Shares[RoomId] = Shares(capacity=max_rooms, quota=CIRCUIT_ROOMS)
        self._by_key: dict[CodeKey, PrivateRoom] = {}
        self.guesses = FairRate(
            burst=GUESS_BURST,
            every_s=GUESS_EVERY_S,
            common=TokenBucket(burst=ALL_GUESS_BURST, every_s=ALL_GUESS_EVERY_S, now_s=now_s),
        )
        """Wrong codes, by circuit and in all."""

    def to_give_way(self, session: Session) -> PrivateRoom | None:
        """The room that gives way to a new one of this session; `None` if a place is free.

        Raises:
            ServerFullError: if none does.
        """
        room_id = self._shares.to_give_way(session.holder)
        return None if room_id is None else self._rooms[room_id]

    def count_place(self, room: PrivateRoom, session: Session) -> None:
        """Record for whom the place of a room counts: for the member who has been there longest.

        While nobody else is there, it is worth no more than the session that waits in it.
        """
        if room.id in self._rooms:
            is_used = room.head_count > 1
            priority = Priority.SEATED if is_used else min(Priority.ACTIVE, session.priority)
            self._shares.hold(room.id, session.holder, priority)

    def use_place(self, room: PrivateRoom) -> None:
        """Record that the member for whom a room counts is active now."""
        self._shares.use(room.id)

    def open(self, session: Session, title: str, new: NewInvitation, now_s: float) -> Seat:
        """Make a room with this session as its opener; `to_give_way` has made room.

        See `PrivateRoomStore.open_room`.

        Args:
            session: the opener's.
            title: as `clean_title` returns it.
            new: the invitation to it.
            now_s: monotonic seconds.
        """
        session.count_join(now_s)
        room = PrivateRoom(self._outbox)
        self._rooms[room.id] = room
        self.issue(room, new, title, now_s)
        return self._seat(session, room, title)

    def issue(self, room: PrivateRoom, new: NewInvitation, title: str, now_s: float) -> None:
        """Issue a new invitation to a room, and revoke the one before."""
        self.revoke_invitation(room)
        wrapped = wrap_title(title, new.keys.title_key)
        room.invitation = Invitation(new.keys.key, new.max_uses, now_s + new.valid_for_s, wrapped)
        self._by_key[new.keys.key] = room

    def revoke_invitation(self, room: PrivateRoom) -> None:
        """Revoke the invitation of a room, if it has one."""
        if room.invitation is not None:
            self._by_key.pop(room.invitation.key, None)
        room.invitation = None

    def check_guess(self, session: Session, now_s: float) -> None:
        """Pass if a session may try a code.

        Called before any code is looked up, right or wrong: otherwise the answer to a valid code
        would differ from that to a code that is not looked up any more.

        Raises:
            RateLimitedError: after too many wrong codes, of this session or of its circuit; or of
                all together, unless none was wrong on this circuit lately.
        """
        self.guesses.check(session.circuit, now_s)
        session.guesses(now_s).check(now_s)

    def enter(self, session: Session, invite_keys: InviteKeys, now_s: float) -> Admission:
        """Seat a session by an invitation, or let it knock; `check_guess` has passed.

        See `PrivateRoomStore.use_invitation`.
        """
        room, invitation = self.find(session, invite_keys.key, now_s)
        for chat_id, seat in session.rooms.items():
            if seat.room is room:
                if not seat.member.sealed_title:
                    # It was sealed to a secret that was renewed before anything opened it.
                    title = _title_in(invitation, invite_keys)
                    seat.member.sealed_title = seal_title(title, session.identity.public_key)
                return Admission(chat_id, is_member=True)
        for chat_id, knock in session.knocks.items():
            if knock.room is room:
                return Admission(chat_id, is_member=False)
        session.check_rooms()
        room.check_admission()
        title = _title_in(invitation, invite_keys)
        session.count_join(now_s)
        invitation.uses -= 1
        if not invitation.uses:
            self.revoke_invitation(room)
        if room.requires_knock:
            knocker = room.knock(session.identity, new_chat_id(), title)
            session.knocks[knocker.chat_id] = Knock(room, knocker.number)
            return Admission(knocker.chat_id, is_member=False)
        return Admission(self._seat(session, room, title).member.chat_id, is_member=True)

    def drop(self, room: PrivateRoom) -> None:
        """Drop a room that has no members left."""
        self._rooms.pop(room.id, None)
        self._shares.release(room.id)
        self.revoke_invitation(room)

    def revoke_expired(self, now_s: float) -> None:
        """Revoke every invitation that has expired."""
        for room in list(self._by_key.values()):
            if room.invitation is not None and not room.invitation.is_valid(now_s):
                self.revoke_invitation(room)

    def find(self, session: Session, key: CodeKey, now_s: float) -> tuple[PrivateRoom, Invitation]:
        """The room of an invitation; `check_guess` has passed. A wrong code is counted.

        Raises:
            InvitationUnknownError: if the code is wrong, used up, expired or revoked.
        """
        room = self._by_key.get(key)
        if room is None or room.invitation is None or not room.invitation.is_valid(now_s):
            self.guesses.take(session.circuit, now_s)
            session.guesses(now_s).take(now_s)
            raise InvitationUnknownError
        return room, room.invitation

    def _seat(self, session: Session, room: PrivateRoom, title: str) -> Seat:
        member = room.enter(session.identity, new_chat_id(), title)
        seat = session.seats[member.chat_id] = Seat(room, member)
        return seat


def _title_in(invitation: Invitation, invite_keys: InviteKeys) -> str:
    """Open the title of a room with the code of its invitation.

    Raises:
        InvitationUnknownError: if the stored data was modified.
    """
    try:
        return unwrap_title(invitation.wrapped_title, invite_keys.title_key)
    except SealError:
        raise InvitationUnknownError from None
