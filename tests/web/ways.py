"""One successful request for each route, and its answer.

A test checks that the table has every rule of the application with each of its methods. The other
answers of a route (refusals, bugs, gateways …) are derived from this request.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from server.demo.text_browser import Reply
from server.web.views.static_pages import SOURCE_PATH

from .asking import (
    PreparedRequest,
    of_aside,
    of_delete,
    of_go_on,
    of_invitation,
    of_invited,
    of_knocker,
    of_knocking,
    of_member,
    of_newcomer,
    of_opener,
    of_page,
    of_pair,
    of_rematch_code,
    of_still_there,
    of_still_waiting,
    of_stylesheet,
    of_visitor,
    of_waiter,
    of_waiting,
)
from .routes import method_of


@dataclass(frozen=True, slots=True)
class Way:
    """How to request a route, and its answer if nothing is wrong."""

    prepare: Callable[[], Awaitable[PreparedRequest]]
    status: int = 200
    typed: str = ""
    """The field that a visitor fills in; its content must not be lost."""

    form: str = ""
    """The form name that its token is bound to; empty for a form without a token."""

    is_first: bool = False
    """Whether it may be the first form of a visitor, who has no session yet."""

    streams: bool = False


_CHAT, _KNOCK = "/chat/<chat_id>", "/knock/<chat_id>"

WAYS: dict[str, Way] = {
    "GET /": Way(partial(of_visitor, "/")),
    "GET /<name>.css": Way(of_stylesheet),
    "GET /about": Way(partial(of_visitor, "/about")),
    f"GET {SOURCE_PATH}": Way(partial(of_visitor, SOURCE_PATH)),
    "GET /blank": Way(partial(of_visitor, "/blank")),
    "GET /cookies": Way(partial(of_visitor, "/cookies")),
    "GET /help": Way(partial(of_visitor, "/help")),
    "GET /mine": Way(partial(of_visitor, "/mine")),
    "GET /over": Way(partial(of_visitor, "/over")),
    "GET /pair": Way(partial(of_visitor, "/pair")),
    "GET /privacy": Way(partial(of_visitor, "/privacy")),
    "GET /rooms": Way(partial(of_visitor, "/rooms")),
    "GET /rooms/new": Way(partial(of_visitor, "/rooms/new")),
    "GET /safety": Way(partial(of_visitor, "/safety")),
    "GET /wait": Way(partial(of_waiter, "/wait")),
    "GET /wait/live": Way(partial(of_waiter, "/wait/live"), streams=True),
    "GET /wait/moved": Way(partial(of_waiter, "/wait/moved")),
    "GET /wait/over": Way(partial(of_waiter, "/wait/over")),
    "GET /wait/pause": Way(partial(of_visitor, "/wait/pause")),
    f"GET {_CHAT}/again": Way(of_rematch_code),
    f"GET {_CHAT}/invitation": Way(of_invitation),
    f"GET {_CHAT}": Way(partial(of_member, "")),
    f"GET {_CHAT}/composer": Way(partial(of_member, "/composer")),
    f"GET {_CHAT}/live": Way(partial(of_member, "/live"), streams=True),
    f"GET {_CHAT}/moved": Way(partial(of_member, "/moved")),
    f"GET {_CHAT}/people": Way(partial(of_member, "/people")),
    f"GET {_CHAT}/plain": Way(partial(of_member, "/plain")),
    f"GET {_CHAT}/read": Way(partial(of_member, "/read?every=10"), 303),
    f"GET {_CHAT}/wrong": Way(partial(of_member, "/wrong")),
    f"GET {_KNOCK}": Way(of_knocker),
    "POST /invite": Way(of_invited, 303, typed="code", form="invite", is_first=True),
    "POST /language": Way(partial(of_page, "/mine", "/language", lang="fa"), 303),
    "POST /mine/time": Way(
        partial(of_page, "/mine", "/mine/time", still="60", minutes="15", kib="250"),
        303,
        form="mine-time",
    ),
    "POST /mine/steady": Way(
        partial(of_page, "/mine", "/mine/steady", steady="5"), 303, form="mine-steady"
    ),
    "POST /mine/title": Way(
        partial(of_page, "/mine", "/mine/title", dull="yes"), 303, form="mine-title"
    ),
    "POST /pair": Way(
        partial(of_newcomer, "/", "/pair", intent="listen"),
        303,
        typed="intent",
        form="pair",
        is_first=True,
    ),
    "POST /panic": Way(partial(of_page, "/mine", "/panic"), 303),
    "POST /rooms/<name>/join": Way(
        partial(of_newcomer, "/rooms", "/rooms/common/join"), 303, form="join", is_first=True
    ),
    "POST /rooms/new": Way(
        partial(of_newcomer, "/rooms/new", "/rooms/new", title="A title"),
        303,
        typed="title",
        form="open",
        is_first=True,
    ),
    "POST /wait/cancel": Way(partial(of_waiting, "/wait/cancel"), 303, form="cancel"),
    "POST /wait/further": Way(partial(of_waiting, "/wait/further"), 303, form="further"),
    "POST /wait/go-on": Way(of_go_on, 303, form="go-on"),
    "POST /wait/here": Way(of_still_waiting, 303, form="here"),
    f"POST {_CHAT}/again": Way(partial(of_pair, "/again", "/people"), 303, form="again"),
    f"POST {_CHAT}/aside": Way(of_aside, 303, form="people"),
    f"POST {_CHAT}/delete": Way(of_delete, 303, form="delete"),
    f"POST {_CHAT}/here": Way(of_still_there, 303, form="here"),
    f"POST {_CHAT}/host": Way(partial(of_opener, "/host", act="lock"), 303, form="people"),
    f"POST {_CHAT}/invitation": Way(partial(of_opener, "/invitation"), 303, form="invitation"),
    f"POST {_CHAT}/leave": Way(partial(of_pair, "/leave"), 303, form="leave"),
    f"POST {_CHAT}/messages": Way(
        partial(of_pair, "/messages", "/composer", text="some words"),
        303,
        typed="text",
        form="composer",
    ),
    f"POST {_CHAT}/mute": Way(partial(of_pair, "/mute", "/people", who="2"), 303, form="people"),
    f"POST {_CHAT}/never": Way(partial(of_pair, "/never", "/wrong"), 303, form="never"),
    f"POST {_CHAT}/next": Way(partial(of_pair, "/next"), 303, form="next"),
    f"POST {_KNOCK}/here": Way(partial(of_knocking, "/here"), 303, form="here"),
    f"POST {_KNOCK}/stop": Way(partial(of_knocking, "/stop"), 303, form="stop"),
}
"""Route in the notation of `routes.py` -> how to request it."""


async def ask(
    route: str, prepared: PreparedRequest, headers: Mapping[str, str] | None = None
) -> Reply:
    """Send the request; read only the first piece of a stream."""
    browser, path = prepared.browser, prepared.path
    if method_of(route) == "POST":
        return await browser.request("POST", path, urlencode(prepared.fields).encode(), headers)
    if WAYS[route].streams:
        return await browser.begin(path, headers)
    return await browser.request("GET", path, headers=headers)
