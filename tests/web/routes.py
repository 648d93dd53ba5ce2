"""Every route of the application, read from its own URL map so that no new route is missed."""

from __future__ import annotations

import re

from quart import Quart

from server.web.views.static_pages import SOURCE_PATH

from .appbrowser import make_server

UNKNOWN_ID = "abcdefghijkl"
"""An id that was never issued."""

FILLED = {"chat_id": UNKNOWN_ID, "name": "common"}
"""Values for the variable parts of a rule."""


def routes_of(app: Quart) -> frozenset[str]:
    """Return every rule with each of its methods, as `GET /path`, without HEAD."""
    return frozenset(
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    )


ROUTES = sorted(routes_of(make_server().app))
FILES = {"GET /<name>.css", f"GET {SOURCE_PATH}"}
"""Routes of files that are the same for every visitor and may be cached."""


def method_of(route: str) -> str:
    return route.partition(" ")[0]


def rule_of(route: str) -> str:
    return route.partition(" ")[2]


def path_of(route: str) -> str:
    """Return the path of a route with ids and names that do not exist."""
    return re.sub(r"<(\w+)>", lambda found: FILLED[found[1]], rule_of(route))
