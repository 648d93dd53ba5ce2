"""One table of response headers. Only headers that do something: each costs its bytes.

The policy forbids everything and then allows our own stylesheet, our own frames and our own
forms. `sandbox` without `allow-scripts` switches scripts off at every security level of the
browser. `same-origin` is the referrer policy, and not `no-referrer`, because the latter turns
the `Origin` of our own posts into `null`.

Source: Content Security Policy Level 3; HTML, "origin-keyed agent clusters" and COEP; Fetch.
"""

from __future__ import annotations

POLICY = (
    "default-src 'none'; style-src 'self'; frame-src 'self'; form-action 'self'; "
    "frame-ancestors 'self'; base-uri 'none'; "
    "sandbox allow-forms allow-same-origin allow-top-navigation-by-user-activation"
)

EVERYWHERE: dict[str, str] = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=(), microphone=(), geolocation=()",
}
"""On every response, whatever its status."""

NO_STORE = {"cache-control": "no-store"}
"""On everything but the stylesheet and the source archive, which are the same for everybody."""

UNCHANGING = {"cache-control": "max-age=31536000, immutable"}
"""On the stylesheet, whose URL carries a hash of it."""

DOWNLOADS = {"content-security-policy": POLICY + " allow-downloads"}
"""On the one page that offers a file: the source archive."""

HTML_TYPE = "text/html; charset=utf-8"
"""With the charset: without it Firefox shows nothing of a stream before its first 1,024 bytes."""
