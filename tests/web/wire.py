"""What must hold of every response, whatever was asked for and whatever its status."""

from __future__ import annotations

import re
import time
from collections.abc import Set
from html.parser import HTMLParser

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
"""Names that `Permissions-Policy` knows, among others. Source: W3C, the policy-controlled
features registry."""

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
"""A path of ours, or one beside the page itself."""


def check_policy(reply: Reply) -> None:
    """The policy is exactly ours, with a nonce for styles where the page brings one along."""
    policy = reply.headers["content-security-policy"]
    nonce = re.search(r" 'nonce-([\w-]{8})'", policy)
    assert without_nonce(reply) == POLICY
    marked = set(re.findall(r"<style nonce=([\w-]+)>", _text(reply)))
    assert marked <= ({nonce[1]} if nonce else set())


def without_nonce(reply: Reply) -> str:
    """The policy without the one style that a page may bring along."""
    return re.sub(r" 'nonce-[\w-]{8}'", "", reply.headers["content-security-policy"])


def check_values(reply: Reply) -> None:
    """Each header has a value that is defined."""
    for name, values in DEFINED.items():
        assert reply.headers[name] in values
    for one in reply.headers["permissions-policy"].split(","):
        name, _, allowed = one.strip().partition("=")
        assert (name in FEATURES, allowed) == (True, "()")
    assert set(EVERYWHERE) <= set(reply.headers)


def check_keeping(reply: Reply, *, is_file: bool) -> None:
    """Nothing is stored by anybody, but for the two files that are the same for everybody."""
    kept = is_file and reply.status == 200
    assert reply.headers["cache-control"] == (KEPT if kept else "no-store")
    if not kept:
        assert reply.headers.get("content-type", HTML) == HTML


def check_untold(reply: Reply) -> None:
    """No header tells of the house or of the moment; nothing is compressed."""
    assert not TELLING & set(reply.headers)
    assert "content-encoding" not in reply.headers


def check_content(reply: Reply, *, said: bool = False) -> None:
    """No script, no picture, no way to load anything from elsewhere, in pages and stylesheet.

    Args:
        reply: what is looked at.
        said: whether it shows what somebody has said, which may look like an address.
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


def check_ways(reply: Reply) -> None:
    """All ways lead to paths of ours."""
    assert not [way for way in addresses_on(reply) if not OWN_PATH.fullmatch(way)]


def check_secrets(reply: Reply, secrets: Set[str]) -> None:
    """No address holds a secret: what was brought along, or a token or code on the page itself."""
    ways = addresses_on(reply)
    shown = {form.fields.get("token", "") for form in reply.page.forms} if _is_html(reply) else {""}
    for code in re.findall(r"<output[^>]*>([\w-]+)<br>([\w-]+)", _text(reply)):
        shown.update(code)
    assert not [way for way in ways for secret in (secrets | shown) - {""} if secret in way]


def addresses_on(reply: Reply) -> list[str]:
    """Wherever a response leads, in its headers and on its page."""
    refresh = reply.headers.get("refresh", "").partition("url=")[2]
    ways = [reply.headers.get("location", ""), refresh]
    return ways + _Addresses.of(_text(reply)) if _is_html(reply) else ways


def check_silence(reply: Reply, host: str) -> None:
    """No host name and no port; and in a redirect and an error no path of a file, no socket."""
    told = _text(reply) + str(reply.headers)
    assert not [part for part in re.split(r"[.:]", host) if part != "onion" and part in told]
    if reply.status >= 300:
        assert not re.search(r"\.(py|html|sock|toml)\b|/(tmp|usr|var|run|proc)\b|Traceback", told)


def check_timeless(reply: Reply) -> None:
    """Nowhere a moment: no clock, no date, no seconds since whenever."""
    told = _text(reply) + str(reply.headers)
    assert not re.search(r"\d:[0-5]\d\b|\b20\d\d-\d\d-\d\d\b|\b(GMT|UTC)\b", told)
    # The first digits of the present in seconds, which stand for a day or two.
    assert f"{time.time():.0f}"[:5] not in told


def check_cookie(reply: Reply) -> None:
    """A cookie is the one that we know, or its end."""
    cookie = reply.headers.get("set-cookie")
    assert cookie is None or cookie == EXPIRED or COOKIE.fullmatch(cookie)


def _is_html(reply: Reply) -> bool:
    return reply.headers.get("content-type", HTML) == HTML


def _text(reply: Reply) -> str:
    if reply.headers.get("content-type") == "application/gzip":
        return ""
    return reply.body.decode()


class _Addresses(HTMLParser):
    """Collects every attribute that a browser takes for an address."""

    NAMES = frozenset({"href", "src", "action", "formaction", "data", "cite", "poster"})

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    @classmethod
    def of(cls, html: str) -> list[str]:
        """Every address on a page."""
        reader = cls()
        reader.feed(html)
        return reader.found

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep the addresses of a tag."""
        given = dict(attrs)
        self.found += [value or "" for name, value in attrs if name in self.NAMES]
        if tag == "meta" and given.get("http-equiv"):
            self.found.append((given.get("content") or "").partition("url=")[2])
