"""A constant-rate stream: one cell at each tick, whether anything was posted or not.

Pages call it "steady". Theory of operation
===========================================

    opening   what is there already, as fast as the transport takes it, a page at a time; then
              padding up to 1, 2, 4, 8 … cells
    ticking   one cell at each tick: of an event, or of nothing
    ending    the last cells, one a tick

The ticks of a stream are at a period of its own, which is near the chosen one and is drawn anew at
times, whatever is written; see `period.py`.

An event is cut into cells. While some are left the stream is blocked: nothing more is read or
opened. What waits is in the ring, bounded, and what the ring forgets is reported as missed. So an
observer of the line sees when the stream was opened, in size classes how much was there then, and
when it ended; in between every tick looks like any other.

It does not hide when the reader posts, nor that they are here.
"""

from __future__ import annotations

from collections import deque

from server.core.cells import Event, frame, padding_to_cells, split_into_cells, with_last_chunk
from server.core.durations import drawn_between
from server.core.limits import CONSTANT_RATE_DEAD_TICKS, DEAD_MAN_S, WRITE_S
from server.core.room.log import Kind

from .broadcast import NewEntry
from .live import BLOCKED_CHECK_S, LiveStream, StreamContext
from .period import DrawnPeriod
from .source import HEARTBEAT, EventSource
from .state import NEXT_PHASE, RatePhase, StreamInput, StreamState
from .subscription import StreamEnd

AT_ONCE = frozenset({StreamEnd.PANIC, StreamEnd.STOPPED})
"""Ends that wait for no tick. After Panic the words must leave the screen, and the press was
visible anyway; a server that closes is gone at once for everybody."""

CLOSED_TAGS = Event("</span></em></p>")
"""Closes the tags of a message that is cut off in the middle."""


def dead_man_s(every_s: int) -> int:
    """Seconds of silence after which the page warns that the line may be dead.

    The banner is re-armed once for each event, however many cells it takes.

    Args:
        every_s: seconds between two cells; 0 for a stream that writes events when they happen.
    """
    return max(DEAD_MAN_S, every_s * CONSTANT_RATE_DEAD_TICKS)


