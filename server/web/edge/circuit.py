"""The circuit of a request, by which places and time are shared."""

from __future__ import annotations

from typing import cast

from quart import request

from server.core.ids import CircuitKey
from server.http.asgi import EXTENSION, ConnectionExtension


def circuit_of_request() -> CircuitKey | None:
    """The circuit that this request came through; `None` where circuits are not known."""
    return cast(ConnectionExtension, request.scope["extensions"][EXTENSION]).circuit
