"""The page for a visitor who left one conversation and cannot have another one immediately."""

from __future__ import annotations

from quart import Response

from server.core.errors import (
    CooldownError,
    NotAMemberError,
    NothingBeginsError,
    ServerFullError,
)
from server.web.edge.cookies import visitor
from server.web.edge.error_pages import refusal_of
from server.web.edge.responses import page
from server.web.form_pages import PAUSE
from server.web.refusals import refuse
from server.web.services import current_services

GO_ON = "go-on"
"""The form that requests a match again with the last preferences."""


async def refuse_match(error: CooldownError | ServerFullError | NothingBeginsError) -> Response:
    """Lead to the page that says why there is no match now, and has a button to go on."""
    return await refuse(PAUSE, refusal_of(error, at=GO_ON), pause_page)


async def pause_page() -> Response:
    """Show the page after too many matches in a short time, or for a full queue."""
    secret = visitor()
    if secret is None:
        raise NotAMemberError
    return page("rest.html", token=current_services().tokens.form(secret.handle, GO_ON))
