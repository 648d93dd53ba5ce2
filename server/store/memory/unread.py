"""Notifies a session of what happens in its conversations that its stream does not show.

A session has one stream, and may sit in several conversations. News of the others is one notice on
that stream, once for each conversation until the session has read it. A member who was notified is
not examined again when the next message is posted: a busy room costs no more than a quiet one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from server.core.ids import ChatId, Handle
from server.core.limits import RING_ENTRIES
from server.core.room.lifecycle import RoomState
from server.core.room.room import Room
from server.core.session.session import Seat, Session
from server.core.session.visibility import is_for_two, is_news
from server.stream.registry import StreamRegistry
from server.stream.subscription import Notify, OtherChatEvent, OtherChatNotice


class UnreadNotices:
    """The seats whose sessions are to be notified of the next entry, by room.

    Args:
        streams: the open ones.
        notify: sends a notice to a session's stream.
    """

    def __init__(self, streams: StreamRegistry, notify: Callable[[Notify], object]) -> None:
        self._streams = streams
        self._notify = notify
        self._members: dict[Room, dict[Handle, Seat]] = {}

    def begin(self, session: Session) -> None:
        """Notify a session that has opened a stream of what is unread elsewhere."""
        stream = self._streams.get(session.handle)
        for seat in session.seats.values():
            seat.member.unread_notified = False
            # The waiting page leads to a match by itself.
            if stream is not None and stream.chat_id not in (None, seat.member.chat_id):
                for what in _unopened(seat):
                    self._send(session.handle, seat, what)
            self._watch(session, seat)

    def pending(self, session: Session, chat_id: ChatId) -> list[OtherChatNotice]:
        """List what a page of one conversation shows of the session's others."""
        others = [seat for seat in session.seats.values() if seat.member.chat_id != chat_id]
        found = [(what, seat) for seat in others for what in _unopened(seat)]
        said = [seat for seat in others if not _unopened(seat) and self._has_news(seat)]
        news = [*found, *((OtherChatEvent.SAID, seat) for seat in said)]
        return [OtherChatNotice(what, seat.member.chat_id) for what, seat in news]

    def seats_changed(self, session: Session) -> None:
        """Watch the seats that a session has now."""
        for seat in session.seats.values():
            self._watch(session, seat)

    def conversation_read(self, session: Session, seat: Seat) -> None:
        """Note that a session has read a conversation."""
        if not self._has_news(seat):
            seat.member.unread_notified = False
        self._watch(session, seat)

    def drop(self, handle: Handle, room: Room) -> None:
        """Stop notifying a session of a room."""
        members = self._members.get(room)
        if members is not None:
            members.pop(handle, None)
            if not members:
                del self._members[room]

    def rename(self, old: Handle, new: Handle, rooms: Iterable[Room]) -> None:
        """Go on to notify a session under another handle.

        Args:
            old: its handle until now.
            new: its handle from now on.
            rooms: the conversations in which it sits.
        """
        for room in rooms:
            members = self._members.get(room, {})
            if old in members:
                members[new] = members.pop(old)

    def appended(self, room: Room) -> None:
        """Notify the watching sessions of the newest entry of a room, if it is news for them."""
        entry = room.log.get(room.log.last_seq)
        for handle, seat in list(self._members.get(room, {}).items()):
            if entry is not None and is_news(entry, seat):
                self.drop(handle, room)
                self._send(handle, seat, OtherChatEvent.SAID)

    def requested(self, handle: Handle, room: Room) -> None:
        """Notify a watching session of a new request to it in a room."""
        seat = self._members.get(room, {}).get(handle)
        if seat is not None:
            self.drop(handle, room)
            self._send(handle, seat, OtherChatEvent.SAID)

    def _watch(self, session: Session, seat: Seat) -> None:
        self.drop(session.handle, seat.room)
        if seat.member.unread_notified or not self._is_read_elsewhere(session.handle, seat):
            return
        if self._has_news(seat):
            self._send(session.handle, seat, OtherChatEvent.SAID)
        else:
            self._members.setdefault(seat.room, {})[session.handle] = seat

    def _send(self, handle: Handle, seat: Seat, what: OtherChatEvent) -> None:
        seat.member.unread_notified = True
        self._notify(Notify(handle, OtherChatNotice(what, seat.member.chat_id)))

    def _is_read_elsewhere(self, handle: Handle, seat: Seat) -> bool:
        """Whether the session has a stream, and it shows another conversation."""
        return handle in self._streams and not self._streams.is_showing(handle, seat.member.chat_id)

    def _has_news(self, seat: Seat) -> bool:
        stream, seen = self._streams.get(seat.member.handle), seat.member.seen_seq
        if stream is not None and stream.chat_id == seat.member.chat_id:
            seen = max(seen, stream.seen_seq)
        if any(not request.is_seen for request in seat.member.shown_requests().values()):
            return True
        unseen = seat.room.log.read(seen, limit=RING_ENTRIES).entries
        return any(is_news(entry, seat) for entry in unseen)


def _unopened(seat: Seat) -> list[OtherChatEvent]:
    """Say which conversation for two is open and was never opened by this member."""
    if seat.member.has_opened or not is_for_two(seat) or seat.room.state is not RoomState.OPEN:
        return []
    return [OtherChatEvent.FOUND if seat.room.is_pair else OtherChatEvent.BEGUN]
