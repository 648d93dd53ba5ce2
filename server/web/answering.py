"""Answers one request: as Quart does it, with less for what every request needs.

A stream goes the fast way, where whoever serves offers it: its connection is handed over to it when
the head is sent, see `server/handover.py`. Elsewhere it goes the slow way, see `livebody.py`.
"""

from __future__ import annotations

from typing import cast

from hypercorn.typing import ASGISendCallable, HTTPResponseStartEvent
from quart.asgi import ASGIHTTPConnection
from quart.typing import ResponseTypes
from quart.utils import encode_headers

from server.handover import EXTENSION, HandOver

from .livebody import LiveBody


class Answering(ASGIHTTPConnection):
    """One request of the application, and its answer."""

    async def _send_response(self, send: ASGISendCallable, response: ResponseTypes) -> None:
        body = response.response
        hand_over = cast(HandOver | None, self.scope["extensions"].get(EXTENSION))
        if hand_over is None or not isinstance(body, LiveBody):
            await super()._send_response(send, response)
            return
        start = {
            "type": "http.response.start",
            "status": response.status_code,
            "headers": encode_headers(response.headers),
        }
        await send(cast(HTTPResponseStartEvent, start))
        try:
            await body.live.open()
        except BaseException:
            body.live.lost()
            raise
        hand_over(body.live)