class ConstantRateStream(LiveStream):
    """Writes one cell at a time.

    Args:
        head: the document up to where the events go.
        source: makes the events.
        context: what it shares with all streams.
        every_s: seconds between two cells, about.
    """

    __slots__ = ("_cells", "_every_s", "_next_tick_s", "_opening_bytes", "_period", "_phase")

    def __init__(
        self, head: str, source: EventSource, context: StreamContext, every_s: int
    ) -> None:
        super().__init__(head, source, context)
        self._every_s = every_s
        self._period = DrawnPeriod(every_s)
        self._next_tick_s = 0.0
        self._cells: deque[tuple[int, bytes]] = deque()
        """Cells that are still to be written, and the `seq` of the event that each is part of."""

        self._opening_bytes = 0
        self._phase = RatePhase.OPENING

    @property
    def render_key(self) -> None:
        """See `Subscriber`: it writes on a clock of its own."""

    def pause(self) -> None:
        """See `StreamProtocol`."""
        self._move(StreamInput.PAUSED)

    def resume(self) -> None:
        """See `StreamProtocol`."""
        self._read_if_empty()

    def receive(self, new: NewEntry) -> bool:
        """See `Subscriber`; a message that is deleted while it is being written is cut off."""
        if new.entry.kind is Kind.DELETED:
            self._drop_cells_of(new.entry.about)
        return super().receive(new)

    def _tick(self, now_s: float) -> float | None:
        """Write one cell."""
        is_paused = self._is_paused()
        if is_paused and now_s >= self._written_s + WRITE_S:
            self._abort()
        if self._is_ended():
            return None
        if self._phase is RatePhase.OPENING:
            return now_s + BLOCKED_CHECK_S
        while self._next_tick_s <= now_s:
            self._next_tick_s += self._period.next_s()
        # A paused transport is not piled on: this tick is left out.
        if not is_paused:
            self._write_cell()
        return None if self._is_ended() else self._next_tick_s

    def _write_cell(self) -> None:
        cell = self._cells.popleft()[1] if self._cells else HEARTBEAT.chunk
        if self._phase is RatePhase.ENDING and not self._cells:
            self._write_last_bytes(with_last_chunk(cell))
        else:
            self._write(cell)
            self._read_if_empty()

    def _read_if_empty(self) -> None:
        """Read on once everything that was read is written."""
        is_waiting = self._is_paused() or self._cells or self._phase is RatePhase.ENDING
        if self._state is StreamState.BLOCKED and not is_waiting:
            self._move(StreamInput.RESUMED)
            self._catch_up()

    def _drop_cells_of(self, seq: int) -> None:
        """Drop the cells that are left of an event."""
        left = deque(cell for cell in self._cells if cell[0] != seq)
        if len(left) < len(self._cells):
            left.extendleft((0, chunk) for chunk in split_into_cells(CLOSED_TAGS.html))
            self._cells = left

    def _begin(self, head: str) -> None:
        self._open_with(head.encode())

    def _open_with(self, html: bytes) -> None:
        chunk = frame(html)
        self._opening_bytes += len(chunk)
        self._write(chunk)

    async def _read_page(self) -> bool:
        if self._phase is RatePhase.OPENING:
            return await self._read_opening()
        # Before what is still to be read: a notice may ask for an answer, and that may take long.
        notices = await self._notices(is_behind=False)
        for event in notices:
            self._send(event)
        return True if notices else await super()._read_page()

    async def _read_opening(self) -> bool:
        has_more = await super()._read_page()
        is_complete = not has_more and not self._has_news and not self._is_ended()
        # A paused transport is read for once more when it takes more.
        if is_complete and self._phase is RatePhase.OPENING and not self._is_paused():
            self._pad_opening()
            # A phase of its own: streams that were opened together must not tick together.
            phase_s = drawn_between(0, self._every_s)
            self._next_tick_s = self._context.timer_wheel.now_s + phase_s
            self._context.timer_wheel.cancel(self)
            self._context.timer_wheel.schedule(self, self._next_tick_s)
        return has_more

    def _pad_opening(self) -> None:
        """End the opening, if it has not ended: in whole cells, of which there are 1, 2, 4, 8 …."""
        if self._phase is RatePhase.OPENING:
            self._enter_next_phase()
            padding = padding_to_cells(self._opening_bytes)
            if padding:
                self._write(padding)

    def _send(self, event: Event) -> None:
        if self._phase is RatePhase.OPENING:
            self._open_with(event.html)
        else:
            self._queue_cells(event)

    def _queue_cells(self, event: Event) -> None:
        self._cells.extend((event.seq, chunk) for chunk in split_into_cells(event.html))
        self._move(StreamInput.PAUSED)

    def _catch_up_events(self) -> int:
        return super()._catch_up_events() if self._phase is RatePhase.OPENING else 1

    def _first_tick_s(self) -> float:
        return self._context.timer_wheel.now_s + BLOCKED_CHECK_S

    def _end_with_farewell(self, end: StreamEnd) -> None:
        """Write why it ends: at the next tick, if that can wait."""
        if self._is_paused() and end is not StreamEnd.STOPPED:
            self._abort()
        elif self._phase is RatePhase.OPENING or end in AT_ONCE:
            self._pad_opening()
            self._write_last_bytes(with_last_chunk(self._source.farewell(end).chunk))
        elif self._phase is RatePhase.TICKING:
            self._cells.clear()
            self._write_last_event(self._source.farewell(end))

    def _write_last_event(self, event: Event = HEARTBEAT) -> None:
        """Write a last event at the next ticks, and end."""
        if self._phase is RatePhase.OPENING:
            self._pad_opening()
            self._write_last_bytes(with_last_chunk(event.chunk))
            return
        self._queue_cells(event)
        if self._phase is RatePhase.TICKING:
            self._enter_next_phase()

    def _end_after_error(self) -> None:
        self._cells.clear()
        super()._end_after_error()

    def _release(self) -> None:
        self._cells.clear()
        super()._release()

    def _enter_next_phase(self) -> None:
        self._phase = NEXT_PHASE[self._phase]
