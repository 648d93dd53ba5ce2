"""Rules that every response must follow, whatever was requested and whatever its status."""

from __future__ import annotations

import re
import time
from collections.abc import Set
from functools import cache
from html.parser import HTMLParser

from server.demo.document import read_document
from server.demo.text_browser import Reply
from server.web.edge.headers import EVERYWHERE

POLICY = (
    "default-src 'none';style-src 'self';frame-src 'self';form-action 'self';"
    "frame-ancestors 'self';base-uri 'none'"
)
DEFINED = {
    # The strictest values that the standards define.
    "x-content-type-options": {"nosniff"},
    "referrer-policy": {"no-referrer", "same-origin"},
    "cross-origin-opener-policy": {"same-origin"},
    "cross-origin-resource-policy": {"same-origin"},
}
IDLE = {"cross-origin-embedder-policy", "permissions-policy"}
"""They do nothing on a page without scripts, and cost bytes on every one."""

REVEALING = {
    *("server", "date", "via", "x-powered-by", "strict-transport-security", "onion-location"),
    *("alt-svc", "etag", "last-modified", "x-frame-options"),
}
COOKIE = re.compile(r"__Host-s=[\w-]{43}; Path=/; Secure; HttpOnly; SameSite=Strict")
EXPIRED = "__Host-s=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0"
HTML = "text/html; charset=utf-8"
KEPT = "max-age=31536000, immutable"
OWN_STYLE = re.compile(r"<link rel=stylesheet href=/[0-9a-f]{8}\.css>")
OWN_PATH = re.compile(r"(/(?!/)[\w/.~?=&#-]*|[\w#-]*)")
"""An absolute path on this server, or one relative to the page."""


def check_policy(reply: Reply) -> None:
    """Check that the content policy is exactly ours, with a nonce if the page has its own style."""
    policy = reply.headers["content-security-policy"]
    nonce = re.search(r" 'nonce-([\w-]{8})'", policy)
    assert without_nonce(reply) == POLICY
    marked = set(re.findall(r"<style nonce=([\w-]+)>", _text(reply)))
    assert marked <= ({nonce[1]} if nonce else set())


def without_nonce(reply: Reply) -> str:
    """Return the content policy without the nonce of the page's own style."""
    return re.sub(r" 'nonce-[\w-]{8}'", "", reply.headers["content-security-policy"])


def check_values(reply: Reply) -> None:
    """Check that each header has a value that its standard defines."""
    for name, values in DEFINED.items():
        assert reply.headers[name] in values
    assert not IDLE & set(reply.headers)
    assert set(EVERYWHERE) <= set(reply.headers)


def check_caching(reply: Reply, *, is_file: bool) -> None:
    """Check that only the two files that are the same for every visitor may be cached."""
    kept = is_file and reply.status == 200
    assert reply.headers["cache-control"] == (KEPT if kept else "no-store")
    if not kept:
        assert reply.headers.get("content-type", HTML) == HTML


def check_headers_reveal_nothing(reply: Reply) -> None:
    """Check that no header reveals the software or the time, and nothing is compressed."""
    assert not REVEALING & set(reply.headers)
    assert "content-encoding" not in reply.headers


def check_content(reply: Reply, *, has_visitor_text: bool = False) -> None:
    """Check that pages and stylesheet have no script, no image and no reference to another server.

    Args:
        reply: the response.
        has_visitor_text: whether the page shows a visitor's text, which may look like an address.
    """
    if reply.headers.get("content-type") == "application/gzip":
        return
    text = _text(reply)
    if reply.headers.get("content-type", "").startswith("text/css"):
        assert not re.search(r"url\(|@import|@font-face|//|svg|expression|javascript|<", text, re.I)
        return
    assert has_visitor_text or "://" not in text
    assert text.count("<style") == text.count("<style nonce=")
    for written in re.findall(r"<[^>]*>", text.lower()):
        assert not re.match(r"</?(script|object|embed|svg|img|base|applet|math)\b", written)
        assert not written.startswith("<link") or OWN_STYLE.fullmatch(written)
        assert not re.search(r"\s(on[a-z]+|style|srcdoc|ping)\s*=", written)
        assert not re.search(r"javascript:|url\(|//", written.replace("<!doctype html>", ""))


def check_addresses(reply: Reply) -> None:
    """Check that every address is a path on this server."""
    assert not [address for address in addresses_on(reply) if not OWN_PATH.fullmatch(address)]


def check_secrets(reply: Reply, secrets: Set[str]) -> None:
    """Check that no address contains a secret of the visitor, or a token or code of the page."""
    shown = _secrets_shown(_text(reply)) if _is_html(reply) else frozenset()
    assert not [
        address
        for address in addresses_on(reply)
        for secret in (secrets | shown) - {""}
        if secret in address
    ]


def addresses_on(reply: Reply) -> list[str]:
    """Return every address in a response's headers and on its page."""
    refresh = reply.headers.get("refresh", "").partition("url=")[2]
    addresses = [reply.headers.get("location", ""), refresh]
    return [*addresses, *_addresses_in(_text(reply))] if _is_html(reply) else addresses


def check_machine(reply: Reply, host: str) -> None:
    """Check that there is no host name or port, and in redirects and errors no path of a file."""
    text = _text(reply) + str(reply.headers)
    assert not [part for part in re.split(r"[.:]", host) if part != "onion" and part in text]
    if reply.status >= 300:
        assert not re.search(r"\.(py|html|sock|toml)\b|/(tmp|usr|var|run|proc)\b|Traceback", text)


def check_no_time(reply: Reply) -> None:
    """Check that there is no time of day, no date and no number of seconds since 1970."""
    text = _text(reply) + str(reply.headers)
    assert not re.search(r"\d:[0-5]\d\b|\b20\d\d-\d\d-\d\d\b|\b(GMT|UTC)\b", text)
    # The first digits of the current time in seconds stay the same for a day or two.
    assert f"{time.time():.0f}"[:5] not in text


def check_cookie(reply: Reply) -> None:
    """Check that a cookie is the session cookie or its deletion."""
    cookie = reply.headers.get("set-cookie")
    assert cookie is None or cookie == EXPIRED or COOKIE.fullmatch(cookie)


def _is_html(reply: Reply) -> bool:
    return reply.headers.get("content-type", HTML) == HTML


def _text(reply: Reply) -> str:
    if reply.headers.get("content-type") == "application/gzip":
        return ""
    return reply.body.decode()


# Many requests are answered with the same page, so each page is parsed once.
@cache
def _addresses_in(html: str) -> tuple[str, ...]:
    """Return every address on a page."""
    reader = _Addresses()
    reader.feed(html)
    return tuple(reader.found)


@cache
def _secrets_shown(html: str) -> frozenset[str]:
    """Return the tokens of a page's forms and the codes that it shows."""
    tokens = {form.fields.get("token", "") for form in read_document(html).forms}
    codes = re.findall(r"<output[^>]*>([\w-]+)<br>([\w-]+)", html)
    return frozenset(tokens.union(*codes))


class _Addresses(HTMLParser):
    """Collects every attribute that a browser uses as an address."""

    NAMES = frozenset({"href", "src", "action", "formaction", "data", "cite", "poster"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Collect the addresses of a tag."""
        given = dict(attrs)
        self.found += [value or "" for name, value in attrs if name in self.NAMES]
        if tag == "meta" and given.get("http-equiv"):
            self.found.append((given.get("content") or "").partition("url=")[2])
