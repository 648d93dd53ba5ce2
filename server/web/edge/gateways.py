"""Gateways: who comes through one is turned away, because it reads everything that passes.

A gateway hands onion services out to ordinary browsers. It knows who asks, what is typed and what
comes back, and it can change all of that. It shows by what it does to a request, and what a
browser that comes through Tor by itself never does:

    adds      a field of its own, or one of a proxy before it (`NAMES`, `PREFIXES`)
    alters    `Accept-Encoding`: Tor2web asks for `chunked`, which is no content coding
    ends TLS  the browser says that it is on a page of ours and that this page came over https;
              none of ours does
    rewrites  onion addresses on a page; the token of a first form has the shape of one, and comes
              back as another (see `tokens.py`)

The first two show at the first request, the third at the second, the last at the first press. A
gateway that hides all four is not seen: what it cannot be kept from doing, this does not prevent.

Source: Tor2web, `process_request` of t2w.py, which sets `Accept-Encoding`, and in its version for
Python 3 no `X-Tor2web` any more; SecureDrop, issues 6290 and 6293; RFC 7239 (Forwarded), RFC 9110
(Via, content codings), RFC 8586 (CDN-Loop); Fetch Metadata.
"""

from __future__ import annotations

from quart import g, request
from werkzeug.datastructures import Headers

NAMES = frozenset({"x-tor2web", "forwarded", "via", "x-real-ip", "cdn-loop"})
"""Fields that something between a browser and us adds; with any value, also none."""

PREFIXES = ("x-forwarded", "cf-")
"""How more of them begin: what reverse proxies hand on, and what Cloudflare does."""

_SAYS_WHICH_PAGE = ("origin", "referer")


class GatewayError(Exception):
    """A request came through a gateway."""


def is_between(headers: Headers) -> bool:
    """Whether something between the browser and us shows in the fields of a request."""
    names = [name.lower() for name in headers.keys()]  # noqa: SIM118 they are no mapping
    is_added = not NAMES.isdisjoint(names) or any(name.startswith(PREFIXES) for name in names)
    return is_added or _asks_for_chunked(headers) or _ended_tls(headers)


def is_seen() -> bool:
    """Whether this request came through a gateway, as far as it shows. Looked at once."""
    if "is_gateways" not in g:
        g.is_gateways = is_between(request.headers)
    return bool(g.is_gateways)


async def refuse() -> None:
    """Refuse what came through a gateway; called before every view.

    Raises:
        GatewayError: if it did.
    """
    if is_seen():
        raise GatewayError


def _asks_for_chunked(headers: Headers) -> bool:
    return any("chunked" in value.lower() for value in headers.getlist("accept-encoding"))


def _ended_tls(headers: Headers) -> bool:
    if headers.get("sec-fetch-site") != "same-origin":
        return False
    return any(headers.get(name, "").lower().startswith("https:") for name in _SAYS_WHICH_PAGE)
