"""The contract between the web and the state: everything that a view may ask.

Promises, whatever keeps the state:

- A visitor is named by their `Secret`. A store keeps its imprint only; the secret lives in the
  call, and with whoever holds an open stream, and opens there what the store keeps sealed.
- `visit` is the one call that counts as activity of a session. A request makes it once, first. An
  open stream counts as activity until it ends.
- An id of a conversation means something together with its own session only; with any other,
  and with none, the answer is the same error as for an id that never was.
- What a call decides is signalled to open streams when the call is complete (`streams`). A signal
  is a hint: a stream that is woken asks again; one that misses an entry reads it from the log.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from server.core.ids import ChatId, Secret
from server.core.matching.preferences import Preferences
from server.core.room.message import OpenEntry
from server.core.room.spent_tokens import ComposerToken
from server.stream.broadcast import Subscriber
from server.stream.registry import StreamRegistry
from server.stream.subscription import Subscription

from .matching import MatchingStore
from .private_rooms import PrivateRoomStore
from .rooms import RoomStore
from .session import SessionStore, Settings


@dataclass(frozen=True, slots=True)
class ChatView:
    """One member's view of one conversation."""

    me: int
    """The member's own number."""

    names: Mapping[int, str]
    """Names by number: of both, or in a room the member's own. A `EntryPage` tells others."""

    is_pair: bool
    """Whether two were matched in it; it is over when one of them has left."""

    is_for_two: bool
    """Whether it is a conversation of two, and not a room: a pair or a side chat."""

    has_side_chats: bool
    """Whether a member may ask another for a side chat."""

    room_id: ChatId | None
    """Of a side chat of two members of one room: where that room is. It is over when one of the two
    has left it, or the room."""

    public_name: str
    """Of a room on the list; else empty."""

    title: str
    """Of a private room; else empty."""

    is_open: bool
    """Whether it can be written to."""

    joined_seq: int
    """The member's cursor of coming; reads below it answer from it."""

    last_seq: int
    """The newest entry."""

    my_preferences: Preferences | None
    """What the member asked for, in a pair."""

    other_preferences: Preferences | None
    """What the other one of a pair asked for, while they are here."""

    nonce: str
    """What the styles are marked with that are streamed to this conversation's readers."""

    posts: int
    """How many posts of the member were accepted: the serial of the next form."""


@dataclass(frozen=True, slots=True)
class EntryPage:
    """The answer to one read: a page of the log, as one member may read it."""

    entries: tuple[OpenEntry, ...]
    """Oldest first; empty when the reader is up to date."""

    cursor: int
    """Pass this to the next `read`."""

    missed: int
    """Entries that left the ring before this reader asked for them."""

    names: Mapping[int, str]
    """Names by number, of all that the entries speak of."""


@dataclass(frozen=True, slots=True)
class EntryList:
    """Which entries one member may read, unopened."""

    seqs: tuple[int, ...]
    """Oldest first."""

    missed: int
    """Entries that left the ring before this reader asked for them."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of everything there is now. Exact: blur it before showing it."""

    sessions: int
    waiting: int
    conversations: int
    streams: int


class Store(RoomStore, PrivateRoomStore, MatchingStore, SessionStore, Protocol):
    """Everything that the web may ask of the state."""

    streams: StreamRegistry
    """The open streams of this process. A stream that ends closes itself there."""

    async def open_session(self) -> Secret:
        """Make a session.

        Raises:
            ServerFullError: if every place is taken.
        """

    async def visit(self, secret: Secret, *, is_pressed: bool) -> Settings | None:
        """Count a request as activity of a session, and look up what the session has chosen.

        Args:
            secret: whose.
            is_pressed: whether the visitor sent or pressed something, so that a page that is left
                open and reloads itself is told apart.

        Returns:
            The session's settings; `None` if there is no such session.
        """

    async def is_known(self, secret: Secret | None) -> bool:
        """Whether there is a session of this secret."""

    async def forget(self, secret: Secret) -> None:
        """Forget a session and all that hangs on it. Without one, nothing happens."""

    async def panic(self, secret: Secret) -> None:
        """Forget a session as `forget` does, and its codes to meet again by; blank its stream."""

    async def chat(self, secret: Secret, chat_id: ChatId) -> ChatView:
        """Look at a conversation; counts as having opened it.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def read(
        self, secret: Secret, chat_id: ChatId, after: int, limit: int, until: int | None = None
    ) -> EntryPage:
        """Read up to `limit` entries after the cursor `after`, none from before the coming.

        Up to the entry `until` where one is named: what is behind it then counts as not seen.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
            BadCursorError: if the conversation never reached `after`.
        """

    async def list_entries(
        self, secret: Secret, chat_id: ChatId, after: int, until: int | None = None
    ) -> EntryList:
        """Which entries `read` would give, all of them. It counts as not seen.

        Raises:
            NotAMemberError, BadCursorError: as `read`.
        """

    async def stop_streaming(self, secret: Secret, chat_id: ChatId) -> None:
        """From now on this member reads page by page: a stream that is gone is no broken line.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def post(self, secret: Secret, chat_id: ChatId, text: str, token: ComposerToken) -> None:
        """Say something. The same form with the same text again changes nothing.

        Raises, in this order:
            NotAMemberError: if this session has no conversation of that id.
            TokenSpentError: if the form served already, for other words.
            MessageEmptyError, MessageTooLongError: see `text.clean_message`.
            ChatClosedError: if the conversation has ended.
            RepeatedError: if the same words were said many times in the last minute.
            RateLimitedError: if the session speaks too fast.
        """

    async def leave(self, secret: Secret, chat_id: ChatId) -> None:
        """Leave a conversation.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def check_stream(self, secret: Secret, chat_id: ChatId | None) -> None:
        """Raise what `open_stream` would, while the answer can still have a status."""

    async def open_stream(
        self, secret: Secret, chat_id: ChatId | None, subscriber: Subscriber
    ) -> Subscription:
        """Take the session's one stream: of a conversation, or of the waiting page (`None`).

        An older stream of the session is told to end. Until the stream is closed in `streams` the
        session counts as present.

        Raises:
            SessionUnknownError, NotAMemberError: as above.
            ServerFullError: if every place for a stream is taken.
        """

    async def counts(self) -> Counts:
        """How much of everything there is now."""

    async def forget_due(self) -> None:
        """Forget what is past its time: sessions, tickets, matches that nobody opened."""

    async def close(self) -> None:
        """End every stream: the house is closing."""
