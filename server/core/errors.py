"""Every error the core can raise, in one tree.

The first branch says whose fault it is, because that is the first thing the web edge has to
decide (the split is h11's Local/Remote one, under names that fit a chat):

    ChatError
    |-- VisitorError    the visitor asked for what cannot be given: show it, never log it
    `-- OperatorError   the surroundings are wrong: refuse to start, say how to mend it

A bug in our own code is neither: it stays an `AssertionError`, a `TypeError` or a `ValueError`,
and becomes a plain 500.

Errors hold a `code`, not a sentence. The core speaks no language; the web edge looks the code
up in the visitor's. Nothing a visitor typed may be put into an error.
"""

from __future__ import annotations

from typing import ClassVar


class ChatError(Exception):
    """Base of every error this package raises on purpose."""

    code: ClassVar[str] = "chat.error"


class VisitorError(ChatError):
    """The visitor asked for something that cannot be given."""

    code = "visitor.error"


class SessionUnknownError(VisitorError):
    """The session was forgotten, or never was: told alike, so that neither can be probed."""

    code = "session.unknown"


class NotAMemberError(VisitorError):
    """No conversation of this session has that id: another's, an old one's, or nobody's."""

    code = "chat.unknown"


class MessageEmptyError(VisitorError):
    """Nothing that can be seen is left of the message after cleaning."""

    code = "message.empty"


class MessageTooLongError(VisitorError):
    """The message is over the limit of characters or of bytes."""

    code = "message.too-long"


class ChatClosedError(VisitorError):
    """The conversation has ended: nobody may write, what is there may still be read."""

    code = "chat.closed"


class KeyLostError(VisitorError):
    """A member's own key does not open: somebody has changed what is kept."""

    code = "chat.key-lost"


class TokenSpentError(VisitorError):
    """The form's token was used already, for other words."""

    code = "token.spent"


class RateLimitedError(VisitorError):
    """Too much in too short a time."""

    code = "rate.limited"

    def __init__(self, retry_after_s: int) -> None:
        super().__init__(self.code)
        self.retry_after_s = retry_after_s
        """Whole seconds until one more is allowed, rounded up. At least 1."""


class RepeatedError(RateLimitedError):
    """The same words too often in too short a time."""

    code = "message.repeated"


class CooldownError(VisitorError):
    """Many conversations were left for the next one: a pause, and no punishment."""

    code = "skips.rest"

    def __init__(self, pause_s: float) -> None:
        super().__init__(self.code)
        self.pause_s = pause_s
        """Seconds until somebody else is looked for. More than 0."""


class BadCursorError(VisitorError):
    """A cursor names a place this log never had: forged, or from before a restart."""

    code = "chat.bad-cursor"


class ServerFullError(VisitorError):
    """Every place of some kind is taken: sessions, waiting tickets or streams."""

    code = "house.full"


class MessageUnknownError(VisitorError):
    """No such message of this member is there: another's, a forgotten one, or none."""

    code = "message.unknown"


class MemberUnknownError(VisitorError):
    """Nobody else of that number is known in this conversation."""

    code = "person.unknown"


class NoSideChatsError(VisitorError):
    """In this conversation nobody can be asked for a private talk."""

    code = "aside.none"


class TooManySideChatsError(VisitorError):
    """The session, or the one whom it would talk with, has as many private talks as one may."""

    code = "aside.too-many"


class TooManyCodesError(VisitorError):
    """The session has as many codes to meet again by as one may."""

    code = "codes.too-many"


class RoomUnknownError(VisitorError):
    """No room of that name is on the list."""

    code = "room.unknown"


class RoomFullError(VisitorError):
    """Every place in this room is taken."""

    code = "room.full"


class RoomClosedError(VisitorError):
    """The room was closed: nobody may write, what is there may still be read."""

    code = "room.closed"


class RoomLockedError(VisitorError):
    """Nobody may come into this room just now."""

    code = "room.locked"


class NotOpenerError(VisitorError):
    """Only whose room it is may do that."""

    code = "room.not-opener"


class TitleUnfitError(VisitorError):
    """Nothing that can be seen is left of a title after cleaning, or too much."""

    code = "room.title"


class InvitationUnknownError(VisitorError):
    """No room has this invitation: wrong, used up, or over. Told alike."""

    code = "invitation.unknown"


class TooManyRoomsError(VisitorError):
    """The session sits in as many rooms as one may."""

    code = "room.too-many"


class OperatorError(ChatError):
    """The program cannot run here; `hint` tells the operator what to change."""

    code = "operator.error"

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.hint = hint
