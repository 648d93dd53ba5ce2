"""The chat: the outer page, the stream in its upper frame, and the ways out."""

from __future__ import annotations

from quart import Blueprint, Response, g

from server.core.errors import BadCursorError, CooldownError, NotAMemberError, ServerFullError
from server.core.ids import ChatId
from server.core.limits import CONSTANT_RATE_CHOICES_S
from server.stream.constant_rate import ConstantRateStream, dead_man_s
from server.stream.live import LiveStream
from server.web.edge import headers
from server.web.edge.invite_codes import new_again
from server.web.edge.query_params import STEADY, read_number, read_steady, steady_query, to_number
from server.web.edge.responses import page, see_other, way_of
from server.web.feeds.chat import ChatSource, Reading
from server.web.feeds.notices import HERE
from server.web.membership import membership, pressed, pressed_by
from server.web.request_handling import StreamResponse
from server.web.services import current_services
from server.web.views.cooldown import cooldown_page, full_page

chat = Blueprint("chat", __name__, url_prefix="/chat/<chat_id>")

RECONNECT_S = 3
"""Seconds after which a stream that ended by itself is asked for again by the browser."""

AGAIN = "again"
NOT_SAID = -1


@chat.get("")
async def outer(chat_id: str) -> Response:
    """The page around the two frames. It never changes: what changes is in the frames."""
    member = await membership(chat_id)
    said = read_steady()
    constant_rate_s = g.settings.constant_rate_s if said is None else said
    return page("chat.html", member=member, constant_rate_s=constant_rate_s, how=steady_query(said))


@chat.get("/live")
async def live(chat_id: str) -> Response:
    """The stream: everything since the coming, or since `after`, and then what happens."""
    member, services = await membership(chat_id), current_services()
    after = max(read_number("after", default=0), member.chat.joined_seq)
    if after > member.chat.last_seq:
        raise BadCursorError
    await services.store.check_stream(member.secret, member.chat_id)
    said = read_steady()
    constant_rate_s = g.settings.constant_rate_s if said is None else said
    head = services.pages.render(
        "live.html",
        member=member,
        constant_rate_s=constant_rate_s,
        dead_man_s=dead_man_s(constant_rate_s),
    )
    reading = Reading(
        services, services.pages, member.secret, member.chat_id, member.chat.nonce, steady=said
    )
    feed = ChatSource(reading, after)
    return StreamResponse(
        ConstantRateStream(head, feed, services, constant_rate_s)
        if constant_rate_s
        else LiveStream(head, feed, services),
        {
            "refresh": str(RECONNECT_S),
            "content-security-policy": headers.policy(member.chat.nonce),
        },
    )


@chat.post("/here")
async def here(chat_id: str) -> Response:
    """Somebody who was asked is still there; on with what they were reading."""
    member, form = await pressed(chat_id, HERE)
    seen = min(to_number(form["after"], 0), member.chat.last_seq)
    if form["every"]:
        every = to_number(form["every"], 0)
        return see_other(f"/chat/{member.chat_id}/plain?after={seen}&every={every}")
    steady = to_number(form[STEADY], NOT_SAID)
    how = f"&{STEADY}={steady}" if steady in CONSTANT_RATE_CHOICES_S else ""
    return see_other(f"/chat/{member.chat_id}/live?after={seen}{how}")


@chat.get("/moved")
async def moved(chat_id: str) -> Response:
    """Where an older stream goes when the same session opened a newer one."""
    member = await membership(chat_id)
    back = f"/chat/{member.chat_id}/live{steady_query(read_steady())}"
    return page("moved.html", back=back, framed=True)


@chat.post("/leave")
async def leave(chat_id: str) -> Response:
    """Leave: to the door, and from a private talk to its room. Twice is as once."""
    secret, _ = await pressed_by("leave", chat_id)
    try:
        room_id = (await current_services().store.chat(secret, ChatId(chat_id))).room_id
        await current_services().store.leave(secret, ChatId(chat_id))
    except NotAMemberError:
        return see_other("/")
    return see_other(f"/chat/{room_id}" if room_id else "/")


@chat.post("/next")
async def next_one(chat_id: str) -> Response:
    """Leave, and ask for somebody else."""
    return await _go_on(chat_id, "next")


@chat.get("/wrong")
async def wrong(chat_id: str) -> Response:
    """What can be done when something is wrong: the quickest first."""
    member = await membership(chat_id)
    if not member.chat.is_pair:
        raise NotAMemberError
    return page("wrong.html", member=member)


@chat.post("/never")
async def never(chat_id: str) -> Response:
    """Leave, never meet this one again, and ask for somebody else."""
    return await _go_on(chat_id, "never")


async def _go_on(chat_id: str, form_name: str) -> Response:
    """Leave a pair and ask for somebody else. Twice is as once: the second finds how it stands."""
    store, (secret, _) = current_services().store, await pressed_by(form_name, chat_id)
    try:
        member = await store.chat(secret, ChatId(chat_id))
    except NotAMemberError:
        return see_other("/wait")
    if not member.is_pair:
        raise NotAMemberError
    if form_name == "never":
        await store.block_partner(secret, ChatId(chat_id))
    try:
        return see_other(way_of(await store.request_match(secret, None), "/wait"))
    except CooldownError as error:
        return cooldown_page(error, secret)
    except ServerFullError:
        # Nobody stays with somebody because there is no place to wait for another.
        await store.leave(secret, ChatId(chat_id))
        return full_page(secret)


@chat.post("/again")
async def again(chat_id: str) -> Response:
    """Show a code to be found again by, this once."""
    member, _ = await pressed(chat_id, AGAIN)
    code, key = new_again()
    left_s = await current_services().store.issue_rematch_code(member.secret, member.chat_id, key)
    return page("again.html", member=member, code=code, hours=max(1, int(left_s // 3_600)))
