"""The prerendered empty composer, which browsers fetch after each post.

Only three values differ between members, so it is rendered once per language from the ordinary
template, with placeholders, and the values are substituted.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from markupsafe import Markup

from server.core.ids import ChatId

from .composer_draft import Draft
from .pages import Pages

# Code points of the private use area: they occur on no page.
_CHAT_ID, _TOKEN, _WRITERS = "\ue000", "\ue001", "\ue002"


@dataclass(frozen=True, slots=True)
class _OpenChat:
    is_open: bool = True


@dataclass(frozen=True, slots=True)
class _PlaceholderMember:
    """Stands in for a `Membership` in an open conversation."""

    chat_id: str = _CHAT_ID
    chat: _OpenChat = _OpenChat()
    mentions: Mapping[int, str] = field(default_factory=dict)

    def composer_token(self) -> str:
        """Return the placeholder of the token."""
        return _TOKEN

    def writer_buttons(self, _text: str) -> str:
        """Return the placeholder of the names."""
        return _WRITERS


class EmptyComposer:
    """The empty composer in one language, single-line and multi-line.

    Args:
        pages: the pages in that language.
    """

    def __init__(self, pages: Pages) -> None:
        self._one_line, self._several = (
            pages.render(
                "composer.html",
                member=_PlaceholderMember(),
                draft=Draft(several=several),
                seen=None,
            )
            for several in (False, True)
        )

    def render(self, chat_id: ChatId, token: str, writers: Markup, *, several: bool) -> str:
        """Fill in a member's values.

        Args:
            chat_id: base64url like the token, so neither needs escaping.
            token: the single-use token of this composer.
            writers: the buttons with the names of those who wrote last.
            several: whether the field is multi-line.
        """
        page = self._several if several else self._one_line
        return page.replace(_CHAT_ID, chat_id).replace(_TOKEN, token).replace(_WRITERS, writers)
