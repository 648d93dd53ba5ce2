"""The part of the contract about private rooms; `chat.py` has what holds for every call.

The store receives only keyed hashes of invitation codes. It does not have the key of the hash, so
a copy of the store gives no way to try out codes offline. It keeps titles sealed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import Protocol

from server.core.ids import ChatId, Secret
from server.core.invite_code import Code, CodeKey, InviteKeys

from .rooms import MemberView


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """An invitation into a private room that is to be issued."""

    keys: InviteKeys
    """The keys of its code."""

    max_uses: int
    """How often it can be used to join or to knock."""

    valid_for_s: float
    """How long it is valid, in seconds."""

    code: Code | None = field(default=None, repr=False)
    """The code itself, to be kept sealed to its opener; `None` if it is not to be shown again."""


@dataclass(frozen=True, slots=True)
class Admission:
    """The result of showing a code: inside the conversation, or knocking at the room."""

    chat_id: ChatId
    """The id of the conversation, or of the knock. A knock keeps its id when it is admitted."""

    is_member: bool
    """Whether the caller is a member; otherwise the caller knocks and waits."""


class HostAction(Enum):
    """What the opener of a private room can do. The values travel in forms."""

    LOCK = "lock"
    """Let nobody join or knock, with or without an invitation."""

    UNLOCK = "unlock"
    REQUIRE_KNOCK = "ask-first"
    """Let newcomers knock, and wait until the opener admits them."""

    ALLOW_DIRECT_JOIN = "ask-nobody"
    """Let newcomers join without knocking."""

    ADMIT = "admit"
    """Let a knocking visitor in."""

    REJECT = "send-away"
    """Reject a knocking visitor."""

    REMOVE = "remove"
    """Remove a member, and revoke the invitation: the member knows its code."""

    CLOSE = "close"
    """Accept no more messages. What is there can still be read."""


@dataclass(frozen=True, slots=True)
class PrivateRoomView:
    """A private room as one member sees it."""

    opener_number: int
    """The number of the member who may use `HostAction`."""

    can_host: bool
    """Whether the caller is the opener, and the room is open."""

    is_locked: bool
    requires_knock: bool
    """Whether newcomers must knock."""

    knockers: Sequence[MemberView]
    """Visitors who knock, in the order of knocking; empty unless `can_host`."""

    uses_left: int
    """How often the invitation can still be used; 0 if there is none, or unless `can_host`."""

    valid_for_s: float
    """For how many more seconds the invitation is valid; 0 as for `uses_left`."""


class PrivateRoomStore(Protocol):
    """Calls about private rooms."""

    async def open_room(self, secret: Secret, title: str, invitation: NewInvitation) -> ChatId:
        """Create a private room, with this session as its opener.

        Raises, in this order:
            SessionUnknownError: if there is no such session.
            TooManyRoomsError: if the session is in as many rooms as it may be.
            RateLimitedError: if the session joins rooms too fast. Up to here nothing has looked
                into the title.
            TitleUnfitError: see `text.clean_title`.
            ServerFullError: if every place for a private room, or for a stream, is taken and none
                is given up.
        """

    async def shown_invitation(self, secret: Secret, chat_id: ChatId) -> Code | None:
        """Return the code of the room's invitation to the opener who issued it.

        `None` once the invitation has ended, and for everybody else.

        Raises:
            NotAMemberError: if this session has no private room of that id.
        """

    async def check_guess(self, secret: Secret) -> None:
        """Pass if a session may try a code now; to be asked before a typed code is parsed.

        Raises, in this order:
            SessionUnknownError: if there is no such session.
            RateLimitedError: as `use_invitation`.
        """

    async def use_code(
        self, secret: Secret, invite_keys: InviteKeys, rematch_key: CodeKey
    ) -> Admission | None:
        """Use a code of either kind. A wrong code counts as one guess, not as two.

        The caller cannot know what a visitor's code is for, so it passes both readings of it.

        Args:
            secret: the visitor's.
            invite_keys: the keys of the code if it is an invitation; see `use_invitation`.
            rematch_key: the key of the code if it is a rematch code. With one that is valid, the
                session's ticket is cancelled, and its present pair is left when the two meet.

        Returns:
            `None` while the session waits for the partner who has the other code.

        Raises:
            As `use_invitation`.
        """

    async def use_invitation(self, secret: Secret, invite_keys: InviteKeys) -> Admission:
        """Join a private room by an invitation, or knock. Either counts as one use.

        A session that is in the room or knocks already gets the same id, and nothing is used up.

        Raises, in this order:
            SessionUnknownError: if there is no such session.
            RateLimitedError: if the session, or its circuit, guessed wrong too often; or if all
                together did, unless nobody guessed wrong on this circuit lately. A right code is
                refused too, so that it cannot be told from a wrong one.
            InvitationUnknownError: if the code is wrong, used up, expired or revoked.
            ServerFullError: if every place for a stream is taken and none is given up.
            TooManyRoomsError: if the session is in as many rooms as it may be.
            RoomLockedError: if the room is locked.
            RoomFullError: if the room is at capacity, or as many visitors knock as may.
            RateLimitedError: if the session joins rooms too fast.
        """

    async def knock_state(self, secret: Secret, chat_id: ChatId) -> Admission:
        """Return whether a knock was admitted or still waits.

        Raises:
            NotAMemberError: if this session has no such knock, or it was rejected.
        """

    async def stop_knocking(self, secret: Secret, chat_id: ChatId) -> None:
        """Withdraw a knock. Does nothing if this session has no such knock, or is unknown."""

    async def private_room(self, secret: Secret, chat_id: ChatId) -> PrivateRoomView | None:
        """Return a private room as this member sees it; `None` for any other conversation.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def host_action(
        self, secret: Secret, chat_id: ChatId, action: HostAction, number: int = 0
    ) -> None:
        """Perform an action of the opener.

        Args:
            secret: the opener's.
            chat_id: the private room.
            action: what to do.
            number: of the member or of the visitor who knocks, for `ADMIT`, `REJECT` and
                `REMOVE`.

        Raises, in this order:
            NotAMemberError: if this session has no private room of that id.
            NotOpenerError: if the caller is not its opener.
            RoomClosedError: if it is closed.
            RoomFullError: if the room is at capacity, for `ADMIT`.
            MemberUnknownError: if the action needs a number, and nobody has it.
        """

    async def issue_invitation(
        self, secret: Secret, chat_id: ChatId, invitation: NewInvitation
    ) -> None:
        """Issue a new invitation, and revoke the one before.

        Raises:
            NotAMemberError, NotOpenerError, RoomClosedError: as `host_action`.
        """
