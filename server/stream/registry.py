"""The open streams of this process: one for each session, the newest.

The one owner of open streams, between the store and the streams themselves. The store opens a
stream here, and later sends it signals (`apply`). A stream closes itself here when its transport is
gone; the store accounts for that with its next call (`take_ended`). Neither holds a callback of the
other, and no signal is applied in the middle of a change of the store.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from contextvars import Context

from server.core.errors import ServerFullError
from server.core.ids import ChatId, Handle
from server.core.room.publication import Publication

from .broadcast import GroupPosition
from .fanout import Fanout
from .subscription import EndedStream, EndStream, Notify, Signal, StreamEnd, Subscription, Wake


class StreamRegistry:
    """Streams by the handle of their session.

    It has no capacity of its own: the store reserves a place for each session that is to have a
    stream, and opens none without one.

    Args:
        clock: monotonic seconds.
    """

    def __init__(self, *, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._by_handle: dict[Handle, Subscription] = {}
        self._active: set[Subscription] = set()
        """Those that were not told to end; they are in the fan-out."""

        self._fanout = Fanout(clock)
        self._ended: list[EndedStream] = []
        self._pending: deque[Signal] = deque()
        self._is_applying = False
        self._is_closing = False

    def __len__(self) -> int:
        return len(self._by_handle)

    def __contains__(self, handle: Handle) -> bool:
        return handle in self._by_handle

    # What the store calls.

    def check_open(self) -> None:
        """Pass if a stream may begin.

        Raises:
            ServerFullError: if the server is closing.
        """
        if self._is_closing:
            raise ServerFullError

    def open(self, subscription: Subscription) -> None:
        """Take the place of a session with a new stream; its older one is told to end.

        Raises:
            ServerFullError: see `check_open`.
        """
        self.check_open()
        self.apply([EndStream(subscription.handle, StreamEnd.MOVED)])
        self._by_handle[subscription.handle] = subscription
        self._active.add(subscription)
        self._fanout.add(subscription)

    def get(self, handle: Handle) -> Subscription | None:
        """The stream of a session, if it has one."""
        return self._by_handle.get(handle)

    def is_showing(self, handle: Handle, chat_id: ChatId) -> bool:
        """Whether a session's stream shows this conversation."""
        subscription = self._by_handle.get(handle)
        return subscription is not None and subscription.chat_id == chat_id

    def apply(self, signals: Iterable[Signal]) -> None:
        """Carry out what the store has decided, in its order.

        A call in the middle of another one only queues: no entry overtakes the one before it.
        """
        self._pending.extend(signals)
        if not self._is_applying:
            # In an empty context: else a task or a transport that waits for a slow reader would
            # hold the request in which this happened, and its cookie.
            Context().run(self._apply_pending)

    def take_ended(self) -> list[EndedStream]:
        """The streams that have ended since the last call, oldest first."""
        ended, self._ended = self._ended, []
        return ended

    def rename(self, old: Handle, new: Handle) -> None:
        """Move the stream of a session, if it has one, to another handle."""
        subscription = self._by_handle.pop(old, None)
        if subscription is not None:
            subscription.handle = new
            self._by_handle[new] = subscription

    def end_all(self) -> None:
        """Tell every stream to end, and let no other begin: the server is closing."""
        self._is_closing = True
        self.apply([EndStream(handle, StreamEnd.STOPPED) for handle in list(self._by_handle)])

    # What a stream calls.

    def caught_up(self, subscription: Subscription) -> None:
        """Put a stream that has written everything into a broadcast group, if one fits."""
        if subscription in self._active:
            self._fanout.join(subscription)

    def leave_group(self, subscription: Subscription) -> GroupPosition | None:
        """Take a stream out of its broadcast group; what it takes over, if it was in one."""
        return self._fanout.leave(subscription)

    def close(self, subscription: Subscription) -> None:
        """A stream has ended; its subscriber is in no group any more."""
        self._deactivate(subscription)
        handle = subscription.handle
        if self._by_handle.get(handle) is subscription:
            del self._by_handle[handle]
        self._ended.append(
            EndedStream(
                handle,
                subscription.chat_id,
                subscription.seen_seq,
                subscription.sent_bytes,
                self._clock(),
            )
        )

    def _apply_pending(self) -> None:
        self._is_applying = True
        try:
            while self._pending:
                self._apply(self._pending.popleft())
        finally:
            self._is_applying = False

    def _apply(self, signal: Signal) -> None:
        if isinstance(signal, Publication):
            self._fanout.publish(signal)
            return
        subscription = self._by_handle.get(signal.handle)
        if subscription is None:
            return
        match signal:
            case Notify(notice=notice):
                subscription.add_notice(notice)
                subscription.subscriber.wake()
            case EndStream(end=end, chat_id=chat_id):
                if chat_id in (None, subscription.chat_id):
                    self._end(subscription, end)
            case Wake():
                subscription.subscriber.wake()

    def _end(self, subscription: Subscription, end: StreamEnd) -> None:
        """Tell a stream to end; the first reason stands."""
        self._deactivate(subscription)
        subscription.end = subscription.end or end
        subscription.subscriber.wake()

    def _deactivate(self, subscription: Subscription) -> None:
        if subscription in self._active:
            self._active.remove(subscription)
            self._fanout.remove(subscription)
