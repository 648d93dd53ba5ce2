"""The session cookie: the only thing that a visitor's browser holds for us."""

from __future__ import annotations

from quart import Response, request

from server.core.ids import Secret

NAME = "__Host-s"
_ATTRIBUTES = "Path=/; Secure; HttpOnly; SameSite=Strict"


def visitor() -> Secret | None:
    """The secret that this request brings, if it brings one; it need not be known."""
    return Secret.from_cookie(request.cookies.get(NAME))


def set_cookie(response: Response, secret: Secret) -> None:
    """Give the browser its session. It ends with the browser: no expiry is named."""
    response.headers.add("set-cookie", f"{NAME}={secret.to_cookie()}; {_ATTRIBUTES}")
