"""Makes the keys that are due before somebody speaks, and lets others in between the slices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from server.core.crypto.epochs import EpochChange
from server.core.errors import RateLimitedError
from server.core.room.member import Member
from server.core.room.room import Room


class Rekeying:
    """One change at a time in each conversation; whoever wants to speak meanwhile waits.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._under_way: dict[Room, asyncio.Event] = {}
        self._waiting: set[Member] = set()

    async def settle(self, room: Room, member: Member) -> bool:
        """Let what is said next in a room be readable for who is there then, and for nobody else.

        Args:
            room: where.
            member: who wants to speak there.

        Returns:
            Whether this was so without a pause. If not, everything may have changed meanwhile,
            and may have to be settled again.

        Raises:
            RateLimitedError: if something of theirs waits already.
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
        """Make the rest of a change of which one slice is made."""
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
