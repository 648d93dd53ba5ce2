"""A response that is made once and sent often, so that its head is checked once.

h11 checks each field of a head that it sends; for a page that is ready that takes longer than all
else that is left to do. The checked head is an event of h11, which does not change and may be sent
any number of times. Everything else about a response, such as whether the connection stays open
after it, h11 still decides when it is sent.
"""

from __future__ import annotations

from collections.abc import Sequence

import h11


class ReadyResponse:
    """A whole response with a short body.

    Args:
        status: the status code.
        headers: all of its header fields, names in lower case; one is the length of the body.
        body: sent in one piece, and not at all if the request is a HEAD.
    """

    __slots__ = ("body", "head")

    def __init__(self, status: int, headers: Sequence[tuple[bytes, bytes]], body: bytes) -> None:
        self.head = h11.Response(status_code=status, headers=list(headers))
        self.body = h11.Data(data=body)

    def last_head(self) -> h11.Response:
        """The head of the last response on a connection."""
        fields = [*self.head.headers, (b"connection", b"close")]
        return h11.Response(status_code=self.head.status_code, headers=fields)
