"""One table of response headers. Only headers that do something: each costs its bytes.

The policy forbids everything, scripts at every security level of the browser included, and then
allows our own stylesheet, our own frames and our own forms. It has no `sandbox`, which would
add nothing to that and would switch off `<meta http-equiv=refresh>`, by which a stream sends its
frame elsewhere (measured in Firefox 153). `same-origin` is the referrer policy, and not
`no-referrer`, because the latter turns the `Origin` of our own posts into `null`.

Source: Content Security Policy Level 3; HTML, "sandboxed automatic features browsing context
flag"; HTML, cross-origin opener and embedder policies; Fetch.
"""

from __future__ import annotations

_POLICY = (
    "default-src 'none';style-src 'self'{nonce};frame-src 'self';form-action 'self';"
    "frame-ancestors 'self';base-uri 'none'"
)


def policy(nonce: str = "") -> str:
    """The Content-Security-Policy, allowing `<style>` with this nonce where one is given."""
    return _POLICY.format(nonce=f" 'nonce-{nonce}'" if nonce else "")


EVERYWHERE: dict[str, str] = {
    "content-security-policy": policy(),
    "x-content-type-options": "nosniff",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-embedder-policy": "require-corp",
    "permissions-policy": "camera=()",
}
"""On every response, whatever its status."""

NO_STORE = {"cache-control": "no-store"}
"""On everything but the stylesheet and the source archive, which are the same for everybody."""

UNCHANGING = {"cache-control": "max-age=31536000, immutable"}
"""On the stylesheet, whose URL carries a hash of it."""

HTML_TYPE = "text/html; charset=utf-8"
"""With the charset: without it Firefox shows nothing of a stream before its first 1,024 bytes."""
