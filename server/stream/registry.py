"""The open streams of this process: one for each session, the newest."""

from __future__ import annotations

from server.core.errors import ServerFullError
from server.core.ids import Handle

from .subscription import Notice, Stream, StreamEnd


class Streams:
    """Streams by the handle of their session.

    Args:
        max_streams: most of them at once.
    """

    def __init__(self, *, max_streams: int) -> None:
        self._max_streams = max_streams
        self._streams: dict[Handle, Stream] = {}
        self._closing = False

    def __len__(self) -> int:
        return len(self._streams)

    def __contains__(self, handle: Handle) -> bool:
        return handle in self._streams

    def check_place(self, handle: Handle) -> None:
        """Pass if a session may open a stream: a newer one takes the place of its older one.

        Raises:
            HouseFullError: if every place is taken, or the house is closing.
        """
        others = len(self._streams) - (handle in self._streams)
        if self._closing or others >= self._max_streams:
            raise ServerFullError

    def get(self, handle: Handle) -> Stream | None:
        """The stream of a session, if it has one."""
        return self._streams.get(handle)

    def take(self, handle: Handle, stream: Stream) -> None:
        """Take the place of a session with a new stream; its older one is told to end.

        Raises:
            HouseFullError: see `check_place`.
        """
        self.check_place(handle)
        older = self._streams.pop(handle, None)
        if older is not None:
            older.finish(StreamEnd.MOVED)
        self._streams[handle] = stream

    def give_back(self, handle: Handle, stream: Stream) -> None:
        """Give a place back, unless a newer stream has it by now."""
        if self._streams.get(handle) is stream:
            del self._streams[handle]

    def tell(self, handle: Handle, notice: Notice) -> None:
        """Let something be told on a session's stream, if it has one."""
        if handle in self._streams:
            self._streams[handle].tell(notice)

    def finish(self, handle: Handle, end: StreamEnd) -> None:
        """Tell a session's stream, if it has one, to end."""
        if handle in self._streams:
            self._streams[handle].finish(end)

    def close(self) -> None:
        """Tell every stream to end, and let no other begin."""
        self._closing = True
        for stream in list(self._streams.values()):
            stream.finish(StreamEnd.STOPPED)
