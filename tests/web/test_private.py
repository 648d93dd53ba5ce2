"""A private room admits visitors with its code, and its opener controls everything else."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pytest

from server.core.limits import GUESS_BURST, MATCH_OPEN_S
from server.core.room.private import PrivateRoom
from server.demo.text_browser import Reply
from server.store.memory.inspect import reachable
from tests.fakes import Talker, join_room

from .appbrowser import AppBrowser, AppServer, make_server


@dataclass(frozen=True, slots=True)
class Opened:
    """A room that has just been opened."""

    opener: Talker[AppBrowser]
    words: str
    digits: str


def codes_of(reply: Reply) -> tuple[str, str]:
    """Return both spellings of the code on a page."""
    output = reply.body.decode().partition("<output id=invitation")[2].partition("</output>")[0]
    words, _, digits = output.partition(">")[2].partition("<br>")
    return words, digits


async def open_room(server: AppServer, **fields: str) -> Opened:
    browser = server.browser()
    form = (await browser.get("/rooms/new")).page.form("/rooms/new")
    reply = await browser.submit(form, **{"title": "Tea at five", **fields})
    assert reply.status == 200
    return Opened(Talker(browser, reply.page.links["To the room"]), *codes_of(reply))


async def enter(browser: AppBrowser, code: str) -> Reply:
    """Enter a code into the field on the rooms page."""
    form = (await browser.get("/rooms")).page.form("/invite")
    return await browser.submit(form, code=code)


async def come(server: AppServer, code: str) -> Talker[AppBrowser]:
    browser = server.browser()
    reply = await enter(browser, code)
    assert reply.status == 200
    return Talker(browser, reply.path)


async def people(talker: Talker[AppBrowser]) -> Reply:
    return await talker.browser.get(f"{talker.path}/people")


async def act(talker: Talker[AppBrowser], name: str) -> Reply:
    """Press one of the opener's buttons."""
    return await talker.browser.submit((await people(talker)).page.form("/host"), act=name)


async def test_code_has_two_spellings_of_four_words_or_sixteen_digits() -> None:
    server = make_server()
    opened = await open_room(server)
    assert re.fullmatch(r"[a-z]+(-[a-z]+){3}", opened.words)
    assert re.fullmatch(r"\d{4}(-\d{4}){3}", opened.digits)
    for code in (opened.words, opened.digits):
        assert (await come(server, code)).path.startswith("/chat/")


@pytest.mark.parametrize("spelling", ["upper", "spaces", "both", "persian", "newline"])
async def test_code_is_accepted_in_several_spellings(spelling: str) -> None:
    server = make_server()
    opened = await open_room(server)
    code = {
        "upper": opened.words.upper(),
        "spaces": f"  {opened.words.replace('-', '  ')} ",
        "both": f"{opened.words}\n{opened.digits}",
        "persian": "".join(chr(0x6F0 + int(c)) for c in opened.digits if c.isdigit()),
        "newline": opened.digits.replace("-", "\n"),
    }[spelling]
    assert (await come(server, code)).path.startswith("/chat/")


async def test_opener_is_a_member_and_the_code_is_shown_once() -> None:
    server = make_server()
    opened = await open_room(server)
    for path in ("", "/people", "/plain"):
        reply = await opened.opener.browser.get(opened.opener.path + path)
        assert reply.status == 200
        assert "in Tea at five." in reply.page.text
        assert opened.words not in reply.body.decode()
        assert opened.digits not in reply.body.decode()


@pytest.mark.checklist(12)
async def test_store_has_neither_codes_nor_the_key_of_their_hash() -> None:
    server = make_server()
    opened = await open_room(server)
    await enter(server.browser(), opened.words)
    kept = [o for o in reachable(server.store) if isinstance(o, bytes | str)]
    texts = [o if isinstance(o, str) else o.decode("latin-1") for o in kept]
    assert [o for o in reachable(server.store) if isinstance(o, PrivateRoom)]
    for code in ("Tea at five", opened.words, opened.digits, *opened.words.split("-")):
        assert not [text for text in texts if code == text or (" " in code and code in text)]
    assert server.services.server_key not in kept


async def test_first_form_creates_the_session() -> None:
    server = make_server()
    browser = server.browser()
    form = (await browser.get("/rooms/new")).page.form("/rooms/new")
    assert (await server.store.counts()).sessions == 0
    reply = await browser.post(form.action, {**form.fields, "title": "x"})
    assert "__Host-" in reply.headers["set-cookie"]


