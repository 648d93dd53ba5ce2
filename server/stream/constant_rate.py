"""A steady stream: one cell at each tick, whether anything was said or not.

Theory of operation
===================

    opening   what stands there already is said as fast as the line takes it, a page at a time, and
              then filled up to 1, 2, 4, 8 … cells
    steady    one cell at each tick: of what is being said, or of nothing
    ending    the last cell, at a tick

What comes is cut into cells. While some are left, nothing more is read or opened: what waits is in
the ring, bounded, and what the ring forgets is told. So whoever watches the line sees when the
stream was opened, in classes how much stood there then, and when it ended; in between every tick
looks like any other.

It does not hide that and when somebody posts, nor that they are here.
"""

from __future__ import annotations

import secrets
from collections import deque

from server.core.cells import Event, close_with, cut_to_cells, fill_up, frame
from server.core.limits import CONSTANT_RATE_DEAD_TICKS, DEAD_MAN_S, WRITE_S
from server.core.room.log import Kind
from server.stream.broadcast import NewEntry
from server.stream.subscription import StreamEnd

from .live import FULL_S, LiveStream
from .source import HEARTBEAT, EventSource
from .writer import StreamContext

AT_ONCE = frozenset({StreamEnd.PANIC, StreamEnd.STOPPED})
"""Ends that wait for no tick: words must leave the screen, and were pressed away in the open; and a
house that closes is gone at once for everybody."""

BROKEN_OFF = Event("</span></em></p>")
"""Ends a message in the middle."""


def dead_man_s(every_s: int) -> int:
    """Seconds of silence after which the line may be dead: a long event is one sign of life only.

    Args:
        every_s: seconds between two cells; 0 for a stream that says things when they happen.
    """
    return max(DEAD_MAN_S, every_s * CONSTANT_RATE_DEAD_TICKS)


class ConstantRateStream(LiveStream):
    """Lets a feed speak one cell at a time.

    Args:
        head: the document up to where the events go.
        feed: what to say.
        services: what it shares with all others.
        every_s: seconds between two cells.
    """

    __slots__ = (
        *("_every_s", "_is_ending", "_is_opening", "_line_is_full"),
        *("_next_s", "_opening_bytes", "_pieces"),
    )

    def __init__(self, head: str, feed: EventSource, services: StreamContext, every_s: int) -> None:
        super().__init__(head, feed, services)
        self._every_s = every_s
        self._next_s = 0.0
        self._pieces: deque[tuple[int, bytes]] = deque()
        """Cells of what is being said, and the `seq` of it."""

        self._opening_bytes = 0
        self._is_opening = True
        self._is_ending = False
        self._line_is_full = False

    def _tick(self, now_s: float) -> float | None:
        """See `timer_wheel.TimerEntry`: one cell."""
        if self._line_is_full and now_s >= self._sent_s + WRITE_S:
            self._cut()
        if self.is_over:
            return None
        if self._is_opening:
            return now_s + FULL_S
        while self._next_s <= now_s:
            self._next_s += self._every_s
        # A line that is full is not piled on: this tick is left out.
        if not self._line_is_full:
            piece = self._pieces.popleft()[1] if self._pieces else HEARTBEAT.chunk
            if self._is_ending and not self._pieces:
                self._finish_with(close_with(piece))
            else:
                self._put(piece)
            self._look_whether_full()
        return None if self.is_over else self._next_s

    def hear(self, heard: NewEntry) -> bool:
        """See `Subscriber`; a message that is deleted while it is being sent is sent no further."""
        if heard.entry.kind is Kind.DELETED:
            self._break_off(heard.entry.about)
        return super().hear(heard)

    @property
    def voice(self) -> None:
        """See `base_hearing.Subscriber`: it speaks in a time of its own."""
        return None

    def pause(self) -> None:
        """See `handover.StreamProtocol`."""
        self._line_is_full = self._is_full = True

    def resume(self) -> None:
        """See `handover.StreamProtocol`."""
        self._line_is_full = False
        self._look_whether_full()

    def _look_whether_full(self) -> None:
        """Nothing more is read while something is left of what was."""
        self._is_full = self._line_is_full or bool(self._pieces) or self._is_ending or self.is_over
        self._read_on()

    def _break_off(self, seq: int) -> None:
        left = deque(piece for piece in self._pieces if piece[0] != seq)
        if len(left) == len(self._pieces):
            return
        left.extendleft((0, chunk) for chunk in cut_to_cells(BROKEN_OFF.html))
        self._pieces = left

    def _begin(self, head: str) -> None:
        self._open_with(head.encode())

    def _open_with(self, html: bytes) -> None:
        chunk = frame(html)
        self._opening_bytes += len(chunk)
        self._put(chunk)

    async def _read_page(self) -> bool:
        if not self._is_opening:
            # Before what is still to be read: somebody waits for an answer, and it may take long.
            notices = await self._notices()
            for event in notices:
                self._say(event)
            if notices:
                self._is_behind = True
                return True
        has_more = await super()._read_page()
        if self._is_opening and not has_more and not self._is_behind and not self.is_over:
            if self._line_is_full:
                # Once more when it takes more.
                self._is_behind = True
            else:
                self._settle()
        return has_more

    def _settle(self) -> None:
        """All that stood there is said: from here on it is steady."""
        self._fill_up()
        # A phase of its own: streams that were opened together must not tick together.
        phase_s = self._every_s * secrets.randbelow(1_000) / 1_000
        self._next_s = self._services.timer_wheel.now_s + phase_s
        self._services.timer_wheel.leave(self)
        self._services.timer_wheel.stand(self, self._next_s)

    def _fill_up(self) -> None:
        """End the opening, if it has not ended: in whole cells, of which there are 1, 2, 4, 8 …."""
        if self._is_opening:
            self._is_opening = False
            padding = fill_up(self._opening_bytes)
            if padding:
                self._put(padding)

    def _say(self, event: Event) -> None:
        if self._is_opening:
            self._open_with(event.html)
        else:
            self._pieces.extend((event.seq, chunk) for chunk in cut_to_cells(event.html))
            self._is_full = True

    def _page(self) -> int:
        return super()._page() if self._is_opening else 1

    def _first_tick_s(self) -> float:
        return self._services.timer_wheel.now_s + FULL_S

    def _end(self, end: StreamEnd) -> None:
        """Say why it ends: at the next tick, if that can wait."""
        if self._line_is_full and end is not StreamEnd.STOPPED:
            self._cut()
        elif self._is_opening or end in AT_ONCE:
            self._fill_up()
            self._finish_with(close_with(self._feed.farewell(end).chunk))
        elif not self._is_ending:
            self._pieces.clear()
            self._finish(self._feed.farewell(end))

    def _finish(self, event: Event = HEARTBEAT) -> None:
        """Say this at the next ticks, and end."""
        if self._is_opening:
            self._fill_up()
            self._finish_with(close_with(event.chunk))
            return
        self._pieces.extend((0, chunk) for chunk in cut_to_cells(event.html))
        self._is_ending = self._is_full = True

    def _break_down(self) -> None:
        # What was to be said is not.
        self._pieces.clear()
        super()._break_down()

    def _close(self) -> None:
        self._pieces.clear()
        super()._close()
