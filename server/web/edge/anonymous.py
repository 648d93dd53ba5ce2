"""What the answer to a GET without a session depends on: six values, each out of a small set.

Nothing else of a request reaches the answer, so that the answer can be made beforehand (see
`ready_pages.py`). A test compares the two for every route.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import NamedTuple

from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import Map

from server.core.ids import Secret
from server.http.asgi import Scope
from server.web.dull_page import BLANK, is_conversation
from server.web.restarted_page import OTHER_COOKIE, WAITING

from . import request_language
from .caller import COOKIE, Caller
from .cookies import is_cookie_missing

NOWHERE, NOWHERE_AFTER_FORM = "/-", "/wait/-"
"""Paths without a route. The second is one that a refused first form may lead to."""

CONVERSATION = "/chat/-"
"""A conversation that nobody has. All of them have the same answer, whatever follows the id."""

NEEDS_SESSION = frozenset({CONVERSATION, *WAITING})
"""Those whose answer is another one to a cookie of an earlier start."""

POSTS_ONLY, POSTS_ONLY_AFTER_FORM = "/language", "/wait/cancel"
"""Paths that take forms only."""


class Variant(NamedTuple):
    """All that the answer depends on."""

    path: str
    """One path for each answer: every unknown conversation has the same."""

    language: str | None
    """The language code in the URL."""

    is_via_gateway: bool = False
    is_after_form: bool = False
    """Whether the visitor comes from a first form and has no cookie: the browser refuses it."""

    is_of_earlier_start: bool = False
    """Whether the visitor has a cookie of an earlier start."""

    is_from_elsewhere: bool = False
    """Whether a page from elsewhere led to the dull page, which then clears nothing."""

    def headers(self) -> list[tuple[bytes, bytes]]:
        """The header fields of a request of our own with this answer; none is a visitor's."""
        fields = [(b"host", b"sottovoce")]
        if self.is_via_gateway:
            fields.append((b"via", b""))
        if self.is_after_form:
            fields.append((b"referer", b"http://sottovoce/"))
        if self.is_of_earlier_start:
            fields.append((b"cookie", f"{COOKIE}={OTHER_COOKIE}".encode("ascii")))
        if self.is_from_elsewhere:
            fields.append((b"sec-fetch-site", b"cross-site"))
        return fields

    def query(self) -> bytes:
        """The query of such a request."""
        if self.language is None:
            return b""
        return f"{request_language.FIELD}={self.language}".encode("ascii")


class Variants:
    """Finds the variant of a request.

    Args:
        routes: every route of the application.
        stylesheet: its path; any other name has the answer of an unknown path.
        languages: the codes of all languages.
        is_earlier: whether a cookie is of an earlier start.
    """

    def __init__(
        self,
        routes: Map,
        stylesheet: str,
        languages: Collection[str],
        is_earlier: Callable[[Secret | None], bool],
    ) -> None:
        self._routes = routes.bind("")
        self._languages = languages
        self._is_earlier = is_earlier
        served = [rule for rule in routes.iter_rules() if "GET" in (rule.methods or ())]
        self._paths = {rule.rule: re.sub("<[^>]*>", "-", rule.rule) for rule in served}
        """Each route -> one path on it."""

        self._own_paths = {rule.rule for rule in served if not rule.arguments} | {stylesheet}

    def find(self, scope: Scope, caller: Caller) -> Variant:
        """Find the variant of a GET or HEAD without a session."""
        language = request_language.language_in_query(scope["query_string"], self._languages)
        if caller.is_via_gateway:
            return Variant("/", language, is_via_gateway=True)
        path = "/" + scope["path"].lstrip("/")  # as the framework reads it
        is_after_form = is_cookie_missing(path, caller)
        answered = self._path(path, is_after_form)
        return Variant(
            answered,
            language,
            is_after_form=is_after_form,
            is_of_earlier_start=answered in NEEDS_SESSION and self._is_earlier(caller.secret),
            is_from_elsewhere=path == BLANK and caller.comes_from_elsewhere,
        )

    def most(self) -> int:
        """How many variants there are at most."""
        paths = len({*self._paths.values(), *self._own_paths}) + 4
        return (2 * paths + len(NEEDS_SESSION) + 1) * (len(self._languages) + 1)

    def _path(self, path: str, is_after_form: bool) -> str:
        if path in self._own_paths:
            return path
        if is_conversation(path) and not is_after_form:
            return CONVERSATION
        try:
            rule, _ = self._routes.match(path, "GET", return_rule=True)
        except MethodNotAllowed:
            return POSTS_ONLY_AFTER_FORM if is_after_form else POSTS_ONLY
        except HTTPException:
            return NOWHERE_AFTER_FORM if is_after_form else NOWHERE
        return self._paths[rule.rule]
