"""Forms that may be a visitor's first: the first accepted post makes the session."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from quart import Response

from server.core.errors import VisitorError
from server.core.ids import Secret
from server.web.services import current_services

from .cookies import set_cookie, visitor
from .gateways import GatewayError
from .request_language import of_url


def first_token(form: str, subject: str = "") -> str:
    """The token of a form for this request's visitor, who may have no session yet."""
    tokens, secret = current_services().tokens, visitor()
    return tokens.door(form) if secret is None else tokens.form(secret.handle, form, subject)


def is_first(token: str, form: str, subject: str = "") -> bool:
    """Whether the form came from here; one shown before the session began is good for an hour.

    Raises:
        GatewayError: if a gateway took its token for an onion address, and rewrote it.
    """
    tokens, secret = current_services().tokens, visitor()
    handle = None if secret is None else secret.handle
    if tokens.is_rewritten_door(token, form):
        raise GatewayError
    return tokens.is_form(token, handle, form, subject) or tokens.is_door(token, form)


async def with_session(act: Callable[[Secret], Awaitable[Response]]) -> Response:
    """Do something that needs a session, and answer with what came of it.

    A session that is made for it is forgotten again when it is refused: nothing was begun.

    Args:
        act: is given the visitor's secret, and answers.
    """
    services, secret = current_services(), visitor()
    if secret is not None and await services.store.is_known(secret):
        chosen = of_url()
        if chosen is not None:
            # Whoever changes the language at the door goes on in it.
            await services.store.set_language(secret, chosen)
        return await act(secret)
    secret = await services.store.open_session()
    await services.store.set_language(secret, services.language.code)
    try:
        response = await act(secret)
    except VisitorError:
        await services.store.forget(secret)
        raise
    set_cookie(response, secret)
    return response
