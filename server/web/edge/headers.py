"""The response headers. Only headers that have an effect: each costs bytes in every response.

The policy forbids everything, scripts included at every security level of the browser, and then
allows our own stylesheet, frames and forms. It has no `sandbox`: that would add nothing, and it
would disable `<meta http-equiv=refresh>`, with which a stream sends its frame to another page
(measured in Firefox 153). The referrer policy is `same-origin` and not `no-referrer`, because
the latter turns the `Origin` of our own posts into `null`.

Source: Content Security Policy Level 3; HTML, "sandboxed automatic features browsing context
flag"; HTML, cross-origin opener policies; Fetch.
"""

from __future__ import annotations

from collections.abc import Sequence

_POLICY = (
    "default-src 'none';style-src 'self'{nonce};frame-src 'self';form-action 'self';"
    "frame-ancestors 'self';base-uri 'none'"
)


def policy(nonce: str = "") -> str:
    """Return the Content-Security-Policy; with a nonce it allows `<style>` with that nonce."""
    return _POLICY.format(nonce=f" 'nonce-{nonce}'" if nonce else "")


EVERYWHERE: dict[str, str] = {
    "content-security-policy": policy(),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}
"""On every response, whatever its status."""

_EVERYWHERE = [(name.encode(), value.encode()) for name, value in EVERYWHERE.items()]
_EVERYWHERE_NAMES = frozenset(name for name, _ in _EVERYWHERE)


def with_everywhere(own: Sequence[tuple[bytes, bytes]]) -> list[tuple[bytes, bytes]]:
    """Return a response's own header fields and the common ones that it does not set itself."""
    names = {bytes(name).lower() for name, _ in own}
    if names.isdisjoint(_EVERYWHERE_NAMES):
        return [*own, *_EVERYWHERE]
    return [*own, *(pair for pair in _EVERYWHERE if pair[0] not in names)]


NO_STORE = {"cache-control": "no-store"}
"""On everything but the stylesheet and the source archive, the same for all visitors."""

UNCHANGING = {"cache-control": "max-age=31536000, immutable"}
"""On the stylesheet, whose URL contains its hash, and on the archive, whose URL has the version."""

HTML_TYPE = "text/html; charset=utf-8"
"""With a charset: without one Firefox shows nothing of a stream before its first 1,024 bytes."""
