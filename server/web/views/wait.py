"""Waiting for a match: a static page, and one that streams until the match."""

from __future__ import annotations

from quart import Blueprint, Response, g

from server.core.errors import (
    CooldownError,
    NothingBeginsError,
    ServerFullError,
    SessionUnknownError,
)
from server.core.ids import new_nonce
from server.stream.live import LiveStream
from server.web.edge import headers
from server.web.edge.cookies import visitor, was_cookie_refused
from server.web.edge.responses import match_path, page, see_other
from server.web.feeds.notices import HERE
from server.web.feeds.wait import CANCEL, FURTHER, WaitPage, WaitSource
from server.web.membership import read_session_form
from server.web.refusals import current_refusal
from server.web.request_handling import StreamResponse
from server.web.restarted_page import restarted_page, was_forgotten_at_start
from server.web.services import current_services
from server.web.views.cooldown import GO_ON, pause_page, refuse_match
from server.web.views.drawing import match_or_wait

wait = Blueprint("wait", __name__)

MOVE_ON_S = 2
"""Seconds after which the static page goes to the streaming one by itself."""

RETRY_S = 5
"""Seconds after which the browser retries when the waiting stream ended early."""


@wait.get("/wait")
async def still() -> Response:
    """Show the state of waiting; this page completes at once and leads to the streaming one."""
    waiting = await _wait_page()
    if isinstance(waiting, Response):
        return waiting if current_refusal() is None else await pause_page()
    response = page("wait.html", **waiting.context())
    response.headers["refresh"] = f"{MOVE_ON_S};url=/wait/live"
    return response


@wait.get("/wait/live")
async def live() -> Response:
    """Stream one cell per heartbeat, and on a match a meta refresh to the chat."""
    services, waiting = current_services(), await _wait_page()
    if isinstance(waiting, Response):
        return waiting
    await services.store.check_stream(waiting.secret, None)
    nonce = new_nonce()
    neutral = g.settings.neutral_titles
    head = services.pages.render(
        "wait-live.html", nonce=nonce, neutral=neutral, **waiting.context()
    )
    feed = WaitSource(services.store, waiting)
    return StreamResponse(
        LiveStream(head, feed, services),
        {
            # A broken connection leads to the static page; a match uses the faster meta refresh.
            "refresh": f"{RETRY_S};url=/wait",
            "content-security-policy": headers.policy(nonce),
        },
    )


@wait.post("/wait/here")
async def here() -> Response:
    """Confirm that the visitor is still there, and continue to wait."""
    await read_session_form(HERE)
    return see_other("/wait")


@wait.post("/wait/go-on")
async def go_on() -> Response:
    """Request a match again with the last preferences, after a cooldown or a full queue."""
    secret, _ = await read_session_form(GO_ON)
    try:
        state = await current_services().store.request_match(secret, None)
    except (CooldownError, ServerFullError, NothingBeginsError) as error:
        return await refuse_match(error)
    return await match_or_wait(secret, state)


@wait.get("/wait/pause")
async def pause() -> Response:
    """Show a visitor who cannot be matched at once when to go on."""
    if not g.is_known:
        return see_other("/")
    return await pause_page()


@wait.get("/wait/moved")
async def moved() -> Response:
    """Show what an older waiting page is replaced by when the session opened a newer one."""
    return page("moved.html", back="/wait", framed=False)


@wait.get("/wait/over")
async def over() -> Response:
    """Show what a waiting page is replaced by when its session was forgotten."""
    return page("over.html", found=None, waited=True, how="forgotten")


@wait.post("/wait/cancel")
async def cancel() -> Response:
    """Stop waiting."""
    secret, _ = await read_session_form(CANCEL)
    await current_services().store.cancel_match(secret)
    return see_other("/")


@wait.post("/wait/further")
async def waive_language() -> Response:
    """Accept a partner without a common language, at the waiting visitor's own choice."""
    secret, _ = await read_session_form(FURTHER)
    return await match_or_wait(secret, await current_services().store.waive_language(secret))


async def _wait_page() -> WaitPage | Response:
    """Return the visitor's waiting page, or a redirect: to the chat if matched, else to `/`.

    Somebody who waited when the server was started again gets a page that says so.
    """
    secret = visitor()
    if secret is None:
        return see_other("/cookies" if was_cookie_refused() else "/")
    try:
        state = await current_services().store.match_state(secret)
    except SessionUnknownError:
        return restarted_page(404) if was_forgotten_at_start() else see_other("/")
    if state.is_waiting:
        return await WaitPage.of(secret, state)
    return see_other(match_path(state, "/"))
