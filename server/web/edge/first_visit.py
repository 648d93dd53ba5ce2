"""Forms that may be a visitor's first: the first accepted post creates the session."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from quart import Response, g

from server.core.errors import ServerFullError, VisitorError
from server.core.ids import Secret
from server.web.services import current_services

from .circuit import circuit_of_request
from .cookies import form_handles, set_cookie, visitor
from .disconnect import has_disconnected
from .gateways import GatewayError
from .request_language import language_in_url


def first_form_token(form: str, subject: str = "") -> str:
    """Return the token of a form for this request's visitor, who may have no session yet.

    A cookie that names no session makes no difference, so that all these visitors get one page.
    """
    tokens, secret = current_services().tokens, visitor()
    if secret is None or not g.is_known:
        return tokens.first_form(form)
    return tokens.form(secret.handle, form, subject)


def is_first_form_valid(token: str, form: str, subject: str = "") -> bool:
    """Check the token of a form that may be the first one.

    A form that was shown before the session began is valid for an hour, until the session begins:
    what a session does must not depend on a token that anybody can fetch. The caller shows the
    form again, with what was chosen and a token of the session, so that one more press works.

    Raises:
        GatewayError: if a gateway mistook the token for an onion address and rewrote it.
    """
    tokens = current_services().tokens
    if tokens.is_rewritten_first_form(token, form):
        raise GatewayError
    if True in [tokens.is_form(token, handle, form, subject) for handle in form_handles()]:
        return True
    return not g.is_known and tokens.is_first_form(token, form)


async def with_session(act: Callable[[Secret], Awaitable[Response]]) -> Response:
    """Run an action that needs a session, creating the session if there is none.

    A session that was created for an action that is then refused is forgotten again, and one whose
    visitor has closed the connection before the answer: its cookie could not reach them.

    Args:
        act: takes the visitor's secret and returns the response.
    """
    services, secret = current_services(), visitor()
    if secret is not None and await services.store.is_known(secret):
        chosen = language_in_url()
        if chosen is not None:
            # A language chosen in the URL of the form's page stays in force in the conversation.
            await services.store.set_language(secret, chosen)
        return await act(secret)
    secret = await services.store.open_session(circuit_of_request())
    await services.store.set_language(secret, services.language.code)
    try:
        response = await act(secret)
    except (VisitorError, asyncio.CancelledError):
        await services.store.forget_session(secret)
        raise
    if has_disconnected():
        await services.store.forget_session(secret)
        return response
    if not await services.store.is_known(secret):
        # It gave way to another session while it waited for a draw.
        raise ServerFullError
    set_cookie(response, secret)
    return response
