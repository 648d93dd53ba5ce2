"""Reads a posted form, within its limits.

Read here and not by the framework: a form is small, in one encoding, and never holds a file;
and its size is counted in the bytes that it stands for (see `limits.MAX_BODY_BYTES`).
"""

from __future__ import annotations

import asyncio
from contextvars import Context
from urllib.parse import parse_qsl

from quart import request
from werkzeug.exceptions import RequestEntityTooLarge, RequestTimeout

from server.core.limits import MAX_BODY_BYTES, REQUEST_S
from server.http.tracebacks import drop_tracebacks

MAX_FIELDS = 100
OWN_FETCH_SITES = frozenset({"same-origin", "none"})
"""Values of `Sec-Fetch-Site` that our own forms are sent with. Source: Fetch Metadata."""


class BodyTooLargeError(Exception):
    """The posted form is over the limit; it was not read to its end."""


class ForeignFormError(Exception):
    """The token of a posted form is none of this session, form and subject."""


class Form:
    """The fields of one posted form; an absent one reads as the empty string."""

    def __init__(self, pairs: list[tuple[str, str]]) -> None:
        self._fields: dict[str, list[str]] = {}
        for name, value in pairs:
            self._fields.setdefault(name, []).append(value)

    def __getitem__(self, name: str) -> str:
        return self._fields.get(name, [""])[0]

    def all(self, name: str) -> list[str]:
        """Every value of a field that may be there more than once."""
        return self._fields.get(name, [])

    def __contains__(self, name: str) -> bool:
        return name in self._fields


async def read_form() -> Form:
    """Read the body of this request as `application/x-www-form-urlencoded`.

    Bytes that are no UTF-8 become replacement characters; what is no form has no fields. A form
    that a page of somebody else's sent is read as one without a token, so that every view
    refuses it in its own way, and nothing that was typed is lost.

    Raises:
        BodyTooLargeError: if it is over the limit.
        RequestTimeout: if it does not end within `REQUEST_S`.
    """
    body = await _read_body()
    if len(body) - 2 * body.count(b"%") > MAX_BODY_BYTES:
        raise BodyTooLargeError
    try:
        pairs = parse_qsl(
            body.decode("utf-8", "replace"),
            keep_blank_values=True,
            errors="replace",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        pairs = []
    return Form(pairs if _is_own_post() else [pair for pair in pairs if pair[0] != "token"])


async def _read_body() -> bytes:
    try:
        async with asyncio.timeout(None) as limit:
            # Set in a context of nothing. A timer that is needed no more stays in the loop until
            # its time, and its context with it: this request, with its cookie, for half a minute.
            due_s = asyncio.get_running_loop().time() + REQUEST_S
            Context().run(limit.reschedule, due_s)
            del limit  # it knows this task, which would know it by how it ended
            return await request.get_data(cache=False, as_text=False, parse_form_data=False)
    except TimeoutError:
        raise RequestTimeout from None
    except RequestEntityTooLarge as error:
        # The body keeps it, and is in its frames.
        drop_tracebacks(error)
        raise BodyTooLargeError from None


def _is_own_post() -> bool:
    """Whether this post comes from a page of ours, as far as the browser says.

    A text browser says nothing: then the token alone decides.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    if site is not None:
        return site in OWN_FETCH_SITES
    return origin is None or origin.lower() == f"http://{request.headers.get('host', '')}".lower()
