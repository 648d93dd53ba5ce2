"""Who may come in now: a visitor without a session gets the closed page at every entrance.

One question before the views, so that no view has to ask it. The store asks once more when it opens
a session.
"""

from __future__ import annotations

from quart import Response, g, request

from server.core.errors import NotAdmittedError
from server.web.render.rough import rough_time
from server.web.services import current_services

from .edge.error_pages import on_visitor_error
from .edge.responses import page

ENTRANCES = frozenset(
    {
        *("door.index", "door.pair", "door.ask"),
        *("rooms.listing", "rooms.join", "private.blank", "private.open_room", "private.invite"),
    }
)
"""Endpoints that lead into a conversation. Every other page stays readable; Panic always works, and
the URL of a conversation shows the dull page, which does not say what kind of site this is."""

CLOSED = 503

MIN_RETRY_S = 60
"""The closed page asks nobody to come back sooner."""


async def check_entrance() -> None:
    """Look up who may come in, for the pages too, and refuse somebody new while nobody may.

    Raises:
        NotAdmittedError: if this is an entrance, and the visitor has no session.
    """
    g.admission = await current_services().store.admission()
    if not (g.admission.admits or g.is_known) and request.endpoint in ENTRANCES:
        raise NotAdmittedError


async def on_not_admitted(error: NotAdmittedError) -> Response:
    """Answer somebody new with the closed page: why, until when about, and what stays readable."""
    if g.is_known:
        return await on_visitor_error(error)
    services = current_services()
    admission = await services.store.admission()
    g.refusal = None
    response = page(
        "closed.html",
        CLOSED,
        admission=admission,
        opens_in=rough_time(admission.opens_in_s, services.language),
        others=services.other_languages,
    )
    response.headers["retry-after"] = str(max(MIN_RETRY_S, admission.opens_in_s))
    return response
