"""What the header fields of a request say about its visitor; read once for each request."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import cast

from quart import request
from werkzeug.http import parse_cookie

from server.core.ids import Secret
from server.http.asgi import Scope

from .gateways import shows_gateway

COOKIE = "__Host-s"
"""The name of the session cookie."""

_COOKIE_NAME = COOKIE.encode()
_COOKIE_ALONE = re.compile(_COOKIE_NAME + rb"=([\w-]{43})", re.A)
"""What a browser sends that has no other cookie: nearly every one."""

CALLER = "sottovoce.caller"
"""Names it in `scope["extensions"]`."""


@dataclass(frozen=True, slots=True)
class Caller:
    """The visitor of one request, as their browser shows them."""

    is_via_gateway: bool
    """Whether the request came through a detectable gateway."""

    has_cookie: bool
    """Whether it has our cookie, whatever the value."""

    secret: Secret | None = field(repr=False)
    """The secret in our cookie; its session may not exist any more. A cookie that came through a
    gateway is ignored, because the gateway has read it: no request of a gateway may touch a
    session."""

    referer: str = field(repr=False)
    """The `Referer` field; empty if there is none."""

    fetch_site: str | None = None
    """The `Sec-Fetch-Site` field. A browser sends it only to places that it counts as secure, and
    so keeps our cookie, unless cookies are switched off. Source: Fetch Metadata."""

    @property
    def comes_from_elsewhere(self) -> bool:
        """Whether the browser says that no page of ours led here."""
        return self.fetch_site not in (None, "same-origin")


def caller_of(scope: Scope) -> Caller:
    """Return the visitor of a request; its fields are read at the first call."""
    extensions = scope["extensions"]
    caller = extensions.get(CALLER)
    if caller is None:
        caller = extensions[CALLER] = _read(scope["headers"])
    return cast(Caller, caller)


def current_caller() -> Caller:
    """Return the visitor of the request that the application handles now."""
    return caller_of(cast(Scope, request.scope))


def _read(headers: Sequence[tuple[bytes, bytes]]) -> Caller:
    fields = [(name.lower(), value) for name, value in headers]
    first = dict(reversed(fields))
    is_via_gateway = shows_gateway(fields, first)
    value = None
    if b"cookie" in first:
        value = _cookie_value(b";".join([value for name, value in fields if name == b"cookie"]))
    return Caller(
        is_via_gateway=is_via_gateway,
        has_cookie=value is not None,
        secret=None if is_via_gateway else Secret.from_cookie(value),
        referer=_text(first.get(b"referer")) or "",
        fetch_site=_text(first.get(b"sec-fetch-site")),
    )


def _text(value: bytes | None) -> str | None:
    return None if value is None else value.decode("latin-1")


def _cookie_value(joined: bytes) -> str | None:
    """Return the value of our cookie in the `Cookie` fields of a request; `None` if it has none.

    Fields that are not UTF-8 have none: no browser sends that.
    """
    alone = _COOKIE_ALONE.fullmatch(joined)
    if alone is not None:
        return alone[1].decode("ascii")
    if _COOKIE_NAME not in joined:
        return None
    try:
        return parse_cookie(joined.decode("latin-1")).get(COOKIE)
    except UnicodeError:
        return None
