"""The session cookie: the only state that the service keeps in a visitor's browser."""

from __future__ import annotations

from typing import cast

from quart import Response, g, request

from server.core.ids import Handle, Secret

from . import gateways

NAME = "__Host-s"
FIRST_FORM_PAGES = frozenset({"/", "/pair", "/rooms", "/rooms/new", "/invite"})
"""Pages with a form that may be the visitor's first, and so start the session."""

_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict"


def visitor() -> Secret | None:
    """Return the session secret in this request's cookie; its session may not exist any more.

    A cookie that came through a gateway is ignored, because the gateway has read it: no request
    of a gateway may touch a session. Evaluated once per request.
    """
    if "visitor" not in g:
        is_direct = not gateways.is_via_gateway()
        g.visitor = Secret.from_cookie(request.cookies.get(NAME)) if is_direct else None
    return cast(Secret | None, g.visitor)


def replace_visitor(secret: Secret) -> None:
    """Let `visitor` return another secret from now on: that of the same session, renewed."""
    sent = visitor()
    g.former_handles = [*g.get("former_handles", ()), *([] if sent is None else [sent.handle])]
    g.visitor = secret


def form_handles() -> list[Handle]:
    """Return the handles to which the token of a form in this request may belong.

    Beside the session's own, the handle of the cookie that the browser has sent: its page is older
    than the new cookie, which may be on its way.
    """
    secret = visitor()
    return [] if secret is None else [secret.handle, *g.get("former_handles", ())]


def set_cookie(response: Response, secret: Secret) -> None:
    """Set the session cookie. Without an expiry date, so it ends with the browser."""
    response.headers.add("set-cookie", f"{NAME}={secret.to_cookie()}; {_ATTRIBUTES}")


def expire_cookie(response: Response) -> None:
    """Make the browser delete the session cookie."""
    response.headers.add("set-cookie", f"{NAME}=; {_ATTRIBUTES}; Max-Age=0")


def was_cookie_refused() -> bool:
    """Check whether this request follows a first form, but the new cookie did not come back.

    A first form redirects to `/wait` or to a conversation, which both turn away visitors without
    a cookie. Through the redirect the browser still sends the form's page as `Referer`. Before a
    session exists no link on these pages leads to either place, so the visitor pressed a button.
    """
    follows_form = request.path.startswith(("/wait", "/chat/", "/knock/"))
    return follows_form and NAME not in request.cookies and _referer_path() in FIRST_FORM_PAGES


def _referer_path() -> str:
    """Return the path of the page that the visitor came from.

    Parsed by hand, because `urlsplit` caches the last 128 addresses that it has split.
    """
    address = request.headers.get("referer", "").partition("#")[0].partition("?")[0]
    _host, slash, path = address.partition("://")[2].partition("/")
    return slash + path
