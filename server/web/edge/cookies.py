"""The session cookie: the only state that the service keeps in a visitor's browser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from quart import Response, g, request
from werkzeug.http import parse_cookie

from server.core.ids import Secret

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
        g.visitor = Secret.from_cookie(_own_cookie()) if is_direct else None
    return cast(Secret | None, g.visitor)


def cookie_value(lines: Sequence[str]) -> str | None:
    """Return the value of our cookie in the `Cookie` fields of a request; `None` if it has none.

    Fields that are not UTF-8 have none: no browser sends that.
    """
    joined = ";".join(lines)
    if NAME not in joined:
        return None
    try:
        return parse_cookie(joined).get(NAME)
    except UnicodeError:
        return None


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
    return is_after_first_form(request.path, _referer_path()) and _own_cookie() is None


def is_after_first_form(path: str, referer_path: str) -> bool:
    """Check whether a request looks as if it follows a first form.

    Args:
        path: the requested path.
        referer_path: the path of the page that the visitor came from.
    """
    return path.startswith(("/wait", "/chat/", "/knock/")) and referer_path in FIRST_FORM_PAGES


def path_of_address(address: str) -> str:
    """Return the path in an absolute address; empty if it has none.

    Parsed by hand, because `urlsplit` caches the last 128 addresses that it has split.
    """
    address = address.partition("#")[0].partition("?")[0]
    _host, slash, path = address.partition("://")[2].partition("/")
    return slash + path


def _referer_path() -> str:
    """Return the path of the page that the visitor came from."""
    return path_of_address(request.headers.get("referer", ""))


def _own_cookie() -> str | None:
    return cookie_value(request.headers.getlist("cookie"))
