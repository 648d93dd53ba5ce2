"""Waiting for somebody: a page that stands still, and one that streams until a match."""

from __future__ import annotations

from quart import Blueprint, Response, g

from server.core.errors import CooldownError, ServerFullError, SessionUnknownError
from server.core.ids import new_nonce
from server.stream.live import LiveStream
from server.web.edge import headers
from server.web.edge.cookies import visitor, was_refused
from server.web.edge.responses import page, see_other, way_of
from server.web.feeds.notices import HERE
from server.web.feeds.wait import CANCEL, FURTHER, WaitPage, WaitSource
from server.web.membership import pressed_by
from server.web.request_handling import StreamResponse
from server.web.services import current_services
from server.web.views.cooldown import GO_ON, cooldown_page, full_page

wait = Blueprint("wait", __name__)

MOVE_ON_S = 2
"""Seconds until the still page goes on to the streaming one by itself."""

RETRY_S = 5
"""Seconds until a stream of the waiting page that ended too early is asked for again."""


@wait.get("/wait")
async def still() -> Response:
    """How it stands; finished at once, then on to the streaming page."""
    waiter = await _waiter()
    if isinstance(waiter, Response):
        return waiter
    response = page("wait.html", **waiter.context())
    response.headers["refresh"] = f"{MOVE_ON_S};url=/wait/live"
    return response


@wait.get("/wait/live")
async def live() -> Response:
    """One cell a beat, and at the end a meta refresh to the chat."""
    services, waiter = current_services(), await _waiter()
    if isinstance(waiter, Response):
        return waiter
    await services.store.check_stream(waiter.secret, None)
    nonce = new_nonce()
    neutral = g.settings.neutral_titles
    head = services.pages.render("wait-live.html", nonce=nonce, neutral=neutral, **waiter.context())
    feed = WaitSource(services.store, waiter)
    return StreamResponse(
        LiveStream(head, feed, services),
        {
            # A line that breaks leads to the still page; a match has its own, faster way.
            "refresh": f"{RETRY_S};url=/wait",
            "content-security-policy": headers.policy(nonce),
        },
    )


@wait.post("/wait/here")
async def here() -> Response:
    """Somebody who was asked is still there, and waits on."""
    await pressed_by(HERE)
    return see_other("/wait")


@wait.post("/wait/go-on")
async def go_on() -> Response:
    """Ask again for what was asked for last: after a pause, or when there was no place."""
    secret, _ = await pressed_by(GO_ON)
    try:
        return see_other(
            way_of(await current_services().store.request_match(secret, None), "/wait")
        )
    except CooldownError as error:
        return cooldown_page(error, secret)
    except ServerFullError:
        return full_page(secret)


@wait.get("/wait/moved")
async def moved() -> Response:
    """Where an older waiting page goes when the same session opened a newer one."""
    return page("moved.html", back="/wait", framed=False)


@wait.post("/wait/cancel")
async def cancel() -> Response:
    """Wait no longer."""
    secret, _ = await pressed_by(CANCEL)
    await current_services().store.cancel(secret)
    return see_other("/")


@wait.post("/wait/further")
async def waive_language() -> Response:
    """Do without a common language: the waiting one's own choice."""
    secret, _ = await pressed_by(FURTHER)
    return see_other(way_of(await current_services().store.waive_language(secret), "/wait"))


async def _waiter() -> WaitPage | Response:
    """Who waits here; or where to go instead: to the chat when matched, else to the door."""
    secret = visitor()
    if secret is None:
        return see_other("/cookies" if was_refused() else "/")
    try:
        stands = await current_services().store.match_state(secret)
    except SessionUnknownError:
        return see_other("/")
    if stands.waits:
        return WaitPage(secret, stands)
    return see_other(way_of(stands, "/"))
