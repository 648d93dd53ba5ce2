"""Tells a session of what is said where its stream is not.

A session has one stream, and may sit in several conversations. What happens in the others is told
on that stream with one event, once for each until it has looked there. Whoever has been told is
not looked at again when the next words are said, so that a lively room costs no more than a quiet
one.
"""

from __future__ import annotations

from server.core.ids import ChatId, Handle
from server.core.limits import RING_ENTRIES
from server.core.room.lifecycle import RoomState
from server.core.room.room import Room
from server.core.session.session import Seat, Session
from server.core.session.visibility import is_for_two, is_news

from .registry import Streams
from .subscription import OtherChatEvent, OtherChatNotice


class UnreadNotices:
    """Members who are to be told, by the room of which.

    Args:
        streams: the open ones.
    """

    def __init__(self, streams: Streams) -> None:
        self._streams = streams
        self._members: dict[Room, dict[Handle, Seat]] = {}

    def begin(self, session: Session) -> None:
        """The session has a new stream: what is unread elsewhere is told on it."""
        stream = self._streams.get(session.handle)
        for seat in session.seats.values():
            seat.member.unread_notified = False
            if stream is not None and stream.chat_id not in (None, seat.member.chat_id):
                for what in _begun(seat):
                    stream.tell(OtherChatNotice(what, seat.member.chat_id))
                    seat.member.unread_notified = True
            self._watch(session, seat)

    def pending(self, session: Session, chat_id: ChatId) -> list[OtherChatNotice]:
        """What a page of one conversation has to say of the others, as often as it is asked."""
        others = [seat for seat in session.seats.values() if seat.member.chat_id != chat_id]
        found = [(what, seat) for seat in others for what in _begun(seat)]
        said = [seat for seat in others if not _begun(seat) and self._has_news(seat)]
        news = [*found, *((OtherChatEvent.SAID, seat) for seat in said)]
        return [OtherChatNotice(what, seat.member.chat_id) for what, seat in news]

    def settle(self, session: Session) -> None:
        """The session's seats are others now."""
        for seat in session.seats.values():
            self._watch(session, seat)

    def looked(self, session: Session, seat: Seat) -> None:
        """The session has looked at a conversation."""
        if not self._has_news(seat):
            seat.member.unread_notified = False
        self._watch(session, seat)

    def _watch(self, session: Session, seat: Seat) -> None:
        self.drop(session.handle, seat.room)
        stream = self._streams.get(session.handle)
        if stream is None or stream.chat_id == seat.member.chat_id or seat.member.unread_notified:
            return
        if self._has_news(seat):
            self._tell(session.handle, seat)
        else:
            self._members.setdefault(seat.room, {})[session.handle] = seat

    def _tell(self, handle: Handle, seat: Seat) -> None:
        seat.member.unread_notified = True
        self._streams.tell(handle, OtherChatNotice(OtherChatEvent.SAID, seat.member.chat_id))

    def drop(self, handle: Handle, room: Room) -> None:
        """Tell a session nothing more of a room."""
        members = self._members.get(room)
        if members is not None:
            members.pop(handle, None)
            if not members:
                del self._members[room]

    def said(self, room: Room) -> None:
        """There is a new entry in a room."""
        entry = room.log.get(room.log.last_seq)
        for handle, seat in list(self._members.get(room, {}).items()):
            if entry is not None and is_news(entry, seat):
                self.drop(handle, room)
                self._tell(handle, seat)

    def _has_news(self, seat: Seat) -> bool:
        stream, seen = self._streams.get(seat.member.handle), seat.member.seen_seq
        if stream is not None and stream.chat_id == seat.member.chat_id:
            seen = max(seen, stream.group.cursor if stream.group is not None else 0)
        unseen = seat.room.log.read(seen, limit=RING_ENTRIES).entries
        return any(is_news(entry, seat) for entry in unseen)


def _begun(seat: Seat) -> list[OtherChatEvent]:
    """What began, was never looked at, and goes on."""
    if seat.member.has_opened or not is_for_two(seat) or seat.room.state is not RoomState.OPEN:
        return []
    return [OtherChatEvent.FOUND if seat.room.is_pair else OtherChatEvent.BEGUN]
