"""The contract between the web and the state: every call that a view may make.

The web never touches sessions, rooms or keys itself. It calls `Store`, which is made of four
parts: `RoomStore` (public rooms and the members of any conversation), `PrivateRoomStore`,
`MatchingStore` (pairs) and `SessionStore` (a visitor's own settings and lifetime). The rest of the
contract, which is about sessions as such, messages and open streams, is in this file.

Words: a *session* is one visitor. A *conversation* is a pair, a room, or a side chat (a private
talk of two members of one room). Each member of a conversation has a *number* in it, which others
see, and a *chat id*, which only that member's session knows.

Every implementation keeps these promises:

**Secrets.** A caller names its session by a `Secret`. The store keeps the `PublicIdentity` of a
secret and never the secret itself. The secret exists during a call, and in the owner of an open
stream; it opens what the store keeps sealed.

**Unknown ids.** A chat id is valid only together with the session that it was issued to. A call
about a conversation raises `NotAMemberError` alike for another session's id, for an id that was
never issued, and for an unknown session: none of the three can be told from the others. A call
about the session itself raises `SessionUnknownError`, or does nothing where its docstring says so.
The only exception is `open_stream`, which raises `SessionUnknownError` for an unknown session in
either case; `check_stream` comes before it.

**Activity.** `visit` is the one call that counts as activity of a session, beside the end of a
stream: it restarts the time
after which a silent session is deleted, and a waiting visitor counts as present. A request makes it
once, first. A session with an open stream counts as active until the stream is closed.

**Atomicity.** No call ever sees another one half done. All but two run without interruption. `post`
may have to wait for new keys; it then checks everything again, and writes in one step. The sweep
`sweep` yields between slices of sessions; each session is handled in one step.

**Signals.** What a call decides is signalled to open streams (`Store.streams`) when the call is
complete. A signal is a hint: a stream that is woken asks again, and one that misses an entry reads
it from the log.

**Fair shares.** Sessions, places for streams, private rooms and rematch codes are bounded. When a
place is scarce, the circuit that holds most of them gives one up (`server/core/shares.py`); where
circuits are not known, each session counts for itself. A session that gives way is deleted as
`forget_session` does, and its stream ends with `FORGOTTEN`. `ServerFullError` is raised only if
nobody gives way: if the caller's circuit would then hold the most, or if every other place is a
seat in a conversation.

**Errors.** Where a docstring lists errors "in this order", the first that applies is raised.
"""

from __future__ import annotations

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Protocol

from server.core.ids import ChatId, CircuitKey, Secret
from server.core.matching.preferences import Preferences
from server.core.nudge.kind import PersonalKind
from server.core.room.message import OpenEntry
from server.core.room.spent_tokens import ComposerToken
from server.core.session.mint import Mint
from server.stream.broadcast import Subscriber
from server.stream.registry import StreamRegistry
from server.stream.subscription import Subscription

from .admission import AdmissionStore
from .matching import MatchingStore
from .private_rooms import PrivateRoomStore
from .rooms import RoomStore
from .session import SessionStore, Settings


@dataclass(frozen=True, slots=True)
class ChatView:
    """One member's view of one conversation, without its entries."""

    my_number: int
    """The member's own number."""

    names: Mapping[int, str]
    """Names by number: of both in a pair or a side chat, only the member's own in a room.

    The names of others in a room come with the entries that mention them, in `EntryPage.names`.
    """

    is_pair: bool
    """Whether matching made it. A pair ends when either of the two leaves."""

    is_for_two: bool
    """Whether it is a conversation of two, and not a room: a pair or a side chat."""

    has_side_chats: bool
    """Whether a member may ask another for a side chat."""

    parent_chat_id: ChatId | None
    """In a side chat, the member's chat id of the room that it belongs to; else `None`.

    A side chat ends when either of the two leaves it or the room.
    """

    public_name: str
    """The name of a public room; empty for any other conversation."""

    title: str
    """The title of a private room; empty for any other conversation."""

    is_open: bool
    """Whether it accepts messages."""

    joined_seq: int
    """The newest `seq` before the member joined. A read with an older cursor starts here."""

    last_seq: int
    """The `seq` of the newest entry."""

    my_preferences: Preferences | None
    """In a pair, what the member asked for."""

    other_preferences: Preferences | None
    """In a pair, what the partner asked for, until the partner leaves."""

    muted_count: int
    """How many present members are muted by this member."""

    style_nonce: str
    """The style nonce (Content-Security-Policy) of the pages of this conversation.

    All members have the same one, so that an entry is rendered once for all of them.
    """

    writers: Mapping[int, str]
    """In a room: the names of the others who wrote last and are still here, the newest first."""

    post_count: int
    """How many messages of the member were accepted: the serial of the next composer token."""


