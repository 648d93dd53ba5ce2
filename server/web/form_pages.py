"""From which page each form comes: a refused form leads back to it."""

from __future__ import annotations

from collections.abc import Mapping

from quart import g, request

from server.core.ids import ChatId

from .edge.cookies import visitor
from .services import current_services

NOWHERE = "/over"
"""The page for a session that is not, or no longer, in the conversation of a form. The same for an
id of somebody else and for one that never was."""

PAUSE = "/wait/pause"
"""The page for a visitor who left one conversation and cannot have another one immediately."""

_PEOPLE = "/chat/{chat_id}/people"

FORM_PAGES: Mapping[str, str] = {
    "door.ask": "/pair",
    "door.choose_language": "/",
    "rooms.join": "/rooms",
    "private.invite": "/rooms",
    "private.open_room": "/rooms/new",
    "private.here": "/knock/{chat_id}",
    "private.stop": "/knock/{chat_id}",
    "chat.leave": "/chat/{chat_id}",
    "chat.next_one": "/chat/{chat_id}",
    "chat.never": "/chat/{chat_id}",
    # In the upper frame: a page with a link to the stream.
    "chat.here": "/chat/{chat_id}/moved",
    "chat.again": _PEOPLE,
    "composer.post": "/chat/{chat_id}/composer",
    "people.mute": _PEOPLE,
    "people.side_chat": _PEOPLE,
    "people.delete": _PEOPLE,
    "host.act": _PEOPLE,
    "host.invite": _PEOPLE,
    "mine.choose_time": "/mine",
    "mine.choose_steady": "/mine",
    "mine.choose_title": "/mine",
    "wait.here": "/wait",
    "wait.cancel": "/wait",
    "wait.waive_language": "/wait",
    "wait.go_on": PAUSE,
}
"""Endpoint of a form -> path of its page. A test walks the routes to see that none is missing."""


async def form_page() -> str:
    """Return the path of the page that this request's form came from."""
    chat_id = (request.view_args or {}).get("chat_id")
    if chat_id is not None and not await _is_there(ChatId(chat_id)):
        return NOWHERE
    # A path without a route has no form; its answer is an error of its own.
    return FORM_PAGES.get(request.endpoint or "", "/").format(chat_id=chat_id)


async def _is_there(chat_id: ChatId) -> bool:
    """Whether the visitor is in this conversation, or knocks at it."""
    secret, store = visitor(), current_services().store
    return secret is not None and g.is_known and await store.is_there(secret, chat_id)
