"""Hands what happens in a conversation to all streams that are open on it.

Theory of operation
===================

An entry is opened once, by whoever made it, and handed to each open stream in the same turn of the
event loop. There is no task for each reader, and no queue. A stream whose reader has seen all that
came before takes it as it is; any other is woken, and reads the log from its cursor when it can.

Handing over is therefore a hint, never a delivery. A stream that misses one, or is woken twice or
for no reason, still reads correctly, and one that is slow makes nothing grow.
"""

from __future__ import annotations

from contextvars import Context
from dataclasses import dataclass

from server.core.member import Member
from server.core.message import OpenEntry
from server.core.room import Room
from server.core.roomlog import FOR_ONE
from server.core.session import Seat

from .base_streams import Ear, Heard, Stream
from .seats import is_shown


@dataclass(frozen=True, slots=True, eq=False)
class Reader:
    """Somebody with a stream."""

    ear: Ear
    member: Member
    seat: Seat


class Audiences:
    """The open streams of each conversation, and who reads them."""

    def __init__(self) -> None:
        self._audiences: dict[Room, dict[Stream, Reader]] = {}

    def begin(self, stream: Stream, seat: Seat) -> None:
        """A stream of a conversation is open."""
        seat.room.on_entry = self._hear
        self._audiences.setdefault(seat.room, {})[stream] = Reader(stream.ear, seat.member, seat)

    def end(self, stream: Stream, room: Room) -> None:
        """It is closed."""
        audience = self._audiences[room]
        del audience[stream]
        if not audience:
            del self._audiences[room]
            room.on_entry = None

    def _hear(self, room: Room, entry: OpenEntry) -> None:
        # In a context of nothing: what waits for a slow line would else hold the request that
        # this was said in, and its cookie, until the line takes more.
        Context().run(self._hand_on, room, entry)

    def _hand_on(self, room: Room, entry: OpenEntry) -> None:
        heard = Heard(entry, room.names_in([entry]))
        seq, sender, for_one = entry.seq, entry.sender, entry.kind in FOR_ONE
        # A copy: a stream may end because of what it is told.
        for reader in tuple(self._audiences[room].values()):
            member, ear = reader.member, reader.ear
            # Few have muted anybody: most are looked at no further.
            is_hidden = (for_one or sender in member.muted) and not is_shown(entry, reader.seat)
            if ear.pass_over(seq) if is_hidden else ear.hear(heard):
                member.seen_seq = seq
            else:
                ear.wake()
