"""The part of the contract between web and state that is about rooms; see `base.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.core.ids import ChatId, Secret


@dataclass(frozen=True, slots=True)
class ListedRoom:
    """One public room on the list."""

    name: str
    people: int
    """At most how many are in it, about; 0 for nobody. For everybody's eyes."""


@dataclass(frozen=True, slots=True)
class ChatLabel:
    """A conversation that the one who asks sits in, and what it can be called by."""

    chat_id: ChatId
    public_name: str = ""
    """Of a room on the list; else empty."""

    title: str = ""
    """Of a private room; else empty."""

    other: str = ""
    """Of a talk between two: the name of the other one; else empty."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who is in a conversation, or was."""

    number: int
    name: str
    is_here: bool
    is_muted: bool
    """Whether the one who asks reads nothing of what this one says."""

    asks_me: bool = False
    """Whether this one has asked for a private talk, and waits for a yes."""

    is_asked: bool = False
    """Whether the one who asks has asked this one, and waits."""


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """One message of the one who asks."""

    seq: int
    text: str


class RoomStore(Protocol):
    """What the web may ask about rooms and who is in them."""

    async def list_rooms(self, secret: Secret | None) -> Sequence[ListedRoom]:
        """The public rooms, in the operator's order. Nobody needs a session to look."""

    async def my_chats(self, secret: Secret | None) -> Sequence[ChatLabel]:
        """All that a session sits in, in the order of coming; without one, none."""

    async def chat_label(self, secret: Secret, chat_id: ChatId) -> ChatLabel:
        """One of these. Looking at its name is not looking at it.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def join(self, secret: Secret, name: str) -> ChatId:
        """Enter a public room; who is in it already keeps the same seat.

        Raises, in this order:
            SessionUnknownError: if there is no such session.
            RoomUnknownError: if no room of that name is on the list.
            TooManyRoomsError: if the session sits in as many as it may.
            RoomFullError: if every place is taken.
            RateLimitedError: if it comes and goes too fast.
        """

    async def list_members(self, secret: Secret, chat_id: ChatId) -> Sequence[Person]:
        """Who is in a conversation, in the order of coming; and who was, if they are muted.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def mute(self, secret: Secret, chat_id: ChatId, who: int) -> None:
        """Read nothing more of what somebody says; called again, read it. Nobody is told.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
            PersonUnknownError: if nobody else of that number is known there.
        """

    async def start_side_chat(self, secret: Secret, chat_id: ChatId, who: int) -> ChatId | None:
        """Ask somebody of the same room for a private talk, or say yes to one who has asked.

        Returns:
            Where the talk is; `None` while the other has not said yes. Whom they have muted asks
            in vain, and is not told so.

        Raises, in this order:
            NotAMemberError: if this session has no conversation of that id.
            TooManyAsidesError: if one of the two has as many as one may.
            RateLimitedError: if the session speaks too fast.
            NoAsidesError: if there are none in this room.
            RoomClosedError: if it is closed.
            PersonUnknownError: if nobody else of that number is here.
        """

    async def own_messages(self, secret: Secret, chat_id: ChatId) -> Sequence[OwnMessage]:
        """The newest messages of one's own that are kept, newest first; at most `MAX_OWN_MESSAGES`.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def delete(self, secret: Secret, chat_id: ChatId, seq: int) -> None:
        """Take back one's own words: they are kept no longer, and everybody is told.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
            MessageUnknownError: if no such message of one's own is kept there.
        """
