"""Visitors that record everything they send and receive."""

from __future__ import annotations

from collections.abc import Mapping
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlencode

from server.demo.text_browser import Connect, Reply, TextBrowser

from .needles import Needles
from .server_process import ANSWER_S, ServerProcess


def marked_headers(needles: Needles) -> dict[str, str]:
    """Return unique headers that a browser sends with every request."""
    return {
        "user-agent": f"Mozilla/5.0 ({needles.mark('user agent')})",
        "accept-language": needles.mark("language"),
        "referer": f"http://sottovoce/{needles.mark('referer')}",
    }


class Witness(TextBrowser):
    """A text browser that records its answers.

    Args:
        connect: opens a stream to the server.
        needles: records what the browser receives.
        host: the value of the `Host` header.
        headers: sent with every request.
    """

    def __init__(
        self,
        connect: Connect,
        needles: Needles,
        host: str = "sottovoce",
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(connect, host, headers)
        self._needles = needles

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Send one request, read the whole answer and record it."""
        return self._needles.learn(await super().request(method, path, body, headers))


class QuickWitness(HTTPConnection):
    """A visitor with one persistent connection on a named circuit; follows no redirect.

    Args:
        server: the server to connect to.
        needles: records the circuit and what the visitor receives.
        headers: sent with every request.
    """

    def __init__(self, server: ServerProcess, needles: Needles, headers: Mapping[str, str]) -> None:
        super().__init__("sottovoce", timeout=ANSWER_S)
        self._server, self._needles, self._headers = server, needles, dict(headers)

    def connect(self) -> None:
        """Open the connection; the first request calls it."""
        self.sock: Any = self._server.open_connection()
        self.sock.sendall(self._needles.circuit())

    def ask(self, method: str, path: str, **fields: str) -> Reply:
        """Send a request, with these fields as its form, and read the whole answer."""
        self.request(method, path, urlencode(fields).encode() if fields else None, self._headers)
        with self.getresponse() as answer:
            headers = {name.lower(): value for name, value in answer.getheaders()}
            reply = self._needles.learn(Reply(path, answer.status, headers, answer.read()))
        if "set-cookie" in headers:
            self._headers["cookie"] = headers["set-cookie"].partition(";")[0]
        return reply

    def token(self, path: str) -> str:
        """Return the token of the first form on a page."""
        _, _, rest = self.ask("GET", path).body.partition(b"name=token value=")
        return rest.partition(b">")[0].decode()
