"""Who asks, about which conversation: what every view of a chat begins with."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from server.core.errors import NotAMemberError
from server.core.ids import ChatId, Secret
from server.core.publicroom import RoomClass
from server.store.base import ChatView

from .cookies import visitor
from .forms import Form, read_form
from .services import services
from .wording import Wording, wording, wordings


@dataclass(frozen=True, slots=True)
class Membership:
    """One visitor's place in one conversation, for the length of a request."""

    secret: Secret
    chat_id: ChatId
    chat: ChatView

    @property
    def my_name(self) -> str:
        """The visitor's own name here."""
        return self.chat.names[self.chat.me]

    @property
    def other_names(self) -> list[str]:
        """The names of all others who ever came."""
        return [name for number, name in self.chat.names.items() if number != self.chat.me]

    @property
    def shared_topics(self) -> Sequence[Wording]:
        """What both of a pair would like to talk about."""
        mine, theirs = self.chat.my_wish, self.chat.other_wish
        return _topics(mine.topics & theirs.topics) if mine and theirs else []

    @property
    def not_about(self) -> Sequence[Wording]:
        """What one of a pair, or both, do not want to talk about."""
        wishes = (self.chat.my_wish, self.chat.other_wish)
        return _topics({topic for wish in wishes if wish for topic in wish.limits})

    @property
    def title(self) -> str:
        """What the room is called, in the language of the page; empty for a pair."""
        return room_title(self.chat.public_name, self.chat.title)

    @property
    def is_support(self) -> bool:
        """Whether it is a room for support."""
        public = services().rooms.get(self.chat.public_name)
        return public is not None and public.room_class is RoomClass.SUPPORT

    @property
    def resources(self) -> tuple[str, ...]:
        """The lines that are pinned in a room for support."""
        public = services().rooms.get(self.chat.public_name)
        return public.resources if public is not None else ()

    def token(self, form: str) -> str:
        """The token of one of the forms about this conversation."""
        return services().tokens.form(self.secret.handle, form, self.chat_id)

    def composer_token(self) -> str:
        """A fresh token for the composer."""
        return services().tokens.composer(self.secret.handle, self.chat_id, self.chat.posts)


def room_title(public_name: str, title: str) -> str:
    """What a public room is called in the language of the page, or a private one by itself."""
    public = services().rooms.get(public_name)
    told = public and wording(public.title, services().language)
    return told.text if told else title


async def pressed(chat_id: str, form_name: str) -> tuple[Membership | None, Form]:
    """Whose form about a conversation was posted, and what stands in it.

    Nobody's, if the token is none of this session, form and conversation.

    Raises:
        NotAMemberError: if the session has no conversation of that id any more.
    """
    secret, form = await pressed_by(form_name, chat_id)
    return (None if secret is None else await membership(chat_id)), form


async def pressed_by(form_name: str, subject: str = "") -> tuple[Secret | None, Form]:
    """Who posted a form, and what stands in it.

    Nobody, if the token is none of this session, form and subject.
    """
    secret, form = visitor(), await read_form()
    handle = None if secret is None else secret.handle
    is_ours = services().tokens.is_form(form["token"], handle, form_name, subject)
    return (secret if is_ours else None), form


def _topics(codes: Set[str]) -> list[Wording]:
    """What topics are called in the language of the page, in the order of the long form."""
    house = services()
    called = wordings(house.topics, house.language)
    return [name for code, name in called.items() if code in codes]


async def membership(chat_id: str) -> Membership:
    """The place of this request's visitor in the conversation of that id.

    Raises:
        NotAMemberError: alike for another's id, an old one, and one that never was.
    """
    secret = visitor()
    if secret is None:
        raise NotAMemberError
    return Membership(secret, ChatId(chat_id), await services().store.chat(secret, ChatId(chat_id)))
