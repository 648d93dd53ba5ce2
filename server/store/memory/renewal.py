"""A session that has left its last conversation gets a new secret, and moves to its handle.

An old copy of the store has keys that are sealed to the old secret. A cookie that is found later
has the new one, and opens nothing in that copy; the old secret opens nothing in the new store.

Everything that the tables keep by handle moves along, or is none: blocks and the last partner
("never meet again" has to hold), the ticket, a shown code, the open stream. A seat moves too, if
the session already has one and has not opened its page: its keys are sealed again to the new
secret. So does a knock. Pages that were shown before have forms of the old handle; these are
refused calmly.
"""

from __future__ import annotations

from server.core.crypto.associated_data import SealError
from server.core.crypto.seal import Keyring, seal_title
from server.core.ids import Secret
from server.core.session.kept import code_position, move_own
from server.core.session.session import Seat, Session
from server.stream.subscription import EndStream, StreamEnd

from .conversations import Conversations
from .member_view import invitation_of
from .tables import step


class Renewal(Conversations):
    """The calls of `SessionStore` about a session's secret."""

    @step
    async def renew_secret(self, secret: Secret) -> Secret | None:
        """See `SessionStore`."""
        session = self._sessions.get(secret.handle)
        if session is None or not session.is_secret_stale:
            return None
        if session.knocks or any(seat.member.has_opened for seat in session.seats.values()):
            return None
        return self._move(session, secret.keyring)

    @step
    async def follow_secret(self, secret: Secret) -> Secret | None:
        """See `SessionStore`."""
        if secret.handle in self._sessions:
            return None
        now_s = self._clock()
        session = self._former.find(secret.handle, now_s)
        if session is None:
            return None
        rooms = [seat.room for seat in session.seats.values()]
        rooms += [knock.room for knock in session.knocks.values()]
        if rooms:
            # Nothing can be sealed again: the next message there takes a new key, as after a join.
            session.check_join(now_s, rooms)
            session.count_join(now_s, rooms)
        return self._move(session, None)

    def _see_secret(self, session: Session, now_s: float) -> None:
        """A request has used the present secret of a session."""
        session.is_unseen = False
        if session.former_handles:
            self._former.confirm(session, now_s)

    def _move(self, session: Session, keyring: Keyring | None) -> Secret:
        """Move a session to a new secret.

        Args:
            session: one that has opened the page of no conversation with its present secret.
            keyring: of its present secret; without it, keys that are sealed to it are dropped.
        """
        secret, old = self.mint.new(), session.handle
        new = secret.handle
        self._former.drop_due(session, self._clock())
        self._former.add(session, old)
        session.identity, session.is_unseen, session.is_secret_stale = secret.identity, True, False
        self._sessions[new] = self._sessions.pop(old)

        def seal_again(sealed_title: bytes) -> bytes:
            return _seal_title_again(sealed_title, session, keyring)

        for seat in session.seats.values():
            seat.member.sealed_title = seal_again(seat.member.sealed_title)
            _move_seat(seat, session, keyring)
            _move_codes(seat, keyring, secret.keyring)
        for knock in session.knocks.values():
            knock.room.move_knocker(knock.number, session.identity, seal_again)
        rooms = [seat.room for seat in session.seats.values()]
        self._match_queue.rename(old, new, rooms)
        self._rematches.rename(old, new)
        self._unread.rename(old, new, rooms)
        self.streams.rename(old, new)
        if session.kept is not None:
            self._kept_places.release(old)
            session.kept = session.kept.move(keyring, secret.keyring)
            if session.kept is not None:
                self._kept_places.hold(new, session.holder, session.priority)
        self._places.forget(old)
        self._count_places(session)
        self._rematches.move(session.codes, session.holder)
        # A page that still streams has the old secret. Its browser asks again, with the new one.
        self._signals.append(EndStream(new, StreamEnd.MOVED))
        return secret


def _move_seat(seat: Seat, session: Session, keyring: Keyring | None) -> None:
    """Give a seat the present identity of its session."""
    member = seat.member
    member.identity = session.identity
    seat.room.keys.epochs.move_member(member.number, session.identity.public_key, keyring)


def _move_codes(seat: Seat, old: Keyring | None, new: Keyring) -> None:
    """Seal the codes again that a session was issued in a conversation."""
    position = code_position(seat.member.chat_id)
    seat.member.sealed_code = move_own(seat.member.sealed_code, position, old, new)
    found = invitation_of(seat)
    if found is not None:
        found.sealed_code = move_own(found.sealed_code, position, old, new)


def _seal_title_again(sealed: bytes, session: Session, keyring: Keyring | None) -> bytes:
    if not sealed or keyring is None:
        return b""
    try:
        title = keyring.open_title(sealed)
    except SealError:  # the stored data was modified
        return b""
    return seal_title(title, session.identity.public_key)
