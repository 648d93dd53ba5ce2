"""Sends the new cookie of a session whose secret is renewed.

A redirect is the moment: it has no page with forms, which would belong to the old secret, and each
button that leaves a conversation is answered by one. A session that lost its last conversation
without a request, such as by being removed, gets its new cookie with the next redirect.
"""

from __future__ import annotations

from quart import Response, g

from server.core.ids import Secret
from server.web.services import current_services

from .cookies import replace_visitor, set_cookie, visitor

REDIRECT = 303


async def follow(secret: Secret) -> Secret | None:
    """Find the session to which a cookie leads that was renewed; the answer sets a new one."""
    issued = await current_services().store.follow_secret(secret)
    if issued is not None:
        g.issued = issued
        replace_visitor(issued)
    return issued


async def send_new_cookie(response: Response) -> Response:
    """Renew the secret if that is due, and set the cookie; called after every view."""
    if "set-cookie" in response.headers:  # a new session, or Panic
        return response
    secret = visitor()
    if secret is not None and response.status_code == REDIRECT:
        renewed = await current_services().store.renew_secret(secret)
        if renewed is not None:
            g.issued = renewed
            replace_visitor(renewed)
    if "issued" in g:
        set_cookie(response, g.issued)
    return response