@pytest.mark.parametrize("title", ["", "\u200b", "<b>" * 21])
async def test_unfit_title_is_refused_and_kept_in_the_field(title: str) -> None:
    server = make_server()
    browser = server.browser()
    form = (await browser.get("/rooms/new")).page.form("/rooms/new")
    reply = await browser.submit(form, title=title)
    assert reply.status == 400
    assert reply.page.form("/rooms/new").fields["title"] == title
    assert "1 to 60 characters" in reply.page.text
    assert (await server.store.counts()).sessions == 0


async def test_title_is_not_markup() -> None:
    server = make_server()
    opened = await open_room(server, title="<b>x</b>")
    guest = await come(server, opened.words)
    for path in (guest.path, f"{guest.path}/plain", f"{guest.path}/people", "/rooms"):
        assert "<b>" not in (await guest.browser.get(path)).body.decode()


async def test_rooms_page_links_to_the_visitors_own_rooms() -> None:
    opened = await open_room(make_server())
    page = (await opened.opener.browser.get("/rooms")).page
    assert page.links["Tea at five"] == opened.opener.path


@pytest.mark.parametrize("code", ["no such code here", "1" * 16, "1234", '"><b>'])
async def test_wrong_code_is_404_and_kept_in_the_field(code: str) -> None:
    server = make_server()
    browser = server.browser()
    reply = await enter(browser, code)
    assert reply.status == 404
    assert reply.page.form("/invite").fields["code"] == code
    assert "does not work" in reply.page.text
    assert "set-cookie" not in reply.headers
    assert (await server.store.counts()).sessions == 0


@pytest.mark.checklist(17, 18)
async def test_used_up_code_looks_like_a_wrong_one() -> None:
    server = make_server()
    opened = await open_room(server, uses="1")
    await come(server, opened.words)
    reply = await enter(server.browser(), opened.words)
    assert reply.status == 404
    assert "does not work" in reply.page.text


@pytest.mark.parametrize("uses", ["1", "5"])
async def test_newcomer_who_presses_twice_loses_no_use(uses: str) -> None:
    server = make_server()
    opened = await open_room(server, uses=uses)
    # Neither press has a cookie: the browser gave the first answer up.
    lost, browser = server.browser(circuit="a"), server.browser(circuit="a")
    form = (await browser.get("/rooms")).page.form("/invite")
    fields = {**form.fields, "code": opened.words}
    first, second = await lost.post("/invite", fields), await browser.post("/invite", fields)
    assert first.status == 303
    assert second.status == (404 if uses == "1" else 303)
    assert "set-cookie" not in second.headers or lost.cookie != browser.cookie
    if uses != "1":
        await browser.get(second.headers["location"])
    server.clock.advance(MATCH_OPEN_S)
    await server.store.sweep()
    entered = await enter(browser, opened.words)
    assert entered.path.startswith("/chat/")
    shown = (await people(opened.opener)).page.text
    left = int(uses) - 1
    assert (f"{left} more" in shown) if left else ("There is no valid invitation" in shown)
    # Nothing leads from one press to the session of the other.
    assert (await lost.get(first.headers["location"])).status == 404


@pytest.mark.parametrize(("minutes", "lasts_s"), [("10", 600), ("720", 43_200), ("3", 3_600)])
async def test_code_is_valid_for_the_chosen_duration(minutes: str, lasts_s: float) -> None:
    server = make_server()
    opened = await open_room(server, minutes=minutes)
    server.clock.advance(lasts_s - 1)
    await come(server, opened.words)
    server.clock.advance(1)
    assert (await enter(server.browser(), opened.words)).status == 404


async def test_too_many_guesses_are_refused_with_the_delay() -> None:
    server = make_server()
    browser = (await join_room(server.browser())).browser
    for _ in range(GUESS_BURST):
        assert (await enter(browser, "1" * 16)).status == 404
    reply = await enter(browser, "1" * 16)
    assert reply.status == 429
    assert "Wait 30 seconds" in reply.page.text
    assert reply.page.form("/invite").fields["code"] == "1" * 16


@pytest.mark.parametrize("path", ["/rooms/new", "/invite"])
async def test_form_without_its_token_is_refused_and_keeps_the_input(path: str) -> None:
    server = make_server()
    opened = await open_room(server)
    foreign = (await opened.opener.browser.get("/rooms")).page.form("/invite").fields["token"]
    for token in ("", "AAAAAAAAAAAAAA", "é", foreign):
        fields = {"title": "A title", "code": opened.words, "token": token}
        reply = await server.browser().post(path, fields)
        assert reply.status == 403
        assert "set-cookie" not in reply.headers
        kept = reply.page.form(path).fields
        assert "A title" in kept.values() or opened.words in kept.values()
    assert (await server.store.counts()).sessions == 1


