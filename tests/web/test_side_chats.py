"""A side chat of two members beside their room: requested, accepted, and private."""

from __future__ import annotations

from server.core.ids import Secret
from tests.fakes import Talker, join_room

from .appbrowser import AppBrowser, AppServer, make_server


async def ask(talker: Talker[AppBrowser], number: int) -> str:
    """Press the button beside a member; return the path of the resulting page."""
    people = (await talker.browser.get(f"{talker.path}/people")).page
    form = people.form("/mute")
    reply = await talker.browser.submit(
        type(form)(f"{talker.path}/aside", form.fields), who=f"{number}"
    )
    return reply.path


async def side_chat_pair(server: AppServer) -> tuple[Talker[AppBrowser], Talker[AppBrowser]]:
    first, second = await join_room(server.browser()), await join_room(server.browser())
    assert await ask(first, 2) == f"{first.path}/people"
    theirs = await ask(second, 1)
    links = (await first.browser.get("/rooms")).page.links
    mine = next(path for name, path in links.items() if name.startswith("your talk with"))
    return Talker(first.browser, mine), Talker(second.browser, theirs)


async def test_side_chat_begins_when_the_other_member_accepts() -> None:
    server = make_server()
    first, second = await join_room(server.browser()), await join_room(server.browser())
    await ask(first, 2)
    assert "(you have asked for a private talk)" in await text_of(first, "/people")
    assert "asks for a private talk. To accept, open" in await text_of(second, "/plain")
    assert [line.event for line in await second.lines()] == ["joined"]
    assert "Accept private talk" in await text_of(second, "/people")
    side_chat = await ask(second, 1)
    assert side_chat.startswith("/chat/")
    assert side_chat != second.path


async def text_of(talker: Talker[AppBrowser], path: str) -> str:
    return (await talker.browser.get(f"{talker.path}{path}")).body.decode()


async def test_messages_stay_between_the_two_members() -> None:
    server = make_server()
    one, other = await side_chat_pair(server)
    third = await join_room(server.browser())
    await one.send("between us")
    assert await other.texts() == ["between us"]
    assert await third.texts() == []
    assert (await third.browser.get(one.path)).status == 404


async def test_side_chat_and_leaving_it_lead_back_to_the_room() -> None:
    server = make_server()
    one, other = await side_chat_pair(server)
    page = (await one.browser.get(one.path)).page
    room = page.links["Back to the room"]
    assert room.startswith("/chat/")
    assert not [form for form in page.forms if form.action.endswith(("/next", "/never"))]
    assert (await one.press("leave")).path == room
    assert (await other.lines())[-1].event == "left"
    assert "has left" in await text_of(other, "/composer")


async def test_support_room_has_no_side_chats() -> None:
    server = make_server()
    first, _ = [await join_room(server.browser(), "quiet") for _ in range(2)]
    assert "private talk" not in await text_of(first, "/people")
    form = (await first.browser.get(f"{first.path}/people")).page.form("/mute")
    reply = await first.browser.send(f"{first.path}/aside", {**form.fields, "who": "2"})
    assert reply.status == 403
    assert "no private talks" in reply.page.text


async def test_absent_member_cannot_be_asked() -> None:
    server = make_server()
    first = await join_room(server.browser())
    form = (await first.browser.get(f"{first.path}/people")).page.form("/mute")
    for number in ("1", "2", "x", ""):
        reply = await first.browser.send(f"{first.path}/aside", {**form.fields, "who": number})
        assert reply.status == 404
    assert (await first.browser.send(f"{first.path}/aside", {"who": "2"})).status == 403


async def test_something_is_wrong_offers_what_the_conversation_has() -> None:
    server = make_server()
    one, _ = await side_chat_pair(server)
    room = await join_room(server.browser())
    for talker, actions in ((one, ["panic", "mute", "leave"]), (room, ["panic", "leave"])):
        page = (await talker.browser.get(f"{talker.path}/wrong")).page
        assert [form.action.rpartition("/")[2] for form in page.forms] == actions
        assert (page.links.get("Mute somebody") is None) is (talker is one)
        assert "Something is wrong" in (await talker.browser.get(talker.path)).page.links


async def test_next_and_block_exist_only_in_pairs() -> None:
    server = make_server()
    one, _ = await side_chat_pair(server)
    room = await join_room(server.browser())
    for talker in (one, room):
        secret = Secret.from_cookie(talker.browser.cookie.partition("=")[2])
        assert secret is not None
        for form in ("next", "never"):
            token = server.services.tokens.form(secret.handle, form, talker.path[len("/chat/") :])
            reply = await talker.browser.send(f"{talker.path}/{form}", {"token": token})
            assert reply.status == 404
            assert (await talker.browser.get(talker.path)).status == 200
