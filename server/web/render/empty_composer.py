"""The composer with nothing typed in it: what is fetched after each post.

It differs in two places from one member to the next, so it is rendered once for each language, and
these two are filled in. From the same template as any other composer.
"""

from __future__ import annotations

from dataclasses import dataclass

from server.core.ids import ChatId

from .composer_draft import Draft
from .pages import Pages

# Of a private use area: no page of ours has them.
_CHAT_ID, _TOKEN = "\ue000", "\ue001"


@dataclass(frozen=True, slots=True)
class _OpenChat:
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class _Anybody:
    """Stands for a member of an open conversation."""

    chat_id: str = _CHAT_ID
    chat: _OpenChat = _OpenChat()

    def composer_token(self) -> str:
        """Where theirs goes."""
        return _TOKEN


class EmptyComposer:
    """It in one language.

    Args:
        pages: in that language.
    """

    def __init__(self, pages: Pages) -> None:
        self._one_line, self._several = (
            pages.render("composer.html", member=_Anybody(), draft=Draft(several=lines), seen=None)
            for lines in (False, True)
        )

    def render(self, chat_id: ChatId, token: str, *, several: bool) -> str:
        """Fill in whose it is.

        Args:
            chat_id: of base64url, as the token is: nothing in them is to be escaped.
            token: the composer's.
            several: whether the field has several lines.
        """
        page = self._several if several else self._one_line
        return page.replace(_CHAT_ID, chat_id).replace(_TOKEN, token)
