"""The part of the contract between web and state that is about private rooms; see `base.py`.

A store is given keys of invitations, made under a key that it does not have: what it keeps cannot
be tried out at home. A title it keeps sealed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Protocol

from server.core.ids import ChatId, Secret
from server.core.invite_code import CodeKey, InviteKeys

from .rooms import Person


@dataclass(frozen=True, slots=True)
class NewInvitation:
    """A way into a private room that is to be made."""

    way: InviteKeys
    uses: int
    """How many may come in by it."""

    lasts_s: float


@dataclass(frozen=True, slots=True)
class Admission:
    """What became of a code that was shown."""

    chat_id: ChatId
    """Of the conversation, or of the knocking at its door; the same once one is let in."""

    is_in: bool


class HostAction(Enum):
    """What the opener of a private room can do."""

    LOCK = "lock"
    """Let nobody come in, invitation or not."""

    UNLOCK = "unlock"
    ASK_FIRST = "ask-first"
    """Let newcomers knock, and wait to be let in."""

    ASK_NOBODY = "ask-nobody"
    ADMIT = "admit"
    """Let somebody in who knocked."""

    SEND_AWAY = "send-away"
    """Let somebody wait no longer who knocked."""

    REMOVE = "remove"
    """Send a member out, and burn the invitation."""

    CLOSE = "close"
    """Let nobody write any more."""


@dataclass(frozen=True, slots=True)
class PrivateView:
    """A private room as one member sees it."""

    opener: int
    """The number of the member whose room it is."""

    is_mine: bool
    """Whether that is the one who asks, and the room is open."""

    is_locked: bool
    asks_first: bool
    knockers: Sequence[Person]
    """Who waits outside; told to the opener only."""

    uses: int
    """How many more may come in by the invitation; 0 when there is none."""

    left_s: float
    """For how long it is good."""


class PrivateRoomStore(Protocol):
    """What the web may ask about private rooms."""

    async def open_room(self, secret: Secret, title: str, invitation: NewInvitation) -> ChatId:
        """Make a private room, and be its opener.

        Raises, in this order:
            SessionUnknownError: if there is no such session.
            TitleUnfitError: see `text.clean_title`.
            TooManyRoomsError: if the session sits in as many as it may.
            HouseFullError: if every place for a room is taken.
            RateLimitedError: if it comes and goes too fast.
        """

    async def use_code(self, secret: Secret, way: InviteKeys, again: CodeKey) -> Admission | None:
        """Come in by a code, whichever kind it is: both guesses together count as one.

        Args:
            secret: who shows it.
            way: what the code is as an invitation; see `enter`.
            again: what it is as one to meet again by. The session's present pair is left when
                the two meet.

        Returns:
            `None` while the one with the other code is waited for.

        Raises:
            As `enter`.
        """

    async def use_invitation(self, secret: Secret, way: InviteKeys) -> Admission:
        """Come in by an invitation, or knock; who is in already keeps the same seat.

        Raises, in this order:
            SessionUnknownError: if there is no such session.
            RateLimitedError: if it, or everybody together, guesses too often.
            InvitationUnknownError: if it is wrong, used up or over.
            TooManyRoomsError: if the session sits in as many as it may.
            RoomLockedError: if nobody may come in.
            RoomFullError: if every place is taken.
            RateLimitedError: if it comes and goes too fast.
        """

    async def knock_state(self, secret: Secret, chat_id: ChatId) -> Admission:
        """How it stands with somebody who knocked.

        Raises:
            NotAMemberError: if this session does not knock under that id, or was sent away.
        """

    async def stop_knocking(self, secret: Secret, chat_id: ChatId) -> None:
        """Wait no longer. Who does not knock under that id does nothing."""

    async def private_room(self, secret: Secret, chat_id: ChatId) -> PrivateView | None:
        """A private room as this member sees it; `None` for any other conversation.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def host_action(
        self, secret: Secret, chat_id: ChatId, act: HostAction, who: int = 0
    ) -> None:
        """Do what the opener of a private room can do.

        Raises:
            NotAMemberError: if this session has no private room of that id.
            NotOpenerError: if the room is another's.
            RoomClosedError: if it is closed.
            PersonUnknownError: if it is about somebody, and nobody is meant by that number.
            RoomFullError: if every place is taken for who is to be let in.
        """

    async def new_invitation(
        self, secret: Secret, chat_id: ChatId, invitation: NewInvitation
    ) -> None:
        """Issue a new invitation; the one before is burnt.

        Raises:
            NotAMemberError, NotOpenerError, RoomClosedError: as above.
        """
