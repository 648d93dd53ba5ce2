"""The source archive is sent at a bounded rate, to a few visitors at once.

The archive is some hundred times as long as a page. Sent to whoever asks, as fast as they take it,
it would be the cheapest way to fill the line of tor and of everybody else. So it is sent in pieces,
one each `PIECE_S`, to `MAX_DOWNLOADS` at once and to one on each circuit. Who comes in between is
told to come again. All pieces are cut from one bytes object.
"""

from __future__ import annotations

from weakref import WeakKeyDictionary

from quart import Response

from server.core.ids import CircuitKey

MAX_DOWNLOADS = 4
"""At once: 512 KiB a second in all."""

PIECE_S = 0.25
"""Seconds from one piece of `request_handling.PIECE_BYTES` to the next: 128 KiB a second."""

MAX_DOWNLOAD_S = 10 * 60
"""Seconds after which a download is cut off: twice as long as the slowest line takes (20
kbit/s)."""


class Download(Response):
    """A response whose body is sent piece by piece."""


class Downloads:
    """Who is sent the archive now."""

    def __init__(self) -> None:
        # A place is free when its response is released; also if that is never sent.
        self._sending: WeakKeyDictionary[Download, CircuitKey | None] = WeakKeyDictionary()

    def __len__(self) -> int:
        return len(self._sending)

    def has_place(self, circuit: CircuitKey | None) -> bool:
        """Whether one more download may begin.

        Args:
            circuit: who asks; `None` where circuits are not known.
        """
        if len(self._sending) >= MAX_DOWNLOADS:
            return False
        return circuit is None or circuit not in self._sending.values()

    def begin(self, download: Download, circuit: CircuitKey | None) -> None:
        """Take a place."""
        self._sending[download] = circuit

    def end(self, download: Download) -> None:
        """Free its place. Idempotent."""
        self._sending.pop(download, None)
