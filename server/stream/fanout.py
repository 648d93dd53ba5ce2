"""Hands what happens in a conversation to all streams that are open on it.

Theory of operation
===================

An entry is opened once, by whoever made it, and handed to each open stream in the same turn of the
event loop. There is no task for each reader, and no queue. A stream whose reader has seen all that
came before takes it as it is; any other is woken, and reads the log from its cursor when it can.

Handing over is therefore a hint, never a delivery. A stream that is told alone and misses one, or
is woken twice or for no reason, still reads correctly, and one that is slow makes nothing grow.

Streams that have said all that happened, and would say what comes next in the same bytes, are told
of it in unison: they are a *choir*. Nobody is looked at there. So whoever has muted anybody is told
alone; when an entry is for one alone, all part; and a stream parts by itself when it falls behind,
until it is along again.
"""

from __future__ import annotations

from contextvars import Context
from dataclasses import dataclass, field

from server.core.room.log import FOR_ONE
from server.core.room.message import OpenEntry
from server.core.room.room import Room
from server.core.session.session import Seat
from server.core.session.visibility import is_shown

from .broadcast import BroadcastGroup, NewEntry
from .subscription import Stream


@dataclass(frozen=True, slots=True)
class FanoutGroup:
    """Those who hear the same, and who they are."""

    group: BroadcastGroup
    seats: dict[Stream, Seat] = field(default_factory=dict)


class RoomFanout:
    """The open streams of one conversation, and whose they are."""

    def __init__(self) -> None:
        self._alone: dict[Stream, Seat] = {}
        self._choirs: dict[str, FanoutGroup] = {}
        """By the voice that those in one have."""

    def __bool__(self) -> bool:
        return bool(self._alone or self._choirs)

    def begin(self, stream: Stream, seat: Seat) -> None:
        """A stream is open."""
        stream.on_along, stream.on_part = self._join, self._part
        self._alone[stream] = seat

    def end(self, stream: Stream) -> None:
        """It is closed; it has parted, or does now."""
        stream.ear.part()
        del self._alone[stream]

    def hand_on(self, heard: NewEntry) -> None:
        """Something has happened."""
        if heard.entry.kind in FOR_ONE:
            self._disband()
        # Before anybody is told: whoever parts because of what is said has had it.
        alone = list(self._alone.items())
        for choir in list(self._choirs.values()):
            choir.group.hear(heard)
        for stream, seat in alone:
            self._tell(stream, seat, heard)

    def _disband(self) -> None:
        """Let each be looked at: what comes is for one of them, and the others go on behind it."""
        for choir in list(self._choirs.values()):
            for stream in list(choir.seats):
                stream.ear.part()

    def _tell(self, stream: Stream, seat: Seat, heard: NewEntry) -> None:
        ear = stream.ear
        if ear.hear(heard) if is_shown(heard.entry, seat) else ear.pass_over(heard.seq):
            seat.member.seen_seq = heard.seq
            self._join(stream)
        else:
            ear.wake()

    def _join(self, stream: Stream) -> None:
        """Let a stream be told in unison, if it is along, and its reader reads everybody."""
        voice, seat = stream.ear.voice, self._alone.get(stream)
        if voice is None or seat is None or seat.member.muted:
            return
        choir = self._choirs.get(voice) or FanoutGroup(stream.ear.found())
        if stream.ear.join(choir.group):
            self._choirs[voice] = choir
            choir.seats[stream] = self._alone.pop(stream)

    def _part(self, stream: Stream) -> None:
        for voice, choir in self._choirs.items():
            if stream in choir.seats:
                seat = self._alone[stream] = choir.seats.pop(stream)
                seat.member.seen_seq = max(seat.member.seen_seq, choir.group.cursor)
                if not choir.seats:
                    del self._choirs[voice]
                return


class Fanout:
    """The audience of each conversation that has one."""

    def __init__(self) -> None:
        self._audiences: dict[Room, RoomFanout] = {}

    def begin(self, stream: Stream, seat: Seat) -> None:
        """A stream of a conversation is open."""
        seat.room.on_entry = self._hear
        self._audiences.setdefault(seat.room, RoomFanout()).begin(stream, seat)

    def end(self, stream: Stream, room: Room) -> None:
        """It is closed."""
        audience = self._audiences[room]
        audience.end(stream)
        if not audience:
            del self._audiences[room]
            room.on_entry = None

    def _hear(self, room: Room, entry: OpenEntry) -> None:
        heard = NewEntry(entry, room.names_in([entry]))
        # In a context of nothing: what waits for a slow line would else hold the request that
        # this was said in, and its cookie, until the line takes more.
        Context().run(self._audiences[room].hand_on, heard)
