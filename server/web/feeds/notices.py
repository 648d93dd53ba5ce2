"""Renders notices: of the reader's session, of requests to them, of their other conversations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from markupsafe import Markup

from server.core.errors import NotAMemberError
from server.core.ids import Secret
from server.core.room.requests import RequestKind
from server.core.session.lifetime import LifetimeNotice
from server.locales.language import Language, mark
from server.store.contract.chat import Store
from server.store.contract.rooms import ChatLabel, MemberRequest
from server.store.contract.session import LifetimeView
from server.stream.subscription import OtherChatEvent, OtherChatNotice
from server.web.services import Services

from .chat_labels import ChatNamer, chat_namer

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

_REQUESTS: Mapping[RequestKind, tuple[str, str]] = {
    RequestKind.KNOCK: ("knocked", mark("%(name)s knocks. To let them in, open “People”.")),
    RequestKind.SIDE_CHAT: (
        "asked",
        mark("%(name)s asks for a private talk. To accept, open “People”."),
    ),
}
"""Kind of request -> the value of `data-event`, and the sentence."""


@dataclass(frozen=True, slots=True)
class Here:
    """The form with which a visitor answers the question whether they are still there."""

    action: str
    token: str
    after: int | None = None
    """The cursor of the page that the visitor returns to."""

    every: int = 0
    """Reload interval in seconds of the page that the visitor returns to; 0 for none."""

    rate_in_url_s: int | None = None
    """Seconds between two cells, if the URL of the stream names them."""


def lifetime_sentences(
    lifetime: LifetimeView, *, with_question: bool
) -> list[tuple[LifetimeNotice, str]]:
    """Select the sentences of a page about the session of its reader.

    Args:
        lifetime: of the session.
        with_question: whether "still there?" is included: on pages that load themselves.
    """
    return [
        (notice, SENTENCES[notice])
        for notice in LifetimeNotice
        if notice in lifetime.due_notices
        and (with_question or notice is not LifetimeNotice.STILL_THERE)
    ]


def render_lifetime_notice(notice: LifetimeNotice, language: Language, still_form: str) -> str:
    """Render a notice about the session of the reader.

    Args:
        notice: which one.
        language: of the sentence.
        still_form: HTML of the form that answers the question "still there?".
    """
    sentence = escape(language.gettext(SENTENCES[notice]))
    form = still_form if notice is LifetimeNotice.STILL_THERE else ""
    return f"<div class=w role=alert>{sentence}{form}</div>"


def render_request(request: MemberRequest, language: Language) -> str:
    """Render what somebody asks of the reader alone. Unlike an entry, it has no `data-seq`."""
    event, sentence = _REQUESTS[request.kind]
    text = escape(language.gettext(sentence)) % {"name": f"<bdi>{escape(request.name)}</bdi>"}
    return f"<p class=w data-event={event}>{text}</p>"


async def render_other_chat_notice(
    store: Store, secret: Secret, notice: OtherChatNotice, namer: ChatNamer
) -> str:
    """Render what happened in another conversation, with a link there.

    Args:
        store: knows the other conversation.
        secret: of the reader; it opens the title of a private room.
        notice: what happened.
        namer: names conversations in the language of the reader.

    Returns:
        A paragraph; empty if the reader has left that conversation.
    """
    try:
        label = await store.chat_label(secret, notice.chat_id)
    except NotAMemberError:
        return ""
    sentence = escape(namer.language.gettext(_ELSEWHERE[notice.what]))
    return f"<p class=w>{sentence % {'place': _link(label, namer)}}</p>"


async def render_other_chat_notices(
    notices: Sequence[OtherChatNotice], secret: Secret, services: Services
) -> Markup:
    """Render what a page of one conversation shows of the others of its reader."""
    namer = chat_namer(services)
    lines = [
        await render_other_chat_notice(services.store, secret, notice, namer) for notice in notices
    ]
    return Markup("\n".join(filter(None, lines)))  # noqa: S704 escaped there


def _link(label: ChatLabel, namer: ChatNamer) -> str:
    name = escape(namer.of(label))
    return f"<a href=/chat/{label.chat_id} target=_top dir=auto>{name}</a>"