async def test_opener_locks_and_unlocks_the_room() -> None:
    server = make_server()
    opened = await open_room(server)
    await act(opened.opener, "lock")
    reply = await enter(server.browser(), opened.words)
    assert reply.status == 409
    assert "locked" in reply.page.text
    await act(opened.opener, "unlock")
    await come(server, opened.words)


async def test_newcomer_knocks_and_waits_to_be_admitted() -> None:
    server = make_server()
    opened = await open_room(server)
    await act(opened.opener, "ask-first")
    async with opened.opener.browser.watch(f"{opened.opener.path}/live?after=1") as stream:
        outside = await come(server, opened.words)
        assert "data-event=knocked" in await stream.event()
    assert outside.path.startswith("/knock/")
    waiting = await outside.browser.get(outside.path)
    assert waiting.headers["refresh"].endswith(f"url={outside.path}")
    inside = outside.path.replace("/knock/", "/chat/")
    assert (await outside.browser.get(inside)).status == 404
    (let_in, send_away, *_) = (await people(opened.opener)).page.form("/host").buttons
    assert (let_in, send_away) == (("act", "admit 2"), ("act", "send-away 2"))
    await act(opened.opener, "admit 2")
    assert (await outside.browser.get(outside.path)).path == inside
    assert (await outside.browser.get(inside)).status == 200


@pytest.mark.checklist(17)
async def test_rejected_knock_looks_like_an_unknown_id() -> None:
    server = make_server()
    opened = await open_room(server)
    await act(opened.opener, "ask-first")
    outside = await come(server, opened.words)
    await act(opened.opener, "send-away 2")
    gone = await outside.browser.get(outside.path)
    never_was = await outside.browser.get("/knock/abcdefghijkl")
    assert gone.status == never_was.status == 404
    assert gone.body == never_was.body


@pytest.mark.checklist(17)
async def test_knock_is_private_to_its_session_and_can_be_withdrawn() -> None:
    server = make_server()
    opened = await open_room(server)
    await act(opened.opener, "ask-first")
    outside = await come(server, opened.words)
    form = (await outside.browser.get(outside.path)).page.form("/stop")
    for browser in (server.browser(), opened.opener.browser):
        foreign = await browser.get(outside.path)
        never_was = await browser.get("/knock/abcdefghijkl")
        assert foreign.status == 404
        assert foreign.body == never_was.body
        status = (await browser.send(form.action, form.fields)).status
        assert status == (404 if browser is opened.opener.browser else 403)
    assert "knocks" in (await people(opened.opener)).page.text
    assert (await outside.browser.submit(form)).path == "/rooms"
    assert "knocks" not in (await people(opened.opener)).page.text


async def test_removing_a_member_ends_their_stream() -> None:
    server = make_server()
    opened = await open_room(server)
    guest, other = await come(server, opened.words), await come(server, opened.words)
    async with guest.browser.watch(f"{guest.path}/live?after=3") as stream:
        await act(opened.opener, "remove 2")
        assert "url=/over" in await stream.event()
    for path, status in ((guest.path, 404), ("/over", 200)):
        told = await guest.browser.get(path)
        assert told.status == status
        assert "The host has removed you from this room." in told.page.text
    last = (await other.lines())[-1]
    assert (last.event, last.text.endswith("was removed.")) == ("left", True)
    assert (await enter(guest.browser, opened.words)).status == 404


async def test_closed_room_can_be_read_and_explains_refused_posts() -> None:
    server = make_server()
    opened = await open_room(server)
    guest = await come(server, opened.words)
    await guest.send("words")
    form = (await guest.browser.get(f"{guest.path}/composer")).page.form("/messages")
    await act(opened.opener, "close")
    refused = await guest.browser.submit(form, text="more")
    assert refused.status == 410
    assert "the room is closed" in refused.page.text
    assert refused.page.form("/messages").fields["text"] == "more"
    assert await guest.texts() == ["words"]
    assert "The room is closed" in (await guest.browser.get(f"{guest.path}/composer")).page.text
    assert [f for f in (await people(opened.opener)).page.forms if f.action.endswith("/host")] == []


