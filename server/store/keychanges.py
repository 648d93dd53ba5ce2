"""Makes the keys that are due before somebody speaks, and lets others in between the slices."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from server.core.room import Room


class KeyChanges:
    """One change at a time in each conversation; whoever wants to speak meanwhile waits.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._under_way: dict[Room, asyncio.Event] = {}

    async def settle(self, room: Room) -> bool:
        """Let what is said next in a room be readable for who is there then, and for nobody else.

        Returns:
            Whether this was so without a pause. If not, everything may have changed meanwhile,
            and may have to be settled again.
        """
        if room in self._under_way:
            await self._under_way[room].wait()
            return False
        epochs = room.keys.epochs
        change = epochs.begin(self._clock())
        if change is None:
            return True
        is_whole = epochs.step(change)
        if not is_whole:
            done = self._under_way[room] = asyncio.Event()
            try:
                while True:
                    await asyncio.sleep(0)
                    if not room.members or epochs.step(change):
                        break
            finally:
                del self._under_way[room]
                done.set()
        if room.members:
            epochs.commit(change, self._clock())
        return is_whole
