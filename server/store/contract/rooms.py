"""The part of the contract about rooms and members; `chat.py` has what holds for every call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from server.core.ids import ChatId, Secret
from server.core.room.requests import RequestKind


@dataclass(frozen=True, slots=True)
class ListedRoom:
    """One public room on the list."""

    name: str
    blurred_head_count: int
    """A blurred upper bound of the number of members; 0 if the room is empty. Safe to show."""


@dataclass(frozen=True, slots=True)
class ChatLabel:
    """A conversation of the caller, and what a page can call it."""

    chat_id: ChatId
    public_name: str = ""
    """The name of a public room; empty for any other conversation."""

    title: str = ""
    """The title of a private room; empty for any other conversation."""

    other: str = ""
    """In a pair or a side chat, the other member's name; else empty."""


@dataclass(frozen=True, slots=True)
class MemberView:
    """A present or former member of a conversation, as the caller sees them."""

    number: int
    name: str
    is_here: bool
    is_muted: bool
    """Whether the caller has muted them."""

    has_asked_me: bool = False
    """Whether they have asked the caller for a side chat and wait for an answer."""

    was_asked_by_me: bool = False
    """Whether the caller has asked them for a side chat and waits for an answer."""


@dataclass(frozen=True, slots=True)
class OwnMessage:
    """One message that the caller wrote."""

    seq: int
    text: str


@dataclass(frozen=True, slots=True)
class MemberRequest:
    """What a member, or a visitor outside, asks of the caller alone."""

    number: int
    name: str
    kind: RequestKind
    asked_seq: int
    """The newest entry when it was made. It has no number of its own: others see no gap."""

    is_new: bool = False
    """Whether this is the first time that it is listed."""


class RoomStore(Protocol):
    """Calls about public rooms, and about the members of any conversation."""

    async def list_rooms(self, secret: Secret | None) -> Sequence[ListedRoom]:
        """List the public rooms in the operator's order. Needs no session."""

    async def list_chats(self, secret: Secret | None) -> Sequence[ChatLabel]:
        """List a session's conversations in the order of joining; none without a session."""

    async def chat_label(self, secret: Secret, chat_id: ChatId) -> ChatLabel:
        """Return the label of one conversation. Does not mark the conversation as opened.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def join_room(self, secret: Secret, name: str) -> ChatId:
        """Join a public room. A session that is in the room already gets the same chat id.

        Raises, in this order:
            SessionUnknownError: if there is no such session.
            RoomUnknownError: if no room of that name is on the list.
            TooManyRoomsError: if the session is in as many rooms as it may be.
            RoomFullError: if the room is at capacity.
            ServerFullError: if every place for a stream is taken and none is given up.
            RateLimitedError: if the session joins rooms too fast.
        """

    async def list_members(self, secret: Secret, chat_id: ChatId) -> Sequence[MemberView]:
        """List the members in the order of joining, then those who left while muted.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def toggle_mute(self, secret: Secret, chat_id: ChatId, number: int) -> None:
        """Mute a member for this reader, or unmute a member who is muted. Nobody is notified.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
            MemberUnknownError: if no other member of that number is known there.
        """

    async def request_side_chat(
        self, secret: Secret, chat_id: ChatId, number: int
    ) -> ChatId | None:
        """Ask a member of the same room for a side chat, or accept their request.

        If the two already have an open side chat in this room, the call only returns its id. A
        request to a member who has muted the caller looks like any other, but is not shown.

        A request is no entry of the log. The member who is asked finds it in `list_requests`, and
        their open stream is sent a notice: of the request, or, if it shows another conversation,
        of something new in this one.

        Returns:
            The caller's id of the side chat; `None` while the other has not accepted.

        Raises, in this order:
            NotAMemberError: if this session has no conversation of that id.
            TooManySideChatsError: if one of the two has as many as they may.
            RateLimitedError: if the session writes too fast. Accepting is not limited.
            NoSideChatsError: if this conversation allows none.
            RoomClosedError: if the room is closed. Accepting in a closed room raises this first.
            MemberUnknownError: if no other member of that number is present.
        """

    async def list_requests(self, secret: Secret, chat_id: ChatId) -> Sequence[MemberRequest]:
        """List what others ask of the caller and wait for, oldest first; it counts as seen.

        That is requests for a side chat, and for the opener of a private room those who knock.
        Requests of members whom the caller has muted are left out. Of more than `MAX_REQUESTS` the
        oldest are forgotten.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def own_messages(self, secret: Secret, chat_id: ChatId) -> Sequence[OwnMessage]:
        """List the caller's newest stored messages, newest first; at most `MAX_OWN_MESSAGES`.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
        """

    async def delete_message(self, secret: Secret, chat_id: ChatId, seq: int) -> None:
        """Delete one of the caller's messages. Its text is erased, and the deletion is announced.

        Raises:
            NotAMemberError: if this session has no conversation of that id.
            MessageUnknownError: if no message of the caller with that `seq` is stored there.
        """