async def test_new_invitation_cancels_the_old_one_and_is_shown_once() -> None:
    server = make_server()
    opened = await open_room(server)
    form = (await people(opened.opener)).page.form("/invitation")
    reply = await opened.opener.browser.submit(form, uses="1")
    words, _digits = codes_of(reply)
    assert words != opened.words
    assert (await enter(server.browser(), opened.words)).status == 404
    await come(server, words)
    assert (await enter(server.browser(), words)).status == 404
    assert "There is no valid invitation." in (await people(opened.opener)).page.text


async def test_opener_role_passes_to_the_longest_present_member() -> None:
    server = make_server()
    opened = await open_room(server)
    second, third = await come(server, opened.words), await come(server, opened.words)
    assert "You are the host" not in (await people(second)).page.text
    await opened.opener.press("leave")
    assert "You are the host" in (await people(second)).page.text
    assert "You are the host" not in (await people(third)).page.text
    assert [line.event for line in await third.lines()][-2:] == ["left", "opener"]


async def test_page_asks_once_before_an_act_that_hits_others() -> None:
    server = make_server()
    opened = await open_room(server)
    await come(server, opened.words)
    page = (await people(opened.opener)).page
    acts = [value for form in page.forms for name, value in form.buttons if name == "act"]
    assert "close" not in acts
    assert "remove 2" not in acts
    for link, act_value in (("Close the room …", "close"), ("Remove …", "remove 2")):
        asking = (await opened.opener.browser.get(page.links[link])).page
        first = next(form for form in asking.forms if form.action.endswith("/host"))
        assert first.buttons == [("act", act_value)]
        assert "Cancel" in asking.links
    for query in ("remove=9", "remove=x", "remove="):
        asking = (await opened.opener.browser.get(f"{opened.opener.path}/people?{query}")).page
        assert "Cancel" not in asking.links


@pytest.mark.parametrize("name", ["lock", "close", "remove 1", "admit 2", "ask-first"])
async def test_other_members_cannot_use_the_openers_actions(name: str) -> None:
    server = make_server()
    opened = await open_room(server)
    guest = await come(server, opened.words)
    # The token of the list is valid, but this member is not the opener.
    token = (await people(guest)).page.form("/mute").fields["token"]
    fields = {"token": token, "act": name}
    reply = await guest.browser.send(f"{guest.path}/host", fields)
    assert reply.status == 403
    assert "Only the host of the room" in reply.page.text
    for foreign in ("", token):
        fields = {"token": foreign, "act": name}
        reply = await guest.browser.send(f"{opened.opener.path}/host", fields)
        assert (reply.path.partition("?")[0], reply.status) == ("/over", 404)
    assert (await guest.send("still open")).status == 200
    assert len((await people(opened.opener)).body.split(b"<li value=")) == 3


@pytest.mark.parametrize("name", ["", "dance", "remove", "remove 9", "remove x", "admit -1"])
async def test_unknown_host_action_is_404(name: str) -> None:
    server = make_server()
    opened = await open_room(server)
    await come(server, opened.words)
    reply = await act(opened.opener, name)
    assert reply.status == 404
    assert not server.services.failures


async def test_other_conversations_have_no_host_actions() -> None:
    server = make_server()
    pair, talker = await server.pair(), await join_room(server.browser())
    for member in (pair.first, talker):
        page = (await people(member)).page
        assert not [form for form in page.forms if form.action.endswith(("/host", "/invitation"))]
        token = page.form("/mute").fields["token"]
        fields = {"token": token, "act": "close"}
        reply = await member.browser.send(f"{member.path}/host", fields)
        assert reply.status == 404
        assert (await member.send("still open")).status == 200


async def test_idle_knocking_visitor_is_forgotten() -> None:
    server = make_server()
    opened = await open_room(server)
    await act(opened.opener, "ask-first")
    browser = server.browser()
    outside = await enter(browser, opened.words)
    questions = 0
    for _ in range(40):
        server.clock.advance(60)
        await server.store.sweep()
        reply = await browser.get(outside.path)
        questions += b"I am here" in reply.body
        await opened.opener.browser.get("/help")
    assert questions == 6
    assert reply.status == 404


async def test_knocking_visitor_who_answers_keeps_waiting() -> None:
    server = make_server()
    opened = await open_room(server)
    await act(opened.opener, "ask-first")
    browser = server.browser()
    outside = await enter(browser, opened.words)
    for _ in range(35):
        server.clock.advance(60)
        await server.store.sweep()
        page = (await browser.get(outside.path)).page
        if "Still there?" in page.text:
            assert (await browser.submit(page.form("/here"))).path == outside.path
        await opened.opener.browser.get("/help")
    assert (await browser.get(outside.path)).status == 200
