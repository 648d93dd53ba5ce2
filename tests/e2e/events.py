"""The events that `--json` prints, read as they come: a full pipe never blocks the process."""

from __future__ import annotations

import json
import queue
import subprocess
import threading
import time
from collections.abc import Callable
from typing import Any

Event = dict[str, Any]

READY_S = 120.0
"""Limit for the start of a server or of the demo."""


class Events:
    """Everything that a process has printed so far, and what it prints next.

    Args:
        process: started with a text pipe as stdout; nobody else may read it.
    """

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.seen: list[Event] = []
        """What was returned by `next` or passed over by `wait_for`, oldest first."""

        self.process = process
        self._unread: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._lines: list[str] = []
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()

    def next(self, limit_s: float) -> Event:
        """Wait for the next event.

        Raises:
            AssertionError: if there is none within the limit, or the process has ended. The text
                has the events seen so far.
        """
        try:
            event = self._unread.get(timeout=max(0.0, limit_s))
        except queue.Empty:
            raise AssertionError(f"nothing more came in time; {self._told}") from None
        if event is None:
            raise AssertionError(f"the process ended: {self.process.poll()}; {self._told}")
        self.seen.append(event)
        return event

    def wait_for(self, is_wanted: Callable[[Event], bool], limit_s: float) -> Event:
        """Wait for an event of some kind, and pass over the others; raises the errors of `next`."""
        end_s = time.monotonic() + limit_s
        while not is_wanted(event := self.next(end_s - time.monotonic())):
            pass
        return event

    def wait_ready(self) -> Event:
        """Wait until the server can be visited, and return its `ready` event."""
        return self.wait_for(lambda event: event["event"] == "ready", READY_S)

    def read_to_the_end(self, limit_s: float) -> str:
        """Return all that the process has printed; it has ended, or will soon.

        Raises:
            AssertionError: if it does not end within the limit.
        """
        self._reading.join(limit_s)
        assert not self._reading.is_alive(), f"it prints on; {self._told}"
        return "".join(self._lines)

    def skip_unread(self) -> None:
        """Pass over what was printed so far."""
        while not self._unread.empty():
            self.next(0.0)

    @property
    def _told(self) -> str:
        return f"seen so far: {self.seen}"

    def _read(self) -> None:
        assert self.process.stdout is not None
        try:
            for line in self.process.stdout:
                self._lines.append(line)
                self._unread.put(json.loads(line))
        except ValueError:
            pass  # closed by the test, or cut off by the end of the process
        self._unread.put(None)
