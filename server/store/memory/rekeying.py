"""Makes the keys that are due before a message is posted, in slices of one turn each."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from server.core.crypto.epochs import EpochChange
from server.core.errors import RateLimitedError
from server.core.room.member import Member
from server.core.room.room import Room


class Rekeying:
    """One key change at a time in each conversation; a post in the meantime waits.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._under_way: dict[Room, asyncio.Event] = {}
        self._waiting: set[Member] = set()

    async def ensure_keys(self, room: Room, member: Member) -> bool:
        """Make sure that the next message can be opened by the present members, and nobody else.

        Args:
            room: the conversation.
            member: who is posting there.

        Returns:
            Whether this took no turn of the event loop. If it did, everything may have changed
            meanwhile: check again, and call this again.

        Raises:
            RateLimitedError: if another post of the member waits already.
        """
        change = None
        if room not in self._under_way:
            change = room.keys.epochs.begin(self._clock())
            if change is None:
                return True
            if room.keys.epochs.step(change):
                room.rekey(change, self._clock())
                return True
        if member in self._waiting:
            raise RateLimitedError(1)
        self._waiting.add(member)
        try:
            if change is None:
                await self._under_way[room].wait()
            else:
                await self._finish(room, change)
        finally:
            self._waiting.discard(member)
        return False

    async def _finish(self, room: Room, change: EpochChange) -> None:
        """Make the remaining slices of a change."""
        done = self._under_way[room] = asyncio.Event()
        try:
            while True:
                await asyncio.sleep(0)
                if not room.members:
                    return
                if room.keys.epochs.step(change):
                    break
            room.rekey(change, self._clock())
        finally:
            del self._under_way[room]
            done.set()
