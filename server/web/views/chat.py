"""The chat: the page with the frames, the stream in the upper frame, and leaving."""

from __future__ import annotations

from contextlib import suppress

from quart import Blueprint, Response, g

from server.core.durations import whole
from server.core.errors import (
    BadCursorError,
    CooldownError,
    NotAMemberError,
    NothingBeginsError,
    ServerFullError,
)
from server.core.ids import ChatId
from server.core.limits import CONSTANT_RATE_CHOICES_S
from server.stream.constant_rate import ConstantRateStream, dead_man_s
from server.stream.live import LiveStream
from server.web.edge import headers
from server.web.edge.cookies import visitor
from server.web.edge.invite_codes import new_rematch_code
from server.web.edge.query_params import (
    RATE_PARAM,
    constant_rate_query,
    read_constant_rate,
    read_number,
    to_number,
)
from server.web.edge.responses import page, see_other
from server.web.feeds.chat import ChatSource, Reading
from server.web.feeds.notices import HERE
from server.web.membership import find_membership, read_chat_form, read_exit_form
from server.web.request_handling import StreamResponse
from server.web.services import current_services
from server.web.views.cooldown import refuse_match
from server.web.views.drawing import match_or_wait

chat = Blueprint("chat", __name__, url_prefix="/chat/<chat_id>")

RECONNECT_S = 3
"""Seconds after which the browser requests a stream again that ended by itself."""

AGAIN = "again"
NO_RATE = -1
"""Matches none of `CONSTANT_RATE_CHOICES_S`."""


@chat.get("")
async def outer(chat_id: str) -> Response:
    """Show the page with the two frames. It never changes; updates arrive in the frames."""
    member = await find_membership(chat_id)
    rate_in_url_s = read_constant_rate()
    constant_rate_s = g.settings.constant_rate_s if rate_in_url_s is None else rate_in_url_s
    rate_query = constant_rate_query(rate_in_url_s)
    return page("chat.html", member=member, constant_rate_s=constant_rate_s, rate_query=rate_query)


@chat.get("/live")
async def live(chat_id: str) -> Response:
    """Stream the entries since the member joined, or since `after`, and then new ones."""
    member, services = await find_membership(chat_id), current_services()
    after = max(read_number("after", default=0), member.chat.joined_seq)
    if after > member.chat.last_seq:
        raise BadCursorError
    await services.store.check_stream(member.secret, member.chat_id)
    rate_in_url_s = read_constant_rate()
    constant_rate_s = g.settings.constant_rate_s if rate_in_url_s is None else rate_in_url_s
    head = services.pages.render(
        "live.html",
        member=member,
        constant_rate_s=constant_rate_s,
        dead_man_s=dead_man_s(constant_rate_s),
    )
    reading = Reading(
        services,
        services.pages,
        member.secret,
        member.chat_id,
        member.chat.style_nonce,
        rate_in_url_s=rate_in_url_s,
    )
    feed = ChatSource(reading, after)
    return StreamResponse(
        ConstantRateStream(head, feed, services, constant_rate_s)
        if constant_rate_s
        else LiveStream(head, feed, services),
        {
            "refresh": str(RECONNECT_S),
            "content-security-policy": headers.policy(member.chat.style_nonce),
        },
    )


@chat.post("/here")
async def here(chat_id: str) -> Response:
    """Confirm that the visitor is still there, and return to the place they were reading."""
    member, form = await read_chat_form(chat_id, HERE)
    seen = min(to_number(form["after"], 0), member.chat.last_seq)
    if form["every"]:
        every = to_number(form["every"], 0)
        return see_other(f"/chat/{member.chat_id}/plain?after={seen}&every={every}")
    rate_s = to_number(form[RATE_PARAM], NO_RATE)
    rate_query = f"&{RATE_PARAM}={rate_s}" if rate_s in CONSTANT_RATE_CHOICES_S else ""
    return see_other(f"/chat/{member.chat_id}/live?after={seen}{rate_query}")


@chat.get("/moved")
async def moved(chat_id: str) -> Response:
    """Show what an older stream is replaced by when the same session opened a newer one."""
    member = await find_membership(chat_id)
    back = f"/chat/{member.chat_id}/live{constant_rate_query(read_constant_rate())}"
    return page("moved.html", back=back, framed=True)


@chat.post("/leave")
async def leave(chat_id: str) -> Response:
    """Leave a conversation: to the start page, or from a side chat to its room. Idempotent."""
    try:
        secret = await read_exit_form("leave", chat_id)
        room_id = (await current_services().store.view_chat(secret, ChatId(chat_id))).parent_chat_id
        await current_services().store.leave(secret, ChatId(chat_id))
    except NotAMemberError:
        # Perhaps pressed after Next, on the page before: whoever leaves waits for nobody.
        await _stop_waiting()
        return see_other("/")
    return see_other(f"/chat/{room_id}" if room_id else "/")


async def _stop_waiting() -> None:
    """Cancel the visitor's request for a match, if there is one."""
    secret = visitor()
    if secret is not None and g.is_known:
        with suppress(NotAMemberError):
            await current_services().store.cancel_match(secret)


@chat.post("/next")
async def next_one(chat_id: str) -> Response:
    """Leave a pair and request another match."""
    return await _request_next(chat_id, "next")


@chat.get("/wrong")
async def wrong(chat_id: str) -> Response:
    """Show the options when something is wrong, the quickest first."""
    member = await find_membership(chat_id)
    return page("wrong.html", member=member)


@chat.post("/never")
async def never(chat_id: str) -> Response:
    """Leave a pair, block this partner for good, and request another match."""
    return await _request_next(chat_id, "never")


async def _request_next(chat_id: str, form_name: str) -> Response:
    """Leave a pair and request another match.

    Idempotent: a second post is redirected to the waiting page, which shows the present state.
    """
    store = current_services().store
    try:
        secret = await read_exit_form(form_name, chat_id)
        view = await store.view_chat(secret, ChatId(chat_id))
    except NotAMemberError:
        return see_other("/wait")
    if not view.is_pair:
        raise NotAMemberError
    if form_name == "never":
        await store.block_partner(secret, ChatId(chat_id))
    try:
        state = await store.request_match(secret, None)
    except CooldownError as error:
        return await refuse_match(error)
    except (ServerFullError, NothingBeginsError) as error:
        # Neither may keep anybody in a conversation that they want to leave.
        await store.leave(secret, ChatId(chat_id))
        return await refuse_match(error)
    return await match_or_wait(secret, state)


@chat.post("/again")
async def again(chat_id: str) -> Response:
    """Issue a rematch code, and lead to the page that shows it."""
    member, _ = await read_chat_form(chat_id, AGAIN)
    code, key = new_rematch_code()
    await current_services().store.issue_rematch_code(member.secret, member.chat_id, key, code)
    return see_other(f"/chat/{member.chat_id}/again")


@chat.get("/again")
async def rematch_code(chat_id: str) -> Response:
    """Show the visitor's rematch code for this pair, as long as it is valid."""
    member = await find_membership(chat_id)
    shown = await current_services().store.shown_rematch_code(member.secret, member.chat_id)
    code, left_s = shown or (None, 0)
    return page("again.html", member=member, code=code, hours=max(1, whole(left_s, 3_600)))
