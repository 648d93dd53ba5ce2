"""The part of the contract between web and state that is about open streams; see `base.py`."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import Enum

from server.core.ids import ChatId
from server.core.message import OpenEntry
from server.core.roomlog import Wake
from server.core.stay import Told


class StreamEnd(Enum):
    """Why an open stream must end."""

    MOVED = "moved"
    """The same session opened a newer one: one stream in all, the newest wins."""

    FORGOTTEN = "forgotten"
    """The session or its seat is gone."""

    PANIC = "panic"
    """The visitor wants all of it gone, from the screens too."""

    STOPPED = "stopped"
    """The house is closing."""


class Elsewhere(Enum):
    """What happened in another conversation than the one that a stream is of."""

    SAID = "said"
    """Somebody said something there."""

    FOUND = "found"
    """Somebody was found, and waits for this visitor to come."""

    BEGUN = "begun"
    """Somebody has agreed to a private talk."""


@dataclass(frozen=True, slots=True)
class FromElsewhere:
    """News of another conversation of the same session."""

    what: Elsewhere
    chat_id: ChatId
    """Where; ask `RoomStore.place` what it is called."""


Notice = Told | FromElsewhere
"""Something for the eyes of one reader alone, which stands in no log."""


@dataclass(slots=True, eq=False)
class Heard:
    """A message at the moment at which it is said: opened once, for all who read along.

    A hint, as a wake is: whoever has read up to the message before it need not read to have it.
    The store does not keep it; a stream does until it is told, or forgotten.
    """

    entry: OpenEntry
    names: Mapping[int, str]
    """Names by number, of all that it speaks of."""

    rendered: dict[str, str] = field(default_factory=dict)
    """What whoever renders it makes of it, by language: the same for all readers."""


Hear = Callable[[Heard], bool]
"""Takes it, or says that it does not, and will read it. Must return at once and must not raise."""


@dataclass(slots=True, eq=False)
class Stream:
    """One open stream of a session."""

    wake: Wake
    chat_id: ChatId | None = None
    """The conversation that it is of; `None` while its session waits."""

    hear: Hear | None = None
    """Called, after a wake, with what is said there and may be read by its session."""

    end: StreamEnd | None = None
    """Set, before a wake, when the stream must end."""

    notices: deque[Notice] = field(default_factory=deque)
    """What is to be told on it; taken out by whoever tells it."""

    sent_bytes: int = 0
    """Counted by whoever sends."""

    def finish(self, end: StreamEnd) -> None:
        """Tell the stream to end; the first reason stands."""
        self.end = self.end or end
        self.wake()

    def tell(self, notice: Notice) -> None:
        """Let something be told on it."""
        self.notices.append(notice)
        self.wake()
