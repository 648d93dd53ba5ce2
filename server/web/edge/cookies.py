"""The session cookie: the only thing that a visitor's browser holds for us."""

from __future__ import annotations

from typing import cast

from quart import Response, g, request

from server.core.ids import Secret

from . import gateways

NAME = "__Host-s"
DOORS = frozenset({"/", "/pair", "/rooms", "/rooms/new", "/invite"})
"""Pages with a form that may be a visitor's first."""

_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict"


def visitor() -> Secret | None:
    """The secret that this request brings, if it brings one; it need not be known.

    One that a gateway has read is nobody's: whatever it asks for, no session is touched. Looked at
    once for each request.
    """
    if "visitor" not in g:
        is_ours = not gateways.is_seen()
        g.visitor = Secret.from_cookie(request.cookies.get(NAME)) if is_ours else None
    return cast(Secret | None, g.visitor)


def set_cookie(response: Response, secret: Secret) -> None:
    """Give the browser its session. It ends with the browser: no expiry is named."""
    response.headers.add("set-cookie", f"{NAME}={secret.to_cookie()}; {_ATTRIBUTES}")


def expire_cookie(response: Response) -> None:
    """Let the browser drop its session."""
    response.headers.add("set-cookie", f"{NAME}=; {_ATTRIBUTES}; Max-Age=0")


def was_refused() -> bool:
    """Whether this visit is the end of a press on a door whose cookie did not come back.

    The press leads to `/wait` or to a conversation, both of which turn away whoever brings no
    cookie; a browser keeps naming the page on which the button was pressed. No link on a door
    leads to either before there is a session, so only a button can have.
    """
    led_on = request.path.startswith(("/wait", "/chat/", "/knock/"))
    return led_on and NAME not in request.cookies and _came_from() in DOORS


def _came_from() -> str:
    """The path of the page on which something was pressed.

    By hand, because `urlsplit` keeps the last 128 addresses that it has split.
    """
    address = request.headers.get("referer", "").partition("#")[0].partition("?")[0]
    _host, slash, path = address.partition("://")[2].partition("/")
    return slash + path
