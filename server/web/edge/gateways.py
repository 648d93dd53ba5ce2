"""Detects web gateways to onion services and refuses their requests.

A gateway (Tor2web and the like) makes onion services reachable for ordinary browsers. It sees who
the visitor is, what they type and what comes back, and it can change all of it. It can be
recognised by what it does to a request and a browser that uses Tor directly never does:

    adds      a header field of its own, or of a proxy in front of it (`NAMES`, `PREFIXES`)
    alters    `Accept-Encoding`: Tor2web asks for `chunked`, which is not a content coding
    ends TLS  the browser reports that it is on a page of ours and that this page came over https;
              none of our pages does
    rewrites  onion addresses on a page; the token of a first form looks like one, and comes back
              changed (see `form_tokens.py`)

The first two show at the first request, the third at the second, the last at the first form. A
gateway that hides all four is not detected, and nothing here prevents what it then does.

Source: Tor2web, `process_request` of t2w.py, which sets `Accept-Encoding`; its version for
Python 3 does not send `X-Tor2web` any more; SecureDrop, issues 6290 and 6293; RFC 7239
(Forwarded), RFC 9110 (Via, content codings), RFC 8586 (CDN-Loop); Fetch Metadata.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

NAMES = frozenset({b"x-tor2web", b"forwarded", b"via", b"x-real-ip", b"cdn-loop"})
"""Header fields that only an intermediary adds; any value counts, an empty one too."""

PREFIXES = (b"x-forwarded", b"cf-")
"""Prefixes of further such fields: those of reverse proxies, and those of Cloudflare."""

_ORIGIN_FIELDS = (b"origin", b"referer")

Fields = Sequence[tuple[bytes, bytes]]
"""The header fields of a request, names in lower case."""


class GatewayError(Exception):
    """A request came through a gateway."""


def shows_gateway(fields: Fields, first: Mapping[bytes, bytes]) -> bool:
    """Check whether the header fields of a request reveal an intermediary.

    Args:
        fields: all of them.
        first: the first one of each name.
    """
    if not NAMES.isdisjoint(first):
        return True
    for name, value in fields:  # one loop: every request of every visitor passes here
        if name.startswith(PREFIXES):
            return True
        if name == b"accept-encoding" and b"chunked" in value.lower():
            return True
    return first.get(b"sec-fetch-site") == b"same-origin" and _came_over_tls(first)


def _came_over_tls(first: Mapping[bytes, bytes]) -> bool:
    return any(first.get(name, b"").lower().startswith(b"https:") for name in _ORIGIN_FIELDS)
