"""Answers a refused form with the page that it came from: a form never gets a page of its own.

Otherwise a reload would send the form again, and Back would lead to an expired page. What a session
may know of its refusal is kept for it (see `core/session/kept.py`), and `303` leads to the page
with a query that names it. That page shows one sentence, and what was typed, for some minutes;
every other page, and the same page without the query, shows an empty form. The page has the status
of the refusal. Without a session there is nowhere to keep anything: then the page comes at once.

A browser keeps an entry of its history for each URL that a frame had. So a form in a frame leads to
the URL that the frame has, without the query, and the frame shows what is kept until a message is
accepted: otherwise Back would lead to words that were sent long ago.

A form on a page from elsewhere keeps nothing either: its words are not the visitor's, and would
stand in a field that one press sends.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import cast

from quart import Response, g, request

from server.core.errors import ServerFullError, SessionUnknownError
from server.core.limits import MAX_KEPT_BYTES

from .edge.cookies import visitor
from .edge.forms import Form, is_own_post
from .edge.responses import see_other
from .services import current_services

PARAM = "kept"
"""The query parameter that names what is kept."""

FRAMED = "/composer"
"""The end of the path of the page in the lower frame."""

LENGTH_BYTES = 4
HEAD = 6
"""Texts before the names and values of the fields."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why a form was refused, and what stood in it."""

    code: str
    """The kind of problem, for `data-problem`; empty if it is none, and the words are only kept."""

    status: int
    sentence: str
    """In the visitor's language."""

    at: str = ""
    """The field that it speaks of; empty for the whole page."""

    form: Form = field(default_factory=lambda: Form([]), repr=False)
    wait_s: int = 0
    """Seconds until the same may be asked again; 0 if waiting does not help."""


def current_refusal() -> Refusal | None:
    """Return the refusal that the page of this request shows."""
    return cast(Refusal | None, g.get("refusal"))


async def refuse(
    path: str, refusal: Refusal, show: Callable[[], Awaitable[Response]], fragment: str = ""
) -> Response:
    """Keep a refusal and redirect to the page that shows it; without a session, show it at once.

    Args:
        path: of that page, maybe with a query.
        refusal: what it shows.
        show: renders that page, with `current_refusal`.
        fragment: the place on the page.
    """
    kept_id = await _keep(path.partition("?")[0], refusal)
    if kept_id is None:
        g.refusal = refusal
        return await show()
    if _is_in_frame(path.partition("?")[0]):
        return see_other(f"{path}{fragment}")
    return see_other(f"{path}{'&' if '?' in path else '?'}{PARAM}={kept_id}{fragment}")


async def load() -> None:
    """Find the refusal that a request names in its query; called before every view."""
    is_named, secret = f"{PARAM}=".encode() in request.query_string, visitor()
    if request.method == "POST" or secret is None or not g.is_known:
        return
    if not is_named and not _is_in_frame(request.path):
        return
    kept_id = request.args.get(PARAM, "") if is_named else None
    words = await current_services().store.kept_form(secret, kept_id)
    if words is None:
        return
    place, refusal = _unpack(words)
    if place == request.path:
        g.refusal = refusal


def _is_in_frame(path: str) -> bool:
    """Whether the answer to this request stands in the frame of the composer.

    Source: Fetch Metadata. A browser that does not send it gets the query.
    """
    return path.endswith(FRAMED) and request.headers.get("sec-fetch-dest") == "iframe"


async def _keep(place: str, refusal: Refusal) -> str | None:
    """Keep a refusal for the page on this path; `None` if there is nowhere to keep it."""
    secret = visitor()
    if secret is None or not g.is_known or not is_own_post():
        return None
    words = _pack(place, refusal, refusal.form.pairs())
    if len(words) >= MAX_KEPT_BYTES:
        words = _pack(place, refusal, [])
    with suppress(SessionUnknownError, ServerFullError):
        return await current_services().store.keep_form(secret, words)
    return None


def _pack(place: str, refusal: Refusal, pairs: list[tuple[str, str]]) -> bytes:
    """Write texts with their lengths: six about the refusal, then the fields."""
    numbers = str(refusal.status), str(refusal.wait_s)
    texts = [place, refusal.code, *numbers, refusal.sentence, refusal.at]
    texts += [*(text for pair in pairs for text in pair if pair[0] != "token")]
    raw = [text.encode("utf-8", "replace") for text in texts]
    return b"".join(len(part).to_bytes(LENGTH_BYTES, "big") + part for part in raw)


def _unpack(words: bytes) -> tuple[str, Refusal]:
    texts, start = [], 0
    while start < len(words):
        begin = start + LENGTH_BYTES
        start = begin + int.from_bytes(words[start:begin], "big")
        texts.append(words[begin:start].decode())
    place, code, status, wait_s, sentence, at = texts[:HEAD]
    form = Form(list(zip(texts[HEAD::2], texts[HEAD + 1 :: 2], strict=True)))
    return place, Refusal(code, int(status), sentence, at, form, int(wait_s))