@dataclass(frozen=True, slots=True)
class EntryPage:
    """The answer to one read: a page of the log, with the entries that one member may read."""

    entries: tuple[OpenEntry, ...]
    """Oldest first; empty when the reader is up to date."""

    cursor: int
    """Pass this to the next `read`."""

    missed_count: int
    """Entries up to `cursor` that the ring dropped before this reader asked for them. They may have
    stood before, between and after `entries`."""

    names: Mapping[int, str]
    """Names by number, of every member that the entries mention."""


@dataclass(frozen=True, slots=True)
class EntryList:
    """Which entries one member may read, without their contents."""

    seqs: tuple[int, ...]
    """Oldest first."""

    missed_count: int
    """Entries that the ring dropped before this reader asked for them."""


@dataclass(frozen=True, slots=True)
class Counts:
    """How much of everything exists now. Exact: blur it before showing it."""

    sessions: int
    waiting: int
    """Sessions that wait for a match; those that wait with a rematch code are not counted."""

    conversations: int
    streams: int
    ring_percent: int = 0
    """How full the memory for messages is (`Capacity.ring_mib`), rounded down."""


class Store(RoomStore, PrivateRoomStore, MatchingStore, SessionStore, AdmissionStore, Protocol):
    """Every call that the web may make; see the head of this file for what holds for all."""

    mint: Mint
    """Draws the secrets of sessions. It is new at each start of the server."""

    streams: StreamRegistry
    """The open streams of this process. A stream that ends closes itself there."""

    async def open_session(self, circuit: CircuitKey | None = None) -> Secret:
        """Create a session.

        Args:
            circuit: that the request came through, where circuits are known.

        Raises, in this order:
            NotAdmittedError: if nobody new may come in.
            RateLimitedError: if sessions begin too fast on this circuit.
            ServerFullError: if every place is taken and no session gives way.
        """

    async def visit(
        self,
        secret: Secret,
        *,
        is_pressed: bool,
        circuit: CircuitKey | None = None,
        is_issued: bool = False,
    ) -> Settings | None:
        """Count a request as activity of a session, and return what the session has chosen.

        Args:
            secret: the visitor's.
            is_pressed: whether the visitor sent or pressed something. This answers the question
                whether they are still there; a page that reloads itself does not.
            circuit: that the request came through, where circuits are known. From now on the
                session is counted as one of this circuit.
            is_issued: whether this very request was given the secret, so that no browser has it
                yet. Otherwise a secret that was renewed into this one leads nowhere from now on.

        Returns:
            The session's settings; `None` if the session is unknown.
        """

    async def is_known(self, secret: Secret | None) -> bool:
        """Return whether a secret leads to a session: its own, or one that has renewed it."""

    async def forget_session(self, secret: Secret) -> None:
        """Delete a session and everything that belongs to it. Does nothing if it is unknown."""

    async def panic(self, secret: Secret) -> None:
        """Delete a session as `forget_session` does, end its stream with `PANIC`, revoke its codes.

        The rematch codes that it was issued or has shown are revoked, and with each the code of
        the other one of the pair. Does nothing if the session is unknown. A former secret that
        leads to the session will do, so that a panic exit needs no new one.
        """

    async def view_chat(self, secret: Secret, chat_id: ChatId) -> ChatView:
        """Return a view of a conversation, and mark the conversation as opened by this member.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def read(
        self, secret: Secret, chat_id: ChatId, after: int, limit: int, until: int | None = None
    ) -> EntryPage:
        """Read up to `limit` entries after the cursor `after`, and mark them as seen.

        Left out are entries from before the member joined, and what muted members wrote. The cursor
        moves past them.

        Args:
            secret: the reader's.
            chat_id: the conversation.
            after: a cursor; below `ChatView.joined_seq` it reads from there.
            limit: at least 1.
            until: `seq` of the last entry wanted; by default the newest. Later entries are not
                marked as seen.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
            BadCursorError: if the log has never reached `after`.
        """

    async def list_entries(
        self, secret: Secret, chat_id: ChatId, after: int, until: int | None = None
    ) -> EntryList:
        """List all entries that `read` would return, without a limit. Marks nothing as seen.

        Raises:
            NotAMemberError, BadCursorError: as `read`.
        """

    async def set_plain_reading(self, secret: Secret, chat_id: ChatId) -> None:
        """Note that this member now reads page by page, until they next open a stream.

        While this holds, the end of a stream is not announced to a partner as a lost connection.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def post(
        self,
        secret: Secret,
        chat_id: ChatId,
        text: str,
        token: ComposerToken,
        asked: Set[PersonalKind] = frozenset(),
    ) -> None:
        """Post a message. The same token with the same text again changes nothing.

        Args:
            secret: of the member who writes.
            chat_id: the conversation's id in this session.
            text: as it was typed.
            token: of the composer.
            asked: the kinds that the member was asked about, and sends nevertheless. Nothing of it,
                and nothing of what was found, is stored.

        Raises, in this order:
            NotAMemberError: if this session has no conversation of that id.
            TokenSpentError: if the token was used already, with another text.
            RateLimitedError: if the room is slow, if the room is busy and the share of the session
                or of its circuit is used up, or if the session posts too fast. Up to here only the
                length of the text counts.
            MessageTooLongError, TooManyLinesError, MessageEmptyError: see `text.clean_message`.
            ChatClosedError: if the pair or side chat has ended.
            RoomClosedError: if the room is closed.
            RepeatedError: if the member posted the same text too often in the last minute.
            LooksPersonalError: if the text seems to contain a kind that is not in `asked`.
            RateLimitedError: if another post of this member still waits for keys.
            KeyLostError: if the member's own key does not open: the store was tampered with.
        """

    async def leave(self, secret: Secret, chat_id: ChatId) -> None:
        """Leave a conversation, and with a room the side chats that belong to it.

        Leaving a pair that is still open counts towards the pause of `CooldownError`. Leaving a
        pair also cancels a ticket or a wait with a rematch code.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def check_stream(self, secret: Secret, chat_id: ChatId | None) -> None:
        """Raise what `open_stream` would raise, while the response can still have a status.

        Raises:
            SessionUnknownError: if `chat_id` is `None` and there is no such session.
            NotAMemberError: if this session has no conversation of that id.
            ServerFullError: as `open_stream`.
        """

    async def open_stream(
        self, secret: Secret, chat_id: ChatId | None, subscriber: Subscriber
    ) -> Subscription:
        """Open the session's only stream: of a conversation, or of the waiting page (`None`).

        An older stream of the session is ended (`MOVED`). While the stream is open the session
        counts as present. The subscriber closes it in `streams`, whatever happens.

        Args:
            secret: the reader's.
            chat_id: the conversation, or `None` while the session waits for a match.
            subscriber: is notified of what happens.

        Raises:
            SessionUnknownError: if there is no such session.
            NotAMemberError: if this session has no conversation of that id.
            ServerFullError: if the store is closed; or if every place for a stream is taken and no
                session gives way. The latter never happens to a session that is in a conversation,
                knocks or waits for a match: its place is reserved.
        """

    async def people_here(self) -> int:
        """Return about how many sessions there are; 0 for fewer than ten.

        Safe to show to anybody: see `core/crowd.py`.
        """

    async def counts(self) -> Counts:
        """Return how much of everything exists now."""

    async def sweep(self) -> None:
        """Run one sweep: delete everything that is past its time.

        That is sessions, tickets of absent visitors, matches that were not opened, invitations and
        rematch codes. The sweep also sends the lifetime notices that are due on open streams, and
        announces to partners that a connection was lost.
        """

    async def close(self) -> None:
        """End every stream, and open no more: the server is shutting down."""
