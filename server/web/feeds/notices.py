"""Renders what is for one reader alone, and stands in no conversation: asked, told, elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from server.core.errors import NotAMemberError
from server.core.ids import Secret
from server.core.session.lifetime import LifetimeNotice
from server.locales.language import Language, mark
from server.store.contract.chat import Store
from server.store.contract.rooms import ChatLabel
from server.store.contract.session import LifetimeView
from server.stream.subscription import OtherChatEvent, OtherChatNotice
from server.web.services import Services

from .chat_labels import ChatNamer, place_names

HERE = "here"
"""The form that answers."""

SENTENCES: Mapping[LifetimeNotice, str] = {
    LifetimeNotice.STILL_THERE: mark(
        "Still there? You have not sent or pressed anything for a while. Press “I am here” or send"
        " something. Otherwise this server forgets your session in five minutes at most. Reload and"
        " Reconnect do not count."
    ),
    LifetimeNotice.ENDS_SOON: mark(
        "Your session has lasted nearly twelve hours. It ends by itself in ten minutes at most, and"
        " then you leave every conversation."
    ),
    LifetimeNotice.OWN_LIMIT: mark("You have reached the limit that you set."),
}

_ELSEWHERE: Mapping[OtherChatEvent, str] = {
    OtherChatEvent.SAID: mark("New messages elsewhere: %(place)s."),
    OtherChatEvent.FOUND: mark("Somebody is here for you and waits one minute: %(place)s."),
    OtherChatEvent.BEGUN: mark("Your private talk has begun: %(place)s."),
}


@dataclass(frozen=True, slots=True)
class Here:
    """The form with which somebody answers that they are still there."""

    action: str
    token: str
    after: int | None = None
    """The place up to which they have read, where they go on."""

    every: int = 0
    """Seconds after which the page reloads itself to which they go back."""

    steady: int | None = None
    """How steady the stream is, if its URL says so."""


def due(lifetime: LifetimeView, *, asks: bool) -> list[tuple[LifetimeNotice, str]]:
    """What a page says to its reader of their own time.

    Args:
        lifetime: theirs.
        asks: whether the question is among it: on a page that comes without a press.
    """
    told = [told for told in LifetimeNotice if told in lifetime.due_notices]
    return [
        (kind, SENTENCES[kind]) for kind in told if asks or kind is not LifetimeNotice.STILL_THERE
    ]


def render_told(told: LifetimeNotice, language: Language, still_form: str) -> str:
    """Render what is told of one's own time.

    Args:
        told: what.
        language: of the sentence.
        still_form: the form with which somebody answers that they are still there; HTML.
    """
    sentence = escape(language.gettext(SENTENCES[told]))
    form = still_form if told is LifetimeNotice.STILL_THERE else ""
    return f"<div class=w role=alert>{sentence}{form}</div>"


async def render_news(
    store: Store, secret: Secret, news: OtherChatNotice, place_name: ChatNamer
) -> str:
    """Render what happened in another conversation, with a link there.

    Args:
        store: what knows the other conversation.
        secret: the reader's: a private room's title opens with it alone.
        news: what happened.
        place_name: how conversations are called, in the reader's language.

    Returns:
        A paragraph; empty if the reader sits there no more.
    """
    try:
        place = await store.chat_label(secret, news.chat_id)
    except NotAMemberError:
        return ""
    sentence = escape(place_name.language.gettext(_ELSEWHERE[news.what]))
    return f"<p class=w>{sentence % {'place': _link(place, place_name)}}</p>"


async def render_elsewhere(
    told: Sequence[OtherChatNotice], secret: Secret, services: Services
) -> Markup:
    """Render what a page of one conversation says of the reader's others."""
    names = place_names(services)
    lines = [await render_news(services.store, secret, news, names) for news in told]
    return Markup("\n".join(filter(None, lines)))  # noqa: S704 escaped there


def _link(place: ChatLabel, place_name: ChatNamer) -> str:
    name = escape(place_name.of(place))
    return f"<a href=/chat/{place.chat_id} target=_top dir=auto>{name}</a>"
