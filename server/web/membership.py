"""The first steps of every chat view: look up the visitor's membership, check the posted form."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass
from urllib.parse import urlencode

from markupsafe import Markup
from quart import g

from server.core.errors import NotAMemberError
from server.core.ids import ChatId, Secret
from server.core.room.mentions import SIGN
from server.core.room.public import RoomClass
from server.locales.language import mark
from server.store.contract.chat import ChatView

from .edge.cookies import form_handles, visitor
from .edge.forms import ForeignFormError, Form, read_form
from .render.operator_text import OperatorText, room_title, texts_in_language
from .services import current_services

HERE = mark("Somebody is here")
LEFT = mark("The other person has left")
ASIDE = mark("Private talk: %(name)s")
SERVER = mark("Not encrypted end to end")
PUBLIC = mark("Public room")
SEALED = mark("Encrypted here, not end to end: whoever controls this server could read it.")
WRITER = Markup("<button name=to value={} formaction=messages#m dir=auto{}{}</button>")
PRESSED, NOT_PRESSED = Markup(" aria-pressed=true>✓ "), Markup(">")
OPEN = mark("Anybody can enter and read this. Whoever controls this server could, too.")


@dataclass(frozen=True, slots=True)
class Membership:
    """One visitor's membership in one conversation, for the duration of a request."""

    secret: Secret
    chat_id: ChatId
    chat: ChatView

    @property
    def my_name(self) -> str:
        """The visitor's own name in this conversation."""
        return self.chat.names[self.chat.my_number]

    @property
    def other_names(self) -> list[str]:
        """The names of all other members, past ones included."""
        return [name for number, name in self.chat.names.items() if number != self.chat.my_number]

    @property
    def other_number(self) -> int:
        """The other person's number in a conversation of two; 0 in a room."""
        if not self.chat.is_for_two:
            return 0
        return next((number for number in self.chat.names if number != self.chat.my_number), 0)

    @property
    def shared_topics(self) -> Sequence[OperatorText]:
        """The topics that both members of a pair want to talk about."""
        mine, theirs = self.chat.my_preferences, self.chat.other_preferences
        return topic_names(mine.topics & theirs.topics) if mine and theirs else []

    @property
    def not_about(self) -> Sequence[OperatorText]:
        """The topics that at least one member of a pair does not want to talk about."""
        both = (self.chat.my_preferences, self.chat.other_preferences)
        return topic_names(
            {topic for preferences in both if preferences for topic in preferences.limits}
        )

    @property
    def my_limits(self) -> Sequence[OperatorText]:
        """The topics that this visitor does not want to talk about, which Next keeps."""
        mine = self.chat.my_preferences
        return topic_names(mine.limits) if mine else []

    @property
    def title(self) -> str:
        """The room's title in the language of the page; empty for a conversation of two."""
        services = current_services()
        return room_title(self.chat.public_name, self.chat.title, services.rooms, services.language)

    @property
    def state(self) -> str:
        """The title of the tab: the room, or whether the other person is here."""
        if not self.chat.is_for_two:
            return self.title
        return current_services().language.gettext(HERE if self.chat.is_open else LEFT)

    @property
    def mentions(self) -> Mapping[int, str]:
        """In a room: number -> mention, of those who wrote last."""
        return {number: f"{SIGN}{name}" for number, name in self.chat.writers.items()}

    def writer_buttons(self, text: str = "") -> Markup:
        """In a room: a button for each of those who wrote last, which fills in a mention.

        Args:
            text: what is filled in; the button of a mention that stands alone is pressed.
        """
        return Markup().join(
            WRITER.format(number, PRESSED if mention == text else NOT_PRESSED, mention)
            for number, mention in self.mentions.items()
        )

    @property
    def heading(self) -> str:
        """The room, or the person that one talks with."""
        if not self.chat.is_for_two:
            return self.title
        other = ", ".join(self.other_names)
        if not self.chat.parent_chat_id:
            return other
        return current_services().language.gettext(ASIDE) % {"name": other}

    @property
    def level_name(self) -> str:
        """How the messages here are protected, in a few words."""
        return current_services().language.gettext(PUBLIC if self.chat.public_name else SERVER)

    @property
    def level(self) -> str:
        """How the messages here are protected, in one sentence."""
        return current_services().language.gettext(OPEN if self.chat.public_name else SEALED)

    @property
    def is_support(self) -> bool:
        """Whether this is a support room."""
        public = current_services().rooms.get(self.chat.public_name)
        return public is not None and public.room_class is RoomClass.SUPPORT

    @property
    def resources(self) -> tuple[str, ...]:
        """The lines that are pinned in a support room."""
        public = current_services().rooms.get(self.chat.public_name)
        return public.resources if public is not None else ()

    def plain(self, **query: int) -> Markup:
        """The plain view's path with these query parameters, quoted as an attribute value."""
        return Markup('"/chat/{}/plain?{}"').format(self.chat_id, urlencode(query))

    def read(self, **query: int) -> Markup:
        """The same for a link on a page that reloads itself; see `views/plain.py`."""
        return Markup('"/chat/{}/read?{}"').format(self.chat_id, urlencode(query))

    def token(self, form: str) -> str:
        """Return the token of one of the forms about this conversation."""
        return current_services().tokens.form(self.secret.handle, form, self.chat_id)

    def composer_token(self) -> str:
        """Return a fresh single-use token for the composer."""
        return current_services().tokens.composer(
            self.secret.handle, self.chat_id, self.chat.post_count
        )


