"""Who asks, about which conversation: what every view of a chat begins with."""

from __future__ import annotations

from dataclasses import dataclass

from server.core.errors import NotAMemberError
from server.core.ids import ChatId, Secret
from server.store.base import ChatView

from .cookies import visitor
from .services import services


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

    def token(self, form: str) -> str:
        """The token of one of the forms about this conversation."""
        return services().tokens.form(self.secret.handle, form, self.chat_id)

    def composer_token(self) -> str:
        """A fresh token for the composer."""
        return services().tokens.composer(self.secret.handle, self.chat_id, self.chat.posts)


async def membership(chat_id: str) -> Membership:
    """The place of this request's visitor in the conversation of that id.

    Raises:
        NotAMemberError: alike for another's id, an old one, and one that never was.
    """
    secret = visitor()
    if secret is None:
        raise NotAMemberError
    return Membership(secret, ChatId(chat_id), await services().store.chat(secret, ChatId(chat_id)))
