"""The session cookie: the only state that the service keeps in a visitor's browser."""

from __future__ import annotations

from typing import cast

from quart import Response, g, request

from server.core.ids import Handle, Secret
from server.web.dull_page import is_conversation

from .caller import COOKIE as NAME
from .caller import Caller, current_caller

FIRST_FORM_PAGES = frozenset({"/", "/pair", "/rooms", "/rooms/new", "/invite"})
"""Pages with a form that may be the visitor's first, and so start the session."""

_NOT_READ = object()

_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict"


def visitor() -> Secret | None:
    """Return the session secret in this request's cookie; its session may not exist any more."""
    secret = g.get("visitor", _NOT_READ)
    if secret is _NOT_READ:
        g.visitor = secret = current_caller().secret
    return cast(Secret | None, secret)


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
    return is_cookie_missing(request.path, current_caller())


def is_cookie_missing(path: str, caller: Caller) -> bool:
    """Check whether a request looks as if it follows a first form, and has no cookie.

    After Panic, Back requests a conversation without a cookie and with the `Referer` of then, too.
    It must find the dull page. A browser that ever had a session sends `Sec-Fetch-Site`.

    Args:
        path: the requested path.
        caller: the visitor.
    """
    if caller.has_cookie or _path_of(caller.referer) not in FIRST_FORM_PAGES:
        return False
    return caller.fetch_site is None if is_conversation(path) else path.startswith("/wait")


def _path_of(address: str) -> str:
    """Return the path in an absolute address; empty if it has none.

    Parsed by hand, because `urlsplit` caches the last 128 addresses that it has split.
    """
    address = address.partition("#")[0].partition("?")[0]
    _host, slash, path = address.partition("://")[2].partition("/")
    return slash + path
