"""What must hold of every response, whatever was requested and whatever its status."""

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
    # Values that the standards define and that close what can be closed.
    "x-content-type-options": {"nosniff"},
    "referrer-policy": {"no-referrer", "same-origin"},
    "cross-origin-opener-policy": {"same-origin"},
    "cross-origin-resource-policy": {"same-origin"},
    "cross-origin-embedder-policy": {"require-corp"},
}
FEATURES = {"camera", "microphone", "geolocation", "display-capture", "payment", "usb"}
"""Some of the names that `Permissions-Policy` knows. Source: W3C, the policy-controlled features
registry."""

TELLING = {
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
    """The content policy is exactly ours, with a nonce where the page has a style of its own."""
    policy = reply.headers["content-security-policy"]
    nonce = re.search(r" 'nonce-([\w-]{8})'", policy)
    assert without_nonce(reply) == POLICY
    marked = set(re.findall(r"<style nonce=([\w-]+)>", _text(reply)))
    assert marked <= ({nonce[1]} if nonce else set())


def without_nonce(reply: Reply) -> str:
    """The content policy without the nonce of the page's own style."""
    return re.sub(r" 'nonce-[\w-]{8}'", "", reply.headers["content-security-policy"])


def check_values(reply: Reply) -> None:
    """Each header has a value that its standard defines."""
    for name, values in DEFINED.items():
        assert reply.headers[name] in values
    for one in reply.headers["permissions-policy"].split(","):
        name, _, allowed = one.strip().partition("=")
        assert (name in FEATURES, allowed) == (True, "()")
    assert set(EVERYWHERE) <= set(reply.headers)


def check_caching(reply: Reply, *, is_file: bool) -> None:
    """Nothing may be stored but the two files that are the same for every visitor."""
    kept = is_file and reply.status == 200
    assert reply.headers["cache-control"] == (KEPT if kept else "no-store")
    if not kept:
        assert reply.headers.get("content-type", HTML) == HTML


def check_headers_reveal_nothing(reply: Reply) -> None:
    """No header reveals the software or the time; nothing is compressed."""
    assert not TELLING & set(reply.headers)
    assert "content-encoding" not in reply.headers


def check_content(reply: Reply, *, said: bool = False) -> None:
    """Pages and stylesheet hold no script, no picture and no reference to another server.

    Args:
        reply: the response.
        said: whether the page shows a visitor's words, which may look like an address.
    """
    if reply.headers.get("content-type") == "application/gzip":
        return
    text = _text(reply)
    if reply.headers.get("content-type", "").startswith("text/css"):
        assert not re.search(r"url\(|@import|@font-face|//|svg|expression|javascript|<", text, re.I)
        return
    assert said or "://" not in text
    assert text.count("<style") == text.count("<style nonce=")
    for written in re.findall(r"<[^>]*>", text.lower()):
        assert not re.match(r"</?(script|object|embed|svg|img|base|applet|math)\b", written)
        assert not written.startswith("<link") or OWN_STYLE.fullmatch(written)
        assert not re.search(r"\s(on[a-z]+|style|srcdoc|ping)\s*=", written)
        assert not re.search(r"javascript:|url\(|//", written.replace("<!doctype html>", ""))


def check_addresses(reply: Reply) -> None:
    """Every address is a path on this server."""
    assert not [address for address in addresses_on(reply) if not OWN_PATH.fullmatch(address)]


def check_secrets(reply: Reply, secrets: Set[str]) -> None:
    """No address holds a secret: neither the visitor's, nor a token or code on the page itself."""
    shown = _secrets_shown(_text(reply)) if _is_html(reply) else frozenset()
    assert not [
        address
        for address in addresses_on(reply)
        for secret in (secrets | shown) - {""}
        if secret in address
    ]


def addresses_on(reply: Reply) -> list[str]:
    """Every address that a response holds, in its headers and on its page."""
    refresh = reply.headers.get("refresh", "").partition("url=")[2]
    addresses = [reply.headers.get("location", ""), refresh]
    return [*addresses, *_addresses_in(_text(reply))] if _is_html(reply) else addresses


def check_machine(reply: Reply, host: str) -> None:
    """No host name and no port; a redirect and an error name no path of a file and no socket."""
    text = _text(reply) + str(reply.headers)
    assert not [part for part in re.split(r"[.:]", host) if part != "onion" and part in text]
    if reply.status >= 300:
        assert not re.search(r"\.(py|html|sock|toml)\b|/(tmp|usr|var|run|proc)\b|Traceback", text)


def check_no_time(reply: Reply) -> None:
    """No clock, no date, no seconds since an epoch."""
    text = _text(reply) + str(reply.headers)
    assert not re.search(r"\d:[0-5]\d\b|\b20\d\d-\d\d-\d\d\b|\b(GMT|UTC)\b", text)
    # The first digits of the present in seconds; they stay the same for a day or two.
    assert f"{time.time():.0f}"[:5] not in text


def check_cookie(reply: Reply) -> None:
    """A cookie is the one of the session, or its deletion."""
    cookie = reply.headers.get("set-cookie")
    assert cookie is None or cookie == EXPIRED or COOKIE.fullmatch(cookie)


def _is_html(reply: Reply) -> bool:
    return reply.headers.get("content-type", HTML) == HTML


def _text(reply: Reply) -> str:
    if reply.headers.get("content-type") == "application/gzip":
        return ""
    return reply.body.decode()


# Routes answer many requests with the same page: each is parsed once.
@cache
def _addresses_in(html: str) -> tuple[str, ...]:
    """Every address on a page."""
    reader = _Addresses()
    reader.feed(html)
    return tuple(reader.found)


@cache
def _secrets_shown(html: str) -> frozenset[str]:
    """The tokens of a page's forms, and the codes that it shows."""
    tokens = {form.fields.get("token", "") for form in read_document(html).forms}
    codes = re.findall(r"<output[^>]*>([\w-]+)<br>([\w-]+)", html)
    return frozenset(tokens.union(*codes))


class _Addresses(HTMLParser):
    """Collects every attribute that a browser takes for an address."""

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
