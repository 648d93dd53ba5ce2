"""Whether the visitor of a request has closed the connection meanwhile."""

from __future__ import annotations

from typing import cast

from quart import request

from server.http.asgi import EXTENSION, ConnectionExtension


def has_disconnected() -> bool:
    """Check whether nobody can receive the response to this request, whose body was read."""
    connection = cast(ConnectionExtension, request.scope["extensions"][EXTENSION])
    return bool(connection.has_message())
