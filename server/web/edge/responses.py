"""Builds responses: a page or a redirect. Nearly every view returns one of them."""

from __future__ import annotations

from quart import Response, g

from server.locales.language import mark
from server.store.contract.admission import AdmissionView
from server.store.contract.matching import MatchState
from server.web.render.rough import rough_time
from server.web.services import current_services

from . import headers, request_language

RESTART = mark(
    "This server restarts, in %(time)s at the latest. Until then nothing new begins here. What was"
    " said in a conversation is gone after that."
)


def page(template: str, /, status: int = 200, **context: object) -> Response:
    """Render a template as a complete HTML document.

    A page that shows a refusal has its status; see `refusals.py`.
    """
    refusal = g.get("refusal")
    status = status if refusal is None else refusal.status
    body = current_services().pages.render(
        template,
        restart=_restart(),
        to=request_language.link,
        neutral=g.settings.neutral_titles,
        refusal=refusal,
        **context,
    )
    response = html(body, status)
    if refusal is not None and refusal.wait_s:
        response.headers["retry-after"] = str(refusal.wait_s)
    return response


def _restart() -> str:
    """Return what a page tells those inside of a restart that comes near; empty if none does."""
    admission: AdmissionView | None = g.get("admission")
    if admission is None or admission.restarts_in_s is None or not g.is_known:
        return ""
    language = current_services().language
    time = rough_time(admission.restarts_in_s, language)
    return language.gettext(RESTART) % {"time": time}


def html(body: str, status: int = 200) -> Response:
    """Wrap a document that is already rendered."""
    return Response(body, status, headers.NO_STORE, content_type=headers.HTML_TYPE)


class _Untyped(Response):
    """A response whose body has no type, because it is empty."""

    default_mimetype = None  # type: ignore[assignment]


def see_other(path: str) -> Response:
    """Redirect with `303` to a path of ours, so that a reload after a post posts nothing."""
    return _Untyped(b"", 303, {"location": path, **headers.NO_STORE})


def match_path(state: MatchState, otherwise: str) -> str:
    """Return the path of the pair that was found for a visitor, or `otherwise` if there is none."""
    return f"/chat/{state.chat_id}" if state.chat_id else otherwise
