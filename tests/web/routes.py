"""The application's own route map: what no new route can escape."""

from __future__ import annotations

import re

from quart import Quart

from server.web.views.static_pages import SOURCE_PATH

from .appbrowser import make_server

NEVER_WAS = "abcdefghijkl"
"""An id that belongs to nobody."""

FILLED = {"chat_id": NEVER_WAS, "name": "common"}
"""What stands for what a rule leaves open."""


def routes_of(app: Quart) -> frozenset[str]:
    """Every rule with each of its methods, as `GET /path`; HEAD goes with GET."""
    return frozenset(
        f"{method} {rule.rule}"
        for rule in app.url_map.iter_rules()
        for method in (rule.methods or set()) - {"HEAD"}
    )


ROUTES = sorted(routes_of(make_server().app))
FILES = {"GET /<name>.css", f"GET {SOURCE_PATH}"}
"""Routes of what is the same for everybody, and may be kept."""


def method_of(route: str) -> str:
    return route.partition(" ")[0]


def rule_of(route: str) -> str:
    return route.partition(" ")[2]


def path_of(route: str) -> str:
    """A path of a route, about nobody and nothing that there is."""
    return re.sub(r"<(\w+)>", lambda found: FILLED[found[1]], rule_of(route))
