"""A seat in a conversation."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from server.core.ids import ChatId, Handle, PublicIdentity
from server.core.invite_code import CodeKey
from server.core.matching.preferences import Preferences

from .log import NOT_READ, Entry
from .message import OpenEntry
from .repeats import Repeats
from .spent_tokens import SpentTokens


@dataclass(slots=True, eq=False)
class Member:
    """One person's seat in a conversation; forgotten when the person leaves."""

    number: int
    """Counted from 1 in the order of coming; means something in this conversation only."""

    identity: PublicIdentity
    chat_id: ChatId
    """The conversation's id in this member's URLs."""

    joined_seq: int
    """The cursor of this member's coming: nothing up to it is ever shown to them."""

    preferences: Preferences | None = None
    """What they asked for, in a pair: the other is told what not to talk about."""

    has_opened: bool = False
    """Whether they have opened the page since the match."""

    spent_tokens: SpentTokens = field(default_factory=SpentTokens)

    muted: set[int] = field(default_factory=set)
    """Numbers of those whose words this member does not want to read."""

    quiet_until_s: float = -math.inf
    """Before this moment a slow room hears nothing more of them."""

    repeats: Repeats = field(default_factory=Repeats)

    asked: dict[int, None] = field(default_factory=dict)
    """Numbers of those whom this member has asked for a private talk, the oldest first."""

    seen_seq: int = 0
    """The newest entry that was sent to them. While they read live, the stream's own cursor may be
    ahead of it; see `Subscription.seen_seq`."""

    unread_notified: bool = False
    """Whether they were told, where they are, that something is unread here."""

    reads_live: bool = False
    """Whether they read by a stream, so that a stream that is gone is a line that broke."""

    quiet_announced: bool = False
    """Whether the other was told so since they last said something."""

    rematch_key: CodeKey | None = None
    """Of the code that they were given to be found again by, if they asked for one."""

    sealed_title: bytes = b""
    """Of a private room: its title, sealed to them."""

    @property
    def handle(self) -> Handle:
        """What finds their session."""
        return self.identity.handle

    def hides(self, entry: Entry | OpenEntry) -> bool:
        """Whether this member does not read an entry, because they have muted its sender."""
        return entry.sender in self.muted and entry.kind in NOT_READ
