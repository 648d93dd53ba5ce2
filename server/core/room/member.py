"""A member of a conversation, with all state that belongs to the membership."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from server.core.ids import ChatId, Handle, PublicIdentity
from server.core.invite_code import CodeKey
from server.core.limits import MAX_REQUESTS
from server.core.matching.preferences import Preferences

from .log import HIDDEN_IF_MUTED, Entry
from .message import OpenEntry
from .repeats import Repeats
from .requests import Request
from .spent_tokens import SpentTokens


@dataclass(slots=True, eq=False)
class Member:
    """One session's membership in a conversation; deleted when the member leaves."""

    number: int
    """Counted from 1 in the order of joining; meaningful in this conversation only."""

    identity: PublicIdentity
    chat_id: ChatId
    """The conversation's id in this member's URLs."""

    joined_seq: int
    """The log's `seq` at the time of joining: no entry up to it is ever shown to them."""

    speaker: int
    """Whose share of the room's pace and ring their messages take; at first their own number. See
    `RoomPace.speaker_of`."""

    joined_s: float | None = None
    """When they joined, in monotonic seconds; `None` until the store has seated them."""

    has_share: bool = False
    """Whether their share of the pace was counted before, so that they are no newcomer to it."""

    preferences: Preferences | None = None
    """Their preferences, in a pair: the partner is shown the topics not to talk about."""

    has_opened: bool = False
    """Whether they have opened the conversation's page since the match."""

    spent_tokens: SpentTokens = field(default_factory=SpentTokens)

    muted: set[int] = field(default_factory=set)
    """Numbers of the members whose messages are hidden from this member."""

    slow_until_s: float = -math.inf
    """Until then they may not post another message in a slow room."""

    repeats: Repeats = field(default_factory=Repeats)

    side_chat_requests: dict[int, None] = field(default_factory=dict)
    """Numbers of the members whom this member has asked for a side chat, oldest first."""

    requests: dict[int, Request] = field(default_factory=dict)
    """What others ask of this member, by their numbers, oldest first; at most `MAX_REQUESTS`."""

    seen_seq: int = 0
    """The newest entry that was sent to them. While they read live, the stream's own cursor may be
    ahead of it; see `Subscription.seen_seq`."""

    unread_notified: bool = False
    """Whether they were notified, on the page they are on, of unread entries here."""

    reads_by_stream: bool = False
    """Whether they read by a stream, so that a closed stream means a broken connection."""

    disconnect_announced: bool = False
    """Whether a broken connection was announced since their last message."""

    rematch_key: CodeKey | None = None
    """Key of their rematch code, if they asked for one."""

    sealed_code: bytes = b""
    """The rematch code that they were issued here, sealed to them, to be shown again."""

    sealed_title: bytes = b""
    """In a private room: its title, sealed to them."""

    @property
    def handle(self) -> Handle:
        """The handle of their session."""
        return self.identity.handle

    def add_request(self, number: int, request: Request) -> None:
        """Keep a request until it is answered; beyond `MAX_REQUESTS` the oldest is dropped."""
        self.requests[number] = request
        if len(self.requests) > MAX_REQUESTS:
            del self.requests[next(iter(self.requests))]

    def shown_requests(self) -> Mapping[int, Request]:
        """The requests that this member is shown, oldest first: not those of muted members."""
        return {number: r for number, r in self.requests.items() if number not in self.muted}

    def hides(self, entry: Entry | OpenEntry) -> bool:
        """Whether this member does not read an entry, because they have muted its sender."""
        return entry.sender in self.muted and entry.kind in HIDDEN_IF_MUTED
