"""A seat in a conversation."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from server.core.ids import ChatId, Handle, Imprint
from server.core.invite_code import CodeKey
from server.core.matching.preferences import Wish

from .repeats import Echoes
from .spent_tokens import Receipts


@dataclass(slots=True, eq=False)
class Member:
    """One person's seat in a conversation; forgotten when the person leaves."""

    number: int
    """Counted from 1 in the order of coming; means something in this conversation only."""

    imprint: Imprint
    chat_id: ChatId
    """The conversation's id in this member's URLs."""

    joined_seq: int
    """The cursor of this member's coming: nothing up to it is ever shown to them."""

    wish: Wish | None = None
    """What they asked for, in a pair: the other is told what not to talk about."""

    opened: bool = False
    """Whether they have opened the page since the match."""

    receipts: Receipts = field(default_factory=Receipts)

    muted: set[int] = field(default_factory=set)
    """Numbers of those whose words this member does not want to read."""

    quiet_until_s: float = -math.inf
    """Before this moment a slow room hears nothing more of them."""

    echoes: Echoes = field(default_factory=Echoes)

    asked: dict[int, None] = field(default_factory=dict)
    """Numbers of those whom this member has asked for a private talk, the oldest first."""

    seen_seq: int = 0
    """The newest entry that was sent to them; while they hear in unison with others, that of
    `Stream.unison`."""

    is_told_away: bool = False
    """Whether they were told, where they are, that something is unread here."""

    streams: bool = False
    """Whether they read by a stream, so that a stream that is gone is a line that broke."""

    is_called_quiet: bool = False
    """Whether the other was told so since they last said something."""

    again: CodeKey | None = None
    """Of the code that they were given to be found again by, if they asked for one."""

    sealed_title: bytes = b""
    """Of a private room: its title, sealed to them."""

    @property
    def handle(self) -> Handle:
        """What finds their session."""
        return self.imprint.handle
