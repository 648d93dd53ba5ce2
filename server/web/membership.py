"""Who asks, about which conversation: what every view of a chat begins with."""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup

from server.core.errors import NotAMemberError
from server.core.ids import ChatId, Secret
from server.core.room.public import RoomClass
from server.locales.language import mark
from server.store.contract.chat import ChatView

from .edge.cookies import visitor
from .edge.forms import ForeignFormError, Form, read_form
from .render.operator_text import Wording, room_title, wordings
from .services import current_services

SEALED = mark("Encrypted here, not end to end: whoever controls this server could read it.")
OPEN = mark("Anybody can enter and read this. Whoever controls this server could, too.")


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
        mine, theirs = self.chat.my_preferences, self.chat.other_preferences
        return _topics(mine.topics & theirs.topics) if mine and theirs else []

    @property
    def not_about(self) -> Sequence[Wording]:
        """What one of a pair, or both, do not want to talk about."""
        wishes = (self.chat.my_preferences, self.chat.other_preferences)
        return _topics(
            {topic for preferences in wishes if preferences for topic in preferences.limits}
        )

    @property
    def title(self) -> str:
        """What the room is called, in the language of the page; empty for a talk between two."""
        services = current_services()
        return room_title(self.chat.public_name, self.chat.title, services.rooms, services.language)

    @property
    def is_for_two(self) -> bool:
        """Whether it is a talk between two, and not a room."""
        return self.chat.is_pair or self.chat.room_id is not None

    @property
    def level(self) -> str:
        """How what is said here is protected, in one sentence."""
        return current_services().language.gettext(OPEN if self.chat.public_name else SEALED)

    @property
    def is_support(self) -> bool:
        """Whether it is a room for support."""
        public = current_services().rooms.get(self.chat.public_name)
        return public is not None and public.room_class is RoomClass.SUPPORT

    @property
    def has_side_chats(self) -> bool:
        """Whether one member may ask another for a private talk."""
        return not self.is_for_two and not self.is_support

    @property
    def resources(self) -> tuple[str, ...]:
        """The lines that are pinned in a room for support."""
        public = current_services().rooms.get(self.chat.public_name)
        return public.resources if public is not None else ()

    def plain(self, **query: int) -> Markup:
        """The plain view's address, with these numbers behind its question mark."""
        return Markup('"/chat/{}/plain?{}"').format(self.chat_id, urlencode(query))

    def read(self, **query: int) -> Markup:
        """The same for a link on a page that reloads itself."""
        return Markup('"/chat/{}/read?{}"').format(self.chat_id, urlencode(query))

    def token(self, form: str) -> str:
        """The token of one of the forms about this conversation."""
        return current_services().tokens.form(self.secret.handle, form, self.chat_id)

    def composer_token(self) -> str:
        """A fresh token for the composer."""
        return current_services().tokens.composer(self.secret.handle, self.chat_id, self.chat.posts)


async def pressed(chat_id: str, form_name: str) -> tuple[Membership, Form]:
    """Whose form about a conversation was posted, and what stands in it.

    Raises:
        ForeignFormError: if the token is none of this session, form and conversation.
        NotAMemberError: if the session has no conversation of that id any more.
    """
    secret, form = await pressed_by(form_name, chat_id)
    return await membership_of(secret, chat_id), form


async def pressed_by(form_name: str, subject: str = "") -> tuple[Secret, Form]:
    """Who posted a form, and what stands in it.

    Raises:
        ForeignFormError: if the token is none of this session, form and subject.
    """
    secret, form = visitor(), await read_form()
    handle = None if secret is None else secret.handle
    is_ours = current_services().tokens.is_form(form["token"], handle, form_name, subject)
    if secret is None or not is_ours:
        raise ForeignFormError
    return secret, form


def _topics(codes: Set[str]) -> list[Wording]:
    """What topics are called in the language of the page, in the order of the long form."""
    services = current_services()
    called = wordings(services.topics, services.language)
    return [name for code, name in called.items() if code in codes]


async def membership(chat_id: str) -> Membership:
    """The place of this request's visitor in the conversation of that id.

    Raises:
        NotAMemberError: alike for another's id, an old one, and one that never was.
    """
    secret = visitor()
    if secret is None:
        raise NotAMemberError
    return await membership_of(secret, chat_id)


async def membership_of(secret: Secret, chat_id: str) -> Membership:
    """The place of a visitor in the conversation of that id; see `membership`."""
    return Membership(
        secret, ChatId(chat_id), await current_services().store.chat(secret, ChatId(chat_id))
    )
