"""Public rooms are listed, joined with one press, and differ from a pair."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.core.cells import frame
from server.core.limits import CELL_BYTES, JOIN_BURST
from server.core.room.public import PublicRoom, RoomClass
from server.demo.text_browser import Reply
from server.store.memory.store import MemoryStore
from tests.fakes import FakeClock, Talker, join_room, press_intent

from .appbrowser import AppBrowser, AppServer, make_server

LINE = "An example line, which is no real resource."


def server_of(*rooms: PublicRoom) -> AppServer:
    """Create a server with these public rooms."""
    server = make_server(store=MemoryStore(clock=FakeClock(), rooms=rooms))
    server.services.rooms = {room.name: room for room in rooms}
    return server


def room(name: str = "garden", **more: object) -> PublicRoom:
    return replace(PublicRoom(name, {"en": f"The {name}"}, {}, {}), **more)  # type: ignore[arg-type]


async def join(browser: AppBrowser, name: str) -> Reply:
    """Press the button of a room, without following the redirect."""
    return await browser.post(*await filled(browser, name))


async def filled(browser: AppBrowser, name: str) -> tuple[str, dict[str, str]]:
    """Return the path and the fields of the form of a room."""
    form = (await browser.get("/rooms")).page.form(f"/rooms/{name}/join")
    return form.action, form.fields


async def test_start_page_links_to_the_rooms() -> None:
    browser = make_server().browser()
    assert (await browser.get("/")).page.links["Rooms"] == "/rooms"
    assert (await browser.get("/rooms")).page.form("/rooms/common/join").fields["token"]


async def test_list_shows_title_topic_class_and_rules_beside_the_button() -> None:
    server = server_of(
        room(
            topic={"en": "Small things"},
            rules={"en": "First rule.\nSecond rule."},
            room_class=RoomClass.SUPPORT,
            slow_s=30,
        )
    )
    text = (await server.browser().get("/rooms")).page.text
    for words in ("The garden", "Small things", "Support room", "First rule.", "Second rule."):
        assert words in text
    assert "one message per person every 30 seconds" in text
    assert "be kind" in text
    assert "nobody now" in text


async def test_text_is_in_the_page_language_or_the_best_available_one() -> None:
    server = server_of(
        room(title={"fa": "باغ", "de": "Garten"}, topic={"en": "Plants", "fa": "گل"})
    )
    html = (await server.browser().get("/rooms")).body.decode()
    assert "<h2 lang=fa dir=auto>باغ</h2>" in html
    assert "<p lang=en dir=auto>Plants" in html
    assert "گل" not in html


async def test_operator_text_is_not_markup() -> None:
    server = server_of(room(title={"en": "<b>x</b>"}, topic={"en": "<b>"}, rules={"en": "<b>"}))
    assert "<b>" not in (await server.browser().get("/rooms")).body.decode()
    talker = await join_room(server.browser(), "garden")
    for path in ("", "/plain", "/people"):
        assert "<b>" not in (await talker.browser.get(talker.path + path)).body.decode()


async def test_server_without_rooms_shows_a_note() -> None:
    reply = await server_of().browser().get("/rooms")
    assert "There is no public room here." in reply.page.text


async def test_head_count_is_blurred() -> None:
    server = server_of(room())
    for _ in range(12):
        await join_room(server.browser(), "garden")
        text = (await server.browser().get("/rooms")).page.text
        assert "up to about 10 people" in text


async def test_first_join_creates_the_session_and_sets_the_cookie() -> None:
    server = make_server()
    browser = server.browser()
    assert "set-cookie" not in (await browser.get("/rooms")).headers
    assert (await server.store.counts()).sessions == 0
    reply = await join(browser, "common")
    assert reply.status == 303
    assert reply.headers["location"].startswith("/chat/")
    assert "__Host-" in reply.headers["set-cookie"]


async def test_joining_twice_leads_to_the_same_membership() -> None:
    browser = make_server().browser()
    first = await join(browser, "common")
    again = await join(browser, "common")
    assert again.headers["location"] == first.headers["location"]
    assert "set-cookie" not in again.headers


@pytest.mark.parametrize("token", ["", "AAAAAAAAAAAAAA", "é"])
async def test_join_with_a_foreign_token_is_refused(token: str) -> None:
    server = make_server()
    member = await join_room(server.browser())
    for browser in (server.browser(), member.browser):
        reply = await browser.send("/rooms/quiet/join", {"token": token})
        assert reply.status == 403
        assert "set-cookie" not in reply.headers
    assert (await server.store.counts()).conversations == 1


async def test_join_token_is_bound_to_session_and_room() -> None:
    server = make_server()
    member, other = await join_room(server.browser()), await join_room(server.browser())
    form = (await member.browser.get("/rooms")).page.form("/quiet/join")
    assert (await other.browser.send(form.action, form.fields)).status == 403
    assert (await member.browser.send("/rooms/common/join", form.fields)).status == 403


async def test_unknown_room_is_404_and_creates_no_session() -> None:
    server = make_server()
    browser = server.browser()
    form = (await browser.get("/rooms")).page.form("/common/join")
    reply = await browser.post("/rooms/nowhere/join", form.fields)
    assert reply.status == 404
    assert "set-cookie" not in reply.headers
    assert (await server.store.counts()).sessions == 0


async def test_full_room_is_503_and_creates_no_session() -> None:
    server = server_of(room(capacity=2))
    for _ in range(2):
        await join_room(server.browser(), "garden")
    reply = await join(server.browser(), "garden")
    assert reply.status == 503
    assert "This room is full" in reply.page.text
    assert (await server.store.counts()).sessions == 2


async def test_fifth_room_is_refused() -> None:
    server = server_of(*[room(f"r{n}") for n in range(5)])
    browser = server.browser()
    for number in range(4):
        assert (await join(browser, f"r{number}")).status == 303
    reply = await browser.send(*await filled(browser, "r4"))
    assert reply.status == 409
    assert "You can be in four rooms" in reply.page.text


async def test_joining_too_fast_is_refused_with_the_delay() -> None:
    browser = make_server().browser()
    for _ in range(JOIN_BURST):
        talker = await join_room(browser)
        assert (await talker.press("leave")).path == "/"
    reply = await browser.send(*await filled(browser, "common"))
    assert reply.status == 429
    assert "Wait 15 seconds" in reply.page.text


async def test_browser_that_refuses_the_cookie_is_informed() -> None:
    server = make_server()
    path = (await join(server.browser(), "common")).headers["location"]
    page = (await server.browser(referer="http://sottovoce/rooms").get(path)).page
    assert "did not accept or send the cookie" in page.text
    start_page = (await server.browser(referer="http://sottovoce/rooms").get("/")).page
    assert "did not accept or send the cookie" not in start_page.text


async def test_room_page_shows_name_and_room_and_has_no_next() -> None:
    talker = await join_room(make_server().browser())
    for path in ("", "/plain"):
        reply = await talker.browser.get(talker.path + path)
        assert "in The common room." in reply.page.text
        assert not [form for form in reply.page.forms if form.action.endswith(("/next", "/never"))]
        assert reply.page.form("/leave").fields["token"]
        assert "/panic" in [form.action for form in reply.page.forms]
        assert reply.page.links["People"] == f"{talker.path}/people"
    page = (await talker.browser.get(talker.path)).page
    assert page.title == "The common room"
    assert page.links["Reconnect"] == f"{talker.path}/live"


async def test_message_reaches_all_members_with_the_senders_name() -> None:
    server = make_server()
    first, second, third = [await join_room(server.browser()) for _ in range(3)]
    async with third.browser.watch(f"{third.path}/live") as stream:
        await stream.event()
        # Joined after the stream was opened; the stream must have this name too.
        fourth = await join_room(server.browser())
        assert "data-event=joined" in await stream.event()
        await fourth.send("hello")
        event = await stream.event()
    (line,) = [line for line in await first.lines() if line.text == "hello"]
    assert f"<bdi>{line.name}</bdi>" in event
    assert line.name in (await second.browser.get(f"{second.path}/people")).page.text


@pytest.mark.checklist(20)
async def test_joining_and_leaving_are_one_cell_each_with_one_name() -> None:
    server = make_server()
    first = await join_room(server.browser())
    others = [await join_room(server.browser()) for _ in range(20)]
    async with first.browser.watch(f"{first.path}/live?after=21") as stream:
        for change in ("joined", "left"):
            if change == "joined":
                others.append(await join_room(server.browser()))
            else:
                await others[-1].press("leave")
            event = await stream.event()
            assert f"data-event={change}" in event
            assert event.count("<bdi>") == 1
            assert len(frame(event.encode())) == CELL_BYTES


async def test_leaving_a_room_is_shown_without_a_link_to_next() -> None:
    server = make_server()
    first, second = await join_room(server.browser()), await join_room(server.browser())
    assert (await second.press("leave")).path == "/"
    last = (await first.lines())[-1]
    assert last.event == "left"
    assert last.text.endswith("has left.")
    assert (await first.send("still here")).status == 200


async def test_former_member_has_no_access() -> None:
    server = make_server()
    first, second = await join_room(server.browser()), await join_room(server.browser())
    async with first.browser.watch(f"{first.path}/live?after=2") as stream:
        await first.press("leave")
        assert "url=/over" in await stream.event()
    for path in ("", "/live", "/plain", "/composer", "/people"):
        gone = await first.browser.get(first.path + path)
        never_was = await first.browser.get("/chat/abcdefghijkl" + path)
        foreign = await first.browser.get(second.path + path)
        assert gone.status == 404
        assert never_was.body == foreign.body
        assert "You have left this conversation." in gone.page.text


@pytest.mark.checklist(12)
async def test_room_is_emptied_when_the_last_member_leaves() -> None:
    server = make_server()
    first = await join_room(server.browser())
    await first.send("words")
    await first.press("leave")
    again = await join_room(server.browser())
    assert await again.texts() == []
    assert "/rooms/common/join" in [
        f.action for f in (await again.browser.get("/rooms")).page.forms
    ]


async def test_people_page_lists_members_by_number_and_marks_the_reader() -> None:
    server = make_server()
    first, second = await join_room(server.browser()), await join_room(server.browser())
    html = (await second.browser.get(f"{second.path}/people")).body.decode()
    name = (await second.browser.get(second.path)).body.decode().partition("<bdi>")[2].split("<")[0]
    assert f"<li value=2><bdi>{name}</bdi> (you)" in html
    assert html.count("<li value=") == 2
    await first.press("leave")
    html = (await second.browser.get(f"{second.path}/people")).body.decode()
    assert "<li value=1>" not in html


async def test_header_says_that_the_other_person_is_muted() -> None:
    pair = await make_server().pair()
    wrong = (await pair.first.browser.get(f"{pair.first.path}/wrong")).page
    assert "Muted by you." not in (await pair.first.browser.get(pair.first.path)).page.text
    await pair.first.browser.submit(wrong.form("/mute"), who="2")
    assert "Muted by you." in (await pair.first.browser.get(pair.first.path)).page.text
    assert "Muted" not in (await pair.second.browser.get(pair.second.path)).page.text


async def test_people_page_of_a_pair_lists_both() -> None:
    pair = await make_server().pair()
    page = (await pair.first.browser.get(f"{pair.first.path}/wrong")).page
    html = (await pair.first.browser.get(page.links["Delete my messages"])).body.decode()
    assert html.count("<li value=") == 2


@pytest.mark.parametrize("resources", [(), (LINE,)])
async def test_support_room_pins_its_resources_or_a_note_without_any(
    resources: tuple[str, ...],
) -> None:
    server = server_of(room(room_class=RoomClass.SUPPORT, resources=resources))
    talker = await join_room(server.browser(), "garden")
    for path in ("/people", "/plain"):
        text = (await talker.browser.get(talker.path + path)).page.text
        assert (LINE in text) is bool(resources)
        assert ("No resource is listed here yet." in text) is not bool(resources)
        assert "not a crisis service" in text


async def test_other_conversations_pin_nothing() -> None:
    server = make_server()
    pair, talker = await server.pair(), await join_room(server.browser())
    for member in (pair.first, talker):
        for path in ("/people", "/plain"):
            page = (await member.browser.get(member.path + path)).page
            assert "Where to find help" not in page.text


async def test_slow_room_refuses_with_the_text_and_the_delay() -> None:
    server = make_server()
    talker = await join_room(server.browser(), "quiet")
    assert (await talker.send("one")).status == 200
    refused = await talker.send("two")
    assert refused.status == 429
    assert "Wait 10 seconds" in refused.page.text
    assert refused.page.form("/messages").fields["text"] == "two"
    server.clock.advance(10)
    assert (await talker.send("two")).status == 200


async def test_pair_and_rooms_are_independent() -> None:
    server = make_server()
    member = await join_room(server.browser())
    await press_intent(member.browser, "talk")
    partner = await press_intent(server.browser(), "listen")
    assert partner.path.startswith("/chat/")
    pair = await member.browser.get("/wait")
    talker = Talker(member.browser, pair.path)
    await talker.press("next")
    assert (await member.browser.get(member.path)).status == 200


async def test_own_messages_are_styled_for_any_member_number() -> None:
    server = make_server()
    talkers = [await join_room(server.browser()) for _ in range(11)]
    await talkers[10].send("mine")
    plain = (await talkers[10].browser.get(f"{talkers[10].path}/plain")).body.decode()
    assert ".n11{" in plain
    assert 'class="m n11 n c5"' in plain
    async with talkers[9].browser.watch(f"{talkers[9].path}/live") as stream:
        assert ".n10{" in stream.head
        assert ".n11{" not in stream.head


async def name_of(talker: Talker[AppBrowser]) -> str:
    """Return a member's name."""
    html = (await talker.browser.get(talker.path)).body.decode()
    return html.partition("<bdi>")[2].partition("</bdi>")[0]


async def test_mention_is_highlighted_only_for_the_mentioned_member() -> None:
    server = make_server()
    first, second = await join_room(server.browser()), await join_room(server.browser())
    await first.send(f"hello @{(await name_of(second)).lower()}, how are you?")
    for reader, is_highlighted in ((first, False), (second, True)):
        html = (await reader.browser.get(f"{reader.path}/plain")).body.decode()
        assert '<p class="m n1 t2 n c1" data-seq=3>' in html
        # By a border, so that colour is not the only sign.
        assert (".t2>[dir]{border-color:" in html) is is_highlighted
        async with reader.browser.watch(f"{reader.path}/live?after=2") as stream:
            assert 'class="m n1 t2 n c1"' in await stream.event()
            assert (".t2>[dir]{border-color:" in stream.head) is is_highlighted


async def test_action_is_rendered_equally_in_both_views() -> None:
    server = make_server()
    first, second = await join_room(server.browser()), await join_room(server.browser())
    await first.send("/me waves")
    html = f"* <bdi>{await name_of(first)}</bdi> <em dir=auto>waves</em>"
    assert html in (await second.browser.get(f"{second.path}/plain")).body.decode()
    async with second.browser.watch(f"{second.path}/live?after=2") as stream:
        assert html in await stream.event()
