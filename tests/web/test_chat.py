"""The pages of a conversation belong to one session, and leaving it takes one press."""

from __future__ import annotations

import re

import pytest

from server.core.limits import KEPT_S
from tests.fakes import Talker, join_room, press_intent

from .appbrowser import AppBrowser, make_server

PAGES = ("", "/live", "/composer", "/plain", "/moved", "/people", "/wrong")
EXITS = ("/leave", "/next")
POSTS = ("/messages", "/mute", "/delete", "/never", "/host", "/invitation")
UNKNOWN_CHAT = "/chat/abcdefghijkl"


async def test_chat_page_has_the_stream_the_composer_and_exit_buttons() -> None:
    pair = await make_server().pair()
    page = (await pair.first.browser.get(pair.first.path)).page
    assert page.frames == {
        "l": f"{pair.first.path}/live",
        "c": f"{pair.first.path}/composer#m",
    }
    assert page.links["Reconnect"] == f"{pair.first.path}/live"
    assert page.links["Plain view"] == f"{pair.first.path}/plain"
    for button in EXITS:
        assert page.form(button).fields["token"]


async def test_reconnect_link_targets_the_stream_frame() -> None:
    pair = await make_server().pair()
    body = (await pair.first.browser.get(pair.first.path)).body.decode()
    assert f"<a class=q href={pair.first.path}/live target=l>" in body


async def test_both_members_see_the_same_two_names() -> None:
    pair = await make_server().pair()
    me, other = await names_on_the_page_of(pair.first)
    assert await names_on_the_page_of(pair.second) == [other, me]
    assert me != other


async def names_on_the_page_of(talker: Talker[AppBrowser]) -> list[str]:
    """Return a member's own name and the partner's."""
    page = (await talker.browser.get(talker.path)).body.decode()
    return re.findall(r"<bdi>(.*?)</bdi>", page)


@pytest.mark.checklist(17)
@pytest.mark.parametrize("page", PAGES)
async def test_foreign_id_gets_the_same_answer_as_an_unknown_id(page: str) -> None:
    server = make_server()
    pair = await server.pair()
    other, stranger = await server.pair(), server.browser()
    for browser in (stranger, other.first.browser, pair.second.browser):
        foreign = await browser.get(f"{pair.first.path}{page}")
        unknown = await browser.get(f"{UNKNOWN_CHAT}{page}")
        assert foreign.status == unknown.status == 404
        assert (foreign.body, foreign.headers) == (unknown.body, unknown.headers)


@pytest.mark.checklist(17)
@pytest.mark.parametrize("page", [*EXITS, *POSTS])
async def test_post_to_a_foreign_id_looks_like_one_to_an_unknown_id(page: str) -> None:
    server = make_server()
    pair = await server.pair()
    other, stranger = await server.pair(), server.browser()
    token = (await pair.first.browser.get(pair.first.path)).page.form("/leave").fields["token"]
    for browser in (stranger, other.first.browser, pair.second.browser):
        for fields in ({"text": "words"}, {"text": "words", "token": token}):
            foreign = await browser.post(f"{pair.first.path}{page}", fields)
            unknown = await browser.post(f"{UNKNOWN_CHAT}{page}", fields)
            # A session that is no member has nothing to leave, and is led on.
            # One that refuses is shown on a page without the id.
            status = 403 if browser is stranger else 303
            assert foreign.status == unknown.status == status
            assert (foreign.body, foreign.headers) == (unknown.body, unknown.headers)
    assert (await pair.first.browser.get(pair.first.path)).status == 200


@pytest.mark.checklist(17)
async def test_id_of_a_left_chat_is_known_for_a_while_to_who_left_it() -> None:
    server = make_server()
    pair = await server.pair()
    await pair.first.press("leave")
    left = await pair.first.browser.get(pair.first.path)
    assert left.status == 404
    assert "You have left this conversation." in left.page.text
    assert "Empty" not in left.page.title
    for browser in (pair.second.browser, server.browser(), pair.first.browser):
        if browser is pair.first.browser:
            server.clock.advance(KEPT_S)
        gone = await browser.get(pair.first.path)
        unknown = await browser.get(UNKNOWN_CHAT)
        assert (gone.status, gone.body, gone.headers) == (404, unknown.body, unknown.headers)
        assert "You have left" not in gone.page.text


