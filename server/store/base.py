"""The contract between the web and the state: everything that a view may ask.

Promises, whatever keeps the state:

- A visitor is named by their `Secret`. A store keeps handles only; the secret lives in the call.
- Every call for a known session counts as a sign of life of it.
- An id of a conversation means something together with its own session only; with any other,
  and with none, the answer is the same error as for an id that never was.
- A wake is a hint: after it, the reader asks again.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from server.core.ids import ChatId, Secret
from server.core.receipts import ComposerToken
from server.core.roomlog import Entry, Wake
from server.core.wish import Wish

from .base_private import PrivateStore
from .base_rooms import RoomStore


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


@dataclass(slots=True, eq=False)
class Stream:
    """One open stream of a session."""

    wake: Wake
    end: StreamEnd | None = None
    """Set, before a wake, when the stream must end."""

    def finish(self, end: StreamEnd) -> None:
        """Tell the stream to end; the first reason stands."""
        self.end = self.end or end
        self.wake()


@dataclass(frozen=True, slots=True)
class Waiting:
    """How it stands with somebody's wish to be matched."""

    waits: bool
    """Whether a ticket is in the queue."""

    chat_id: ChatId | None
    """The pair that was found, while it can still be talked in."""

    waited_s: float = field(default=0, compare=False)
    """For how long, in seconds."""

    wish: Wish | None = field(default=None, compare=False)
    """What for."""

    further: bool = field(default=False, compare=False)
    """Whether a common language is waived."""


@dataclass(frozen=True, slots=True)
class ChatView:
    """One member's view of one conversation."""

    me: int
    """The member's own number."""

    names: Mapping[int, str]
    """Names by number: in a pair of both, in a room the member's own. A `Passage` tells others."""

    is_pair: bool
    """Whether it is for two, and over when one of them has left."""

    public_name: str
    """Of a room on the list; else empty."""

    title: str
    """Of a private room; else empty."""

    is_open: bool
    """Whether it can be written to."""

    joined_seq: int
    """The member's cursor of coming; reads below it answer from it."""

    oldest_seq: int
    """The oldest entry that is kept and was said since the coming."""

    last_seq: int
    """The newest entry."""

    my_wish: Wish | None
    """What the member asked for, in a pair."""

    other_wish: Wish | None
    """What the other one of a pair asked for, while they are here."""

    nonce: str
    """What the styles are marked with that are streamed to this conversation's readers."""

    posts: int
    """How many posts of the member were accepted: the serial of the next form."""


@dataclass(frozen=True, slots=True)
class Passage:
    """The answer to one read: a page of the log, as one member may read it."""

    entries: tuple[Entry, ...]
    """Oldest first; empty when the reader is up to date."""

    cursor: int
    """Pass this to the next `read`."""

    missed: int
    """Entries that left the ring before this reader asked for them."""

    names: Mapping[int, str]
    """Names by number, of all that the entries speak of."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of everything there is now. Exact: blur it before showing it."""

    sessions: int
    waiting: int
    conversations: int
    streams: int


class Store(RoomStore, PrivateStore, Protocol):
    """Everything that the web may ask of the state."""

    async def open_session(self) -> Secret:
        """Make a session.

        Raises:
            HouseFullError: if every place is taken.
        """

    async def knows(self, secret: Secret | None) -> bool:
        """Whether a session of this secret lives."""

    async def language(self, secret: Secret) -> str | None:
        """The language that a session has chosen. Without a choice or a session, `None`."""

    async def speak(self, secret: Secret, language: str) -> None:
        """Remember a session's language, for as long as it lives. Without one, nothing happens."""

    async def forget(self, secret: Secret) -> None:
        """Forget a session and all that hangs on it. Without one, nothing happens."""

    async def panic(self, secret: Secret) -> None:
        """Forget a session as `forget` does, and blank its open stream."""

    async def ask(self, secret: Secret, wish: Wish | None) -> Waiting:
        """Match, or wait. Leaves the session's present pair. `None`: the wish it had last.

        Raises:
            SessionUnknownError: if there is no such session.
            HouseFullError: if it would have to wait and every place is taken.
        """

    async def look_further(self, secret: Secret) -> Waiting:
        """Let a ticket do without a common language, with whoever does so too.

        Raises:
            SessionUnknownError: if there is no such session.
        """

    async def waiting(self, secret: Secret) -> Waiting:
        """How it stands.

        Raises:
            SessionUnknownError: if there is no such session.
        """

    async def cancel(self, secret: Secret) -> None:
        """Wait no longer. Without a ticket or a session nothing happens."""

    async def chat(self, secret: Secret, chat_id: ChatId) -> ChatView:
        """Look at a conversation; counts as having opened it.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def read(self, secret: Secret, chat_id: ChatId, after: int, limit: int) -> Passage:
        """Read up to `limit` entries after the cursor `after`, none from before the coming.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
            BadCursorError: if the conversation never reached `after`.
        """

    async def post(self, secret: Secret, chat_id: ChatId, text: str, token: ComposerToken) -> None:
        """Say something. The same form with the same text again changes nothing.

        Raises, in this order:
            NotAMemberError: if this session has no conversation of that id.
            TokenSpentError: if the form served already, for other words.
            MessageEmptyError, MessageTooLongError: see `text.clean_message`.
            ChatClosedError: if the conversation has ended.
            RateLimitedError: if the session speaks too fast.
        """

    async def never(self, secret: Secret, chat_id: ChatId) -> None:
        """Never be matched again with whom this session met last. The other is told nothing.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def leave(self, secret: Secret, chat_id: ChatId) -> None:
        """Leave a conversation.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def check_stream(self, secret: Secret, chat_id: ChatId | None) -> None:
        """Raise what `stream` would, while the answer can still have a status."""

    def stream(
        self, secret: Secret, chat_id: ChatId | None, wake: Wake
    ) -> AbstractAsyncContextManager[Stream]:
        """Hold the session's one stream: of a conversation, or of the waiting (`None`).

        An older stream of the session is told to end. While the block runs the session counts
        as present, and `wake` is called when there may be something new.

        Raises:
            SessionUnknownError, NotAMemberError: as above.
            HouseFullError: if every place for a stream is taken.
        """

    async def counts(self) -> Counts:
        """How much of everything there is now."""

    async def match_due(self) -> None:
        """Match those who fit by now because they have waited."""

    async def forget_due(self) -> None:
        """Forget what is past its time: sessions, tickets, matches that nobody opened."""

    async def close(self) -> None:
        """End every stream: the house is closing."""
