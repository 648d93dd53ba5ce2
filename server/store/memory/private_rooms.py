"""The private rooms: only the key of an invitation leads to one."""

from __future__ import annotations

from server.core.crypto.associated_data import SealError
from server.core.crypto.seal import seal_title, unwrap_title, wrap_title
from server.core.errors import InvitationUnknownError
from server.core.fair_rate import FairRate
from server.core.ids import ChatId, RoomId, new_chat_id
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

from .unopened_entries import Entry, UnopenedEntries


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

        self.unopened = UnopenedEntries()

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

    def check_entry(self, session: Session, invite_keys: InviteKeys, now_s: float) -> None:
        """Check that `enter` may be called, before a place is reserved that another one gives up.

        `check_guess` has passed. A wrong code is counted.

        Raises:
            InvitationUnknownError: if the code is wrong, used up, expired or revoked.
            TooManyRoomsError: if the session is in as many rooms as it may be.
            RoomLockedError, RoomFullError: see `PrivateRoom.check_admission`.
            RateLimitedError: if the session joins rooms too often, or the room is joined too often.
        """
        room, invitation = self._find(session, invite_keys.key, now_s)
        if _admission_of(session, room) is None:
            session.check_rooms()
            room.check_admission()
            _title_in(invitation, invite_keys)
            session.check_join(now_s, (room,))

    def enter(self, session: Session, invite_keys: InviteKeys, now_s: float) -> Admission:
        """Seat a session by an invitation, or let it knock; `check_entry` has passed.

        See `PrivateRoomStore.use_invitation`.

        Raises:
            InvitationUnknownError: if the room has ended since, because its host gave way.
        """
        room, invitation = self._find(session, invite_keys.key, now_s)
        title = _title_in(invitation, invite_keys)
        entered = _admission_of(session, room)
        if entered is not None:
            seat = session.seats.get(entered.chat_id)
            if seat is not None and not seat.member.sealed_title:
                # It was sealed to a secret that was renewed before anything opened it.
                seat.member.sealed_title = seal_title(title, session.identity.public_key)
            return entered
        session.count_join(now_s, (room,))
        if room.requires_knock:
            knocker = room.knock(session.identity, new_chat_id(), title)
            session.knocks[knocker.chat_id] = Knock(room, knocker.number)
            admission = Admission(knocker.chat_id, is_member=False)
        else:
            chat_id = self._seat(session, room, title).member.chat_id
            admission = Admission(chat_id, is_member=True)
        self.unopened.add(session, admission.chat_id, room, now_s)
        return admission

    def opened(self, chat_id: ChatId) -> None:
        """A visitor has opened the page of a room, or of a knock: the use of the code is used up.

        Nothing happens if it was opened before.
        """
        self._settle(self.unopened.take(chat_id), was_opened=True)

    def gone(self, chat_id: ChatId) -> None:
        """A seat or a knock is gone: if its page was never opened, the use is given back."""
        self._settle(self.unopened.take(chat_id), was_opened=False)

    def _settle(self, entry: Entry | None, *, was_opened: bool) -> None:
        if entry is None:
            return
        entry.invitation.settle(was_opened=was_opened)
        if entry.room.invitation is entry.invitation and entry.invitation.is_used_up:
            self.revoke_invitation(entry.room)

    def drop(self, room: PrivateRoom) -> None:
        """Drop a room that has no members left."""
        self._rooms.pop(room.id, None)
        self._shares.release(room.id)
        self.revoke_invitation(room)

    def revoke_expired(self, now_s: float) -> None:
        """Revoke every invitation that has expired."""
        for room in list(self._by_key.values()):
            if room.invitation is not None and now_s >= room.invitation.until_s:
                self.revoke_invitation(room)

    def _find(self, session: Session, key: CodeKey, now_s: float) -> tuple[PrivateRoom, Invitation]:
        """The room of an invitation; `check_guess` has passed. A wrong code is counted.

        Raises:
            InvitationUnknownError: if the code is wrong, used up, expired or revoked. Whoever has
                entered by it may press once more while its last use is reserved.
        """
        room = self._by_key.get(key)
        invitation = None if room is None else room.invitation
        if room is not None and invitation is not None and now_s < invitation.until_s:
            may_enter = invitation.uses > 0 or _admission_of(session, room) is not None
            if may_enter:
                return room, invitation
        self.guesses.take(session.circuit, now_s)
        session.guesses(now_s).take(now_s)
        raise InvitationUnknownError

    def _seat(self, session: Session, room: PrivateRoom, title: str) -> Seat:
        member = room.enter(session.identity, new_chat_id(), title)
        seat = session.seats[member.chat_id] = Seat(room, member)
        return seat


def _admission_of(session: Session, room: PrivateRoom) -> Admission | None:
    """How a session is in a room already, or knocks there; `None` if neither."""
    for chat_id, seat in session.rooms.items():
        if seat.room is room:
            return Admission(chat_id, is_member=True)
    for chat_id, knock in session.knocks.items():
        if knock.room is room:
            return Admission(chat_id, is_member=False)
    return None


def _title_in(invitation: Invitation, invite_keys: InviteKeys) -> str:
    """Open the title of a room with the code of its invitation.

    Raises:
        InvitationUnknownError: if the stored data was modified.
    """
    try:
        return unwrap_title(invitation.wrapped_title, invite_keys.title_key)
    except SealError:
        raise InvitationUnknownError from None