async def test_leave_leads_to_the_start_page_and_notifies_the_partner() -> None:
    pair = await make_server().pair()
    assert (await pair.first.press("leave")).path == "/"
    last = (await pair.second.lines())[-1]
    assert last.event == "left"
    assert "has left" in last.text


async def test_next_requests_a_match_with_the_same_preferences() -> None:
    server = make_server()
    pair = await server.pair()
    assert (await pair.first.press("next")).path == "/wait"
    # The first member wants to talk, so a listener matches and another talker does not.
    other = server.browser()
    waits = await press_intent(other, "talk")
    assert waits.path == "/wait"
    await other.submit(waits.page.form("/wait/cancel"))
    assert (await press_intent(server.browser(), "listen")).path.startswith("/chat/")
    assert (await pair.first.browser.get("/wait")).path.startswith("/chat/")


async def test_next_matches_at_once_when_a_partner_waits() -> None:
    server = make_server()
    pair = await server.pair()
    await press_intent(server.browser(), "listen")
    assert (await pair.first.press("next")).path.startswith("/chat/")


@pytest.mark.parametrize("button", EXITS)
@pytest.mark.parametrize("token", ["", "AAAAAAAAAAAAAA", "é"])
async def test_exit_button_with_a_foreign_token_is_refused(button: str, token: str) -> None:
    pair = await make_server().pair()
    reply = await pair.first.browser.send(f"{pair.first.path}{button}", {"token": token})
    assert reply.status == 403
    assert (await pair.second.lines())[-1].event == "joined"


async def test_token_of_one_exit_button_does_not_work_for_the_other() -> None:
    pair = await make_server().pair()
    page = (await pair.first.browser.get(pair.first.path)).page
    fields = {"token": page.form("/next").fields["token"]}
    assert (await pair.first.browser.send(f"{pair.first.path}/leave", fields)).status == 403


@pytest.mark.checklist(15)
async def test_exit_button_pressed_twice_is_idempotent() -> None:
    server = make_server()
    pair = await server.pair()
    form = (await pair.first.browser.get(pair.first.path)).page.form("/leave")
    assert (await pair.first.browser.submit(form)).path == "/"
    assert (await pair.first.browser.submit(form)).path == "/"
    form = (await pair.second.browser.get(pair.second.path)).page.form("/next")
    assert (await pair.second.browser.submit(form)).path == "/wait"
    assert (await pair.second.browser.submit(form)).path == "/wait"
    assert not server.services.failures


async def test_new_pair_leaves_the_old_one() -> None:
    server = make_server()
    pair = await server.pair()
    await press_intent(pair.first.browser, "any")
    await press_intent(server.browser(), "any")
    assert (await pair.second.lines())[-1].event == "left"
    assert (await pair.first.browser.get(pair.first.path)).status == 404


async def test_page_of_a_replaced_stream_links_back_to_it() -> None:
    pair = await make_server().pair()
    moved = (await pair.first.browser.get(f"{pair.first.path}/moved")).page
    assert f"{pair.first.path}/live" in moved.links.values()


async def test_chat_page_states_how_messages_are_protected() -> None:
    server = make_server()
    pair, room = await server.pair(), await join_room(server.browser())
    sentences = {
        "": "Not encrypted end to end",
        "/plain": "Encrypted here, not end to end: whoever controls this server",
    }
    for path, sentence in sentences.items():
        sealed = await pair.first.browser.get(pair.first.path + path)
        assert sentence in sealed.page.text
        open_to_all = await room.browser.get(room.path + path)
        assert "Anybody can enter and read this" in open_to_all.page.text
        assert "Encrypted here" not in open_to_all.page.text


@pytest.mark.checklist(13)
async def test_replayed_gets_change_nothing() -> None:
    server = make_server()
    pair = await server.pair()
    await pair.first.send("hello")
    before = [(line.seq, line.text) for line in await pair.second.lines()]
    counts = await server.store.counts()
    for path in ("", "/composer", "/plain", "/moved"):
        for _ in range(2):
            reply = await pair.first.browser.get(f"{pair.first.path}{path}")
            assert reply.status == 200
            assert "set-cookie" not in reply.headers
    assert [(line.seq, line.text) for line in await pair.second.lines()] == before
    assert await server.store.counts() == counts


async def test_title_says_whether_the_partner_is_still_here() -> None:
    pair = await make_server().pair()
    first, second = pair.first, pair.second
    assert (await first.browser.get(first.path)).page.title == "Somebody is here"
    await second.press("leave")
    assert (await first.browser.get(first.path)).page.title == "The other person has left"
