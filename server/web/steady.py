"""A steady stream: one cell at each tick, whether anything was said or not.

What comes is cut into cells, and each tick takes one of them. While some are left, nothing more is
read or opened: what waits is in the ring, bounded, and what the ring forgets is told. So whoever
watches the line sees when the stream was opened, how large the page was then, and when it ended;
in between every tick looks like any other.

It does not hide that and when somebody posts, nor that they are here.
"""

from __future__ import annotations

import secrets
from collections import deque

from server.core.cells import Event, cut_to_cells, frame, pad_to_cells
from server.core.limits import DEAD_MAN_S, MOST_EVENT_CELLS, RING_ENTRIES, WRITE_S
from server.store.base_streams import StreamEnd

from .feed import BEAT, Feed
from .live import House, Live


def dead_man_s(every_s: int) -> int:
    """Seconds of silence after which the line may be dead: a long event is one sign of life only.

    Args:
        every_s: seconds between two cells; 0 for a stream that says things when they happen.
    """
    return max(DEAD_MAN_S, every_s * MOST_EVENT_CELLS)


class SteadyLive(Live):
    """Lets a feed speak one cell at a time.

    Args:
        head: the document up to where the events go.
        feed: what to say.
        house: what it shares with all others.
        every_s: seconds between two cells.
    """

    __slots__ = (
        *("_every_s", "_is_ending", "_next_s"),
        *("_line_is_full", "_pieces", "_said_before"),
    )

    def __init__(self, head: str, feed: Feed, house: House, every_s: int) -> None:
        super().__init__(head, feed, house)
        self._every_s = every_s
        self._next_s = 0.0
        self._pieces: deque[bytes] = deque()
        """Cells of what is being said."""

        self._said_before = b""
        self._is_ending = False
        self._line_is_full = False

    async def open(self) -> None:
        """See `Live.open`; what was said before comes with the page, and not a cell a tick."""
        await super().open()
        try:
            while self._stream is not None:
                events = await self._feed.news(RING_ENTRIES)
                if not events:
                    break
                self._said_before += b"".join(event.html for event in events)
        except Exception as error:  # its text may hold what somebody said
            self._fail(error)

    def tick(self, now_s: float) -> float | None:
        """See `pulse.Ticking`: one cell."""
        if self.is_over:
            return None
        while self._next_s <= now_s:
            self._next_s += self._every_s
        if not self._line_is_full:
            self._put(self._pieces.popleft() if self._pieces else BEAT.chunk)
            if self._is_ending and not self._pieces:
                self._finish()
            self._look_whether_full()
        elif now_s >= self._sent_s + WRITE_S:
            self._cut()
        return None if self.is_over else self._next_s

    def _begin(self, head: str) -> None:
        said, self._said_before = self._said_before, b""
        self._put(frame(pad_to_cells(head.encode() + said)))
        now_s = self._house.pulse.now_s
        # A phase of its own: streams that were opened together must not tick together.
        self._next_s = now_s + self._every_s * secrets.randbelow(1_000) / 1_000

    def _say(self, event: Event) -> None:
        self._pieces.extend(cut_to_cells(event.html))
        self._is_full = True

    def pause(self) -> None:
        """See `handover.Speaker`."""
        self._line_is_full = self._is_full = True

    def resume(self) -> None:
        """See `handover.Speaker`."""
        self._line_is_full = False
        self._look_whether_full()

    def _look_whether_full(self) -> None:
        """Nothing more is read while something is left of what was."""
        self._is_full = self._line_is_full or bool(self._pieces) or self.is_over
        self._read_on()

    def _page(self) -> int:
        return 1

    def _first_tick_s(self) -> float:
        return self._next_s

    def _end(self, end: StreamEnd) -> None:
        """Say at the next tick why it ends; a house that closes cannot wait for it."""
        if end is StreamEnd.STOPPED or self._next_s == 0:
            super()._end(end)
        elif not self._is_ending:
            self._is_ending = self._is_full = True
            self._pieces = deque(cut_to_cells(self._feed.farewell(end).html))

    def _close(self) -> None:
        self._pieces.clear()
        self._said_before = b""
        super()._close()
