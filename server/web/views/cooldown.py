"""Pages for a visitor who left one conversation and cannot have another one immediately."""

from __future__ import annotations

import math

from quart import Response

from server.core.errors import CooldownError, ServerFullError
from server.core.ids import Secret
from server.web.edge.error_pages import FAILURES, cooldown_sentence
from server.web.edge.responses import page
from server.web.services import current_services

GO_ON = "go-on"
"""The form that requests a match again with the last preferences."""


def cooldown_page(error: CooldownError, secret: Secret) -> Response:
    """Build the page after too many matches in a short time: a pause, then a button."""
    sentence = cooldown_sentence(error, current_services().language)
    response = _page(429, sentence, secret)
    response.headers["retry-after"] = str(math.ceil(error.pause_s))
    return response


def full_page(secret: Secret) -> Response:
    """Build the page for a full queue."""
    failure = FAILURES[ServerFullError]
    return _page(failure.status, current_services().language.gettext(failure.sentence), secret)


def _page(status: int, sentence: str, secret: Secret) -> Response:
    token = current_services().tokens.form(secret.handle, GO_ON)
    return page("rest.html", status, sentence=sentence, token=token)
