"""Reads a posted form within size and time limits.

Not done by the framework, because our forms are small, have one encoding and never contain a
file, and because their size is counted after percent-decoding (see `limits.MAX_BODY_BYTES`).
"""

from __future__ import annotations

import asyncio
import re
from contextvars import Context
from typing import cast

from quart import g, request
from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout

from server.core.limits import MAX_BODY_BYTES, REQUEST_S
from server.http.tracebacks import drop_tracebacks
from server.web.request_handling import FormBody

from .cookies import visitor
from .renewal import follow

MAX_FIELDS = 100

_HEX = "0123456789abcdefABCDEF"
_ESCAPED = re.compile(rb"%([0-9A-Fa-f]{2})")
_BYTES = {(high + low).encode(): bytes.fromhex(high + low) for high in _HEX for low in _HEX}

OWN_FETCH_SITES = frozenset({"same-origin", "none"})
"""Values of `Sec-Fetch-Site` that browsers send with our own forms. Source: Fetch Metadata."""


class BodyTooLargeError(Exception):
    """The posted form is over the size limit; it was not read to its end."""


class ForeignFormError(Exception):
    """The token of a posted form does not belong to this session, form and subject."""


class Form:
    """The fields of one posted form; an absent field reads as the empty string."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in pairs:
            self._fields.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> str:
        return self._fields.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Return every value of a field that may occur more than once."""
        return self._fields.get(name, [])

    def pairs(self) -> list[tuple[str, str]]:
        """Return every name with each of its values."""
        return [(name, value) for name, values in self._fields.items() for value in values]

    def __contains__(self, name: str) -> bool:
        return name in self._fields


async def read_form() -> Form:
    """Read the body of this request as `application/x-www-form-urlencoded`.

    Bytes that are not UTF-8 become replacement characters; a body that is not a form has no
    fields. A form from a foreign page is read without its token, so that every view refuses it in
    its own way and no typed text is lost.

    Raises:
        BodyTooLargeError: if the body is over the limit.
        RequestTimeout: if the body is not complete within `REQUEST_S`.
    """
    body = await _read_body()
    # While the body came, the answer to another request may have renewed the secret.
    if (secret := visitor()) is not None and g.get("is_known", False):
        await follow(secret)
    if len(body) - 2 * body.count(b"%") > MAX_BODY_BYTES:
        raise BodyTooLargeError
    pairs = parse_pairs(body)
    return Form(pairs if is_own_post() else [pair for pair in pairs if pair[0] != "token"])


def parse_pairs(body: bytes) -> list[tuple[str, str]]:
    """Parse a form body into names and values; a body of more than `MAX_FIELDS` has none.

    Not `parse_qsl`: a percent sign that begins no `%XX` costs it an exception, and a text that
    alternates between both spellings is decoded in as many pieces.

    Source: WHATWG URL, application/x-www-form-urlencoded parsing.
    """
    if body.count(b"&") >= MAX_FIELDS:
        return []
    return [
        (_decode(name), _decode(value))
        for name, _, value in (part.partition(b"=") for part in body.split(b"&") if part)
    ]


def _decode(part: bytes) -> str:
    raw = _ESCAPED.sub(lambda found: _BYTES[found[1]], part.replace(b"+", b" "))
    return raw.decode("utf-8", "replace")


async def _read_body() -> bytes:
    try:
        if cast(FormBody, request.body).is_complete:  # nearly always
            return await _get_body()
        async with asyncio.timeout(None) as limit:
            # Set in an empty context. The event loop keeps a cancelled timer until its time, and
            # with it the context: the request and its cookie would stay for half a minute.
            due_s = asyncio.get_running_loop().time() + REQUEST_S
            Context().run(limit.reschedule, due_s)
            del limit  # breaks a cycle: it refers to this task, whose exception would refer to it
            return await _get_body()
    except TimeoutError:
        raise RequestTimeout from None
    except RequestEntityTooLarge as error:
        # Breaks a cycle: the body keeps the exception, and the exception's frames hold the body.
        drop_tracebacks(error)
        raise BodyTooLargeError from None


async def _get_body() -> bytes:
    return await request.get_data(cache=False, as_text=False, parse_form_data=False)


def is_own_post() -> bool:
    """Check whether the browser's headers allow that this post comes from a page of ours.

    A text browser sends neither header; then the token alone decides.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in OWN_FETCH_SITES
    return origin is None or origin.lower() == f"http://{request.headers.get('host', '')}".lower()
