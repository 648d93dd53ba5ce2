"""The yardsticks between Hypercorn and the server: Quart with two views that do nothing.

One reads a form and answers `303`, one sends a page of a composer's size. It is served as the real
server is, once with the server's own request handling (`server/web/request_handling.py`) and once
with Quart's: the difference is what our own saves.

    python -m bench.bare_quart lean|whole SOCKET
"""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from quart import Quart, Response, request

from server.http.listener import serve_http
from server.process.sockets import listening_on
from server.web.edge.headers import EVERYWHERE, HTML_TYPE, NO_STORE
from server.web.request_handling import RequestHandler

HEADERS = {**EVERYWHERE, **NO_STORE}
PAGE = "x" * 850
"""As many bytes as an empty composer."""


class Lean(Quart):
    """Handles requests as the server does."""

    asgi_http_class = RequestHandler  # type: ignore[assignment]


def make_app(kind: type[Quart]) -> Quart:
    """An application of two views."""
    app = kind("bench", static_folder=None, template_folder=None)

    @app.post("/chat/<chat_id>/messages")
    async def post(chat_id: str) -> Response:
        await request.get_data()
        return Response(b"", 303, {**HEADERS, "location": f"/chat/{chat_id}/composer"})

    @app.get("/")
    async def composer() -> Response:
        return Response(PAGE, 200, HEADERS, content_type=HTML_TYPE)

    return app


def main(kind: str, socket: str) -> None:
    """Serve until killed."""
    app = make_app({"lean": Lean, "whole": Quart}[kind])
    with listening_on(Path(socket)) as listening:
        print("ready", flush=True)
        asyncio.run(serve_http(app, listening, asyncio.Event()))


if __name__ == "__main__":
    main(*sys.argv[1:])