async def read_chat_form(chat_id: str, form_name: str) -> tuple[Membership, Form]:
    """Read a posted form about a conversation, check its token and look up the membership.

    Raises:
        ForeignFormError: if the token does not belong to this session, form and conversation.
        NotAMemberError: if the session is not, or no longer, a member of that conversation.
    """
    secret, form = await read_session_form(form_name, chat_id)
    return await _load_membership(secret, chat_id), form


async def read_session_form(form_name: str, subject: str = "") -> tuple[Secret, Form]:
    """Read a posted form and check its token.

    Returns:
        The secret of the session that posted it, and the fields.

    Raises:
        ForeignFormError: if the token does not belong to this session, form and subject.
    """
    # The form first: while its body comes, the secret may be renewed.
    form, secret, tokens = await read_form(), visitor(), current_services().tokens
    token, handles = form["token"], form_handles()
    is_own = [tokens.is_form(token, handle, form_name, subject) for handle in handles]
    if secret is None or True not in is_own:
        raise ForeignFormError
    return secret, form


async def read_exit_form(form_name: str, chat_id: str) -> Secret:
    """Read the form of a button that leaves a conversation, and check its token.

    A session that is not, or no longer, a member there has nothing to leave. Its form may be older
    than its secret: a button that is pressed twice, or again after Back, must not end in an error.

    Raises:
        ForeignFormError: as `read_session_form`, if the session is a member there, or unknown.
        NotAMemberError: if the session is no member, whatever the token.
    """
    try:
        secret, _ = await read_session_form(form_name, chat_id)
    except ForeignFormError:
        known = visitor()
        if known is not None and g.is_known:
            await current_services().store.chat_label(known, ChatId(chat_id))
        raise
    return secret


def topic_names(codes: Set[str]) -> list[OperatorText]:
    """Return the names of topics in the language of the page, in the order of the long form."""
    services = current_services()
    names = texts_in_language(services.topics, services.language)
    return [name for code, name in names.items() if code in codes]


async def find_membership(chat_id: str) -> Membership:
    """Look up the membership of this request's visitor in the conversation of that id.

    Raises:
        NotAMemberError: the same for another session's id, an old id and one that never existed.
    """
    secret = visitor()
    if secret is None:
        raise NotAMemberError
    return await _load_membership(secret, chat_id)


async def _load_membership(secret: Secret, chat_id: str) -> Membership:
    return Membership(
        secret, ChatId(chat_id), await current_services().store.view_chat(secret, ChatId(chat_id))
    )
