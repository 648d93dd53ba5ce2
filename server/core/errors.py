"""All errors that the core raises, in one tree.

The first branch separates whose fault it is, because the web layer has to decide that first (the
same split as h11's Local/Remote errors, with names that fit a chat):

    ChatError
    |-- VisitorError    the request of a visitor cannot be fulfilled: show it, never log it
    `-- OperatorError   the environment is wrong: refuse to start, explain how to fix it

A bug in our own code is neither: it stays an `AssertionError`, a `TypeError` or a `ValueError`,
and becomes a plain 500.

Visitor errors carry no sentence: the core has no translations. `web/edge/error_pages.py` has a
sentence for each type. An error must not contain anything that a visitor typed.
"""

from __future__ import annotations

from collections.abc import Sequence

from server.core.nudge.kind import PersonalKind


class ChatError(Exception):
    """Base of every error that this package raises on purpose."""


class VisitorError(ChatError):
    """The request of a visitor cannot be fulfilled."""


class SessionUnknownError(VisitorError):
    """The session was deleted or never existed: the same error, so that neither can be probed."""


class NotAMemberError(VisitorError):
    """No conversation of this session has that id: another's, an old one, or a nonexistent one."""


class MessageEmptyError(VisitorError):
    """Nothing visible is left of the message after cleaning."""


class MessageTooLongError(VisitorError):
    """The message exceeds the limit of characters or of bytes."""

    def __init__(self, over_chars: int = 0, over_bytes: int = 0) -> None:
        super().__init__()
        self.over_chars = over_chars
        """Characters over the limit; 0 if it is not known."""

        self.over_bytes = over_bytes
        """Bytes over the limit; 0 if it is not known."""


class TooManyLinesError(VisitorError):
    """The message has more line ends than one message may have."""

    def __init__(self, over_lines: int = 0) -> None:
        super().__init__()
        self.over_lines = over_lines
        """Line ends over the limit."""


class LooksPersonalError(VisitorError):
    """The message may contain something by which its writer can be found: they are asked first."""

    def __init__(self, kinds: Sequence[PersonalKind] = ()) -> None:
        super().__init__()
        self.kinds = kinds
        """What it seems to contain; not the words themselves."""


class ChatClosedError(VisitorError):
    """The pair or side chat has ended: nobody can write, its members can still read."""


class KeyLostError(VisitorError):
    """A member's own box does not open: the stored data was modified."""


class TokenSpentError(VisitorError):
    """The form's token was used already for another text, or is too old to know."""


class RateLimitedError(VisitorError):
    """Too many requests of some kind in a short time."""

    def __init__(self, retry_after_s: int) -> None:
        super().__init__()
        self.retry_after_s = retry_after_s
        """Whole seconds until one more is allowed, rounded up. At least 1."""


class RepeatedError(RateLimitedError):
    """The same text was posted too often in a short time."""


class CooldownError(VisitorError):
    """Many conversations were skipped in a row: a pause, not a punishment."""

    def __init__(self, pause_s: float) -> None:
        super().__init__()
        self.pause_s = pause_s
        """Seconds until the session may be matched again. More than 0."""


class FirstCooldownError(CooldownError):
    """The first pause of a session after many skips: its page says, once, that one may rest."""


class BadCursorError(VisitorError):
    """The log never reached this cursor: it is forged, or from before a restart."""


class ServerFullError(VisitorError):
    """Every place is taken (sessions, streams, tickets, rooms, codes), and nobody gives way."""


class NotAdmittedError(VisitorError):
    """Nobody new may come in now: the operator has closed the server, or it restarts soon."""


class NothingBeginsError(VisitorError):
    """No conversation begins or grows any more: the server restarts soon."""


class MessageUnknownError(VisitorError):
    """This member has no such message: it is another's, no longer kept, or does not exist."""


class MemberUnknownError(VisitorError):
    """Nobody else with that number is known in this conversation."""


class NoSideChatsError(VisitorError):
    """This conversation does not allow side chats."""


class TooManySideChatsError(VisitorError):
    """The session, or the session of its partner, has reached the limit of side chats."""


class TooManyCodesError(VisitorError):
    """The session has reached the limit of rematch codes."""


class RoomUnknownError(VisitorError):
    """There is no public room with that name."""


class RoomFullError(VisitorError):
    """The room has no free place."""


class RoomClosedError(VisitorError):
    """The room was closed: nobody can write, its members can still read."""


class RoomLockedError(VisitorError):
    """The room is locked: nobody may join at the moment."""


class NotOpenerError(VisitorError):
    """Only the opener of the room may do that."""


class TitleUnfitError(VisitorError):
    """The title is empty or too long after cleaning."""


class InvitationUnknownError(VisitorError):
    """No room has this invitation: wrong, used up or expired. The same error for all three."""


class CodeEmptyError(VisitorError):
    """No code was entered."""


class TooManyRoomsError(VisitorError):
    """The session has reached the limit of rooms."""


class OperatorError(ChatError):
    """The program cannot run in this environment; `hint` explains what to change."""

    def __init__(self, sentence: str, hint: str = "") -> None:
        super().__init__(sentence)
        self.hint = hint
