"""A question or a knock reaches the one it is for, in every way to read, and nobody else."""

from __future__ import annotations

import re

import pytest

from server.core.cells import Event
from server.core.limits import CELL_BYTES, NEWCOMER_S, ROOM_BURST_CELLS
from server.core.room.requests import RequestKind
from server.locales.language import load_languages
from server.store.contract.rooms import MemberRequest
from server.web.feeds.notices import render_request
from tests.fakes import Talker, join_room

from .appbrowser import AppBrowser, AppServer, Watch, make_server
from .test_private import act, come, enter, open_room
from .test_side_chats import ask

ASKS = "asks for a private talk. To accept, open “People”."
KNOCKS = "knocks. To let them in, open “People”."


async def plain(talker: Talker[AppBrowser], query: str = "") -> str:
    return (await talker.browser.get(f"{talker.path}/plain{query}")).body.decode()


async def room_of(server: AppServer, count: int) -> list[Talker[AppBrowser]]:
    return [await join_room(server.browser()) for _ in range(count)]


async def mute(talker: Talker[AppBrowser], number: int) -> None:
    """Press Mute, or Unmute, beside a member."""
    form = (await talker.browser.get(f"{talker.path}/people")).page.form("/mute")
    await talker.browser.submit(form, who=f"{number}")


async def seqs_until(stream: Watch, text: str) -> list[int]:
    """Read a stream until an event has this text; return the numbers of all entries."""
    html = ""
    while text not in html:
        event = await stream.event()
        assert event, "the stream has ended"
        html += event
    return [int(seq) for seq in re.findall(r"data-seq=(\d+)", html)]


@pytest.mark.checklist(48)
async def test_side_chat_leaves_no_gap_in_the_numbers_that_others_see() -> None:
    server = make_server()
    first, second, third = await room_of(server, 3)
    async with third.browser.watch(f"{third.path}/live") as stream:
        await first.send("before")
        await ask(first, 2)
        await first.send("while one waits")
        await ask(second, 1)
        await second.send("after")
        assert await seqs_until(stream, "after") == [3, 4, 5, 6]
    assert [line.seq for line in await third.lines()] == [3, 4, 5, 6]
    assert "older line" not in await plain(third)
    assert "private talk" not in await plain(third)


@pytest.mark.checklist(48)
async def test_knock_leaves_no_gap_in_the_numbers_that_others_see() -> None:
    server = make_server()
    opened = await open_room(server)
    guest = await come(server, opened.words)
    await act(opened.opener, "ask-first")
    async with guest.browser.watch(f"{guest.path}/live") as stream:
        await guest.send("before")
        for _ in range(3):
            await come(server, opened.words)
        await act(opened.opener, "send-away 3")
        await guest.send("after")
        assert await seqs_until(stream, "after") == [2, 3, 4]
    assert [line.seq for line in await guest.lines()] == [2, 3, 4]
    assert KNOCKS not in await plain(guest)
    assert (await plain(opened.opener)).count(KNOCKS) == 2


@pytest.mark.checklist(48)
async def test_others_cannot_tell_a_request_by_what_their_stream_receives() -> None:
    server = make_server()
    first, _, third = await room_of(server, 3)
    async with third.browser.watch(f"{third.path}/live") as stream:
        assert "data-seq=3" in await stream.event()
        await ask(first, 2)
        await first.send("the next thing that this reader receives")
        assert "the next thing" in await stream.event()


async def test_open_stream_shows_a_request_in_one_cell_and_without_a_number() -> None:
    server = make_server()
    first, second = await room_of(server, 2)
    async with second.browser.watch(f"{second.path}/live") as stream:
        assert "data-seq=2" in await stream.event()
        await ask(first, 2)
        notice = await stream.event()
    assert ASKS in notice
    assert "data-event=asked" in notice
    assert "data-seq" not in notice
    assert "<bdi>" in notice


@pytest.mark.parametrize("kind", RequestKind)
def test_request_fits_one_cell_in_every_language(kind: RequestKind) -> None:
    request = MemberRequest(5_000, "Incomprehensible Grasshopper", kind, 0)
    for language in load_languages().values():
        assert len(Event(render_request(request, language)).chunk) == CELL_BYTES


async def test_request_is_shown_after_everything_that_was_written_before() -> None:
    server = make_server()
    first, second = await room_of(server, 2)
    await ask(first, 2)
    for number in range(20):
        server.clock.advance(2)
        await first.send(f"number {number}.")
    # A browser that reconnects reads everything again.
    for _ in range(2):
        async with second.browser.watch(f"{second.path}/live") as stream:
            assert await seqs_until(stream, ASKS) == list(range(2, 23))


async def test_plain_page_shows_a_request_until_it_is_answered() -> None:
    server = make_server()
    first, second = await room_of(server, 2)
    assert ASKS not in await plain(second)
    await ask(first, 2)
    page = await plain(second, "?after=2")
    assert ASKS in page
    assert "<h1>1 new line</h1>" in page
    again = await plain(second, "?after=2")
    assert ASKS in again
    assert "<h1>0 new lines</h1>" in again
    await ask(second, 1)
    assert ASKS not in await plain(second)


async def test_page_of_older_entries_shows_no_request() -> None:
    server = make_server()
    first, second = await room_of(server, 2)
    for number in range(51):
        server.clock.advance(2)
        await first.send(f"number {number}.")
    await ask(first, 2)
    page = (await second.browser.get(f"{second.path}/plain")).page
    assert ASKS in page.text
    assert ASKS not in (await second.browser.get(page.links["Earlier"])).page.text


async def test_reloading_page_counts_a_request_in_its_title() -> None:
    server = make_server()
    first, second = await room_of(server, 2)
    await ask(first, 2)
    for _ in range(2):
        page = await plain(second, "?after=2&every=30")
        assert "<title>(1) Conversation" in page
        assert ASKS in page


async def test_request_ends_when_the_asker_leaves() -> None:
    server = make_server()
    first, second = await room_of(server, 2)
    await ask(first, 2)
    await first.press("leave")
    assert ASKS not in await plain(second)
    async with second.browser.watch(f"{second.path}/live") as stream:
        assert ASKS not in await stream.event() + await stream.event()


async def test_request_of_a_muted_member_is_not_shown_and_they_cannot_tell() -> None:
    server = make_server()
    first, second, third = await room_of(server, 3)
    await mute(second, 1)
    async with second.browser.watch(f"{second.path}/live") as stream:
        assert await seqs_until(stream, "data-seq=3") == [2, 3]
        assert await ask(first, 2) == await ask(first, 3) == f"{first.path}/people"
        await third.send("hello")
        assert "hello" in await stream.event()
    assert ASKS not in await plain(second)
    assert ASKS in await plain(third)
    people = (await first.browser.get(f"{first.path}/people")).body.decode()
    assert people.count("(you have asked for a private talk)") == 2
    await mute(second, 1)
    assert ASKS in await plain(second)


async def test_own_page_counts_those_who_wait_for_an_answer() -> None:
    server = make_server()
    first, second = await room_of(server, 2)
    await ask(first, 2)
    assert "1 person who waits for your answer." in (await second.browser.get("/mine")).page.text
    assert "waits for your answer" not in (await first.browser.get("/mine")).page.text


async def test_message_in_a_busy_room_is_refused_with_the_seconds_and_kept() -> None:
    server = make_server()
    flooders = [await join_room(server.browser(circuit="a")) for _ in range(9)]
    honest = await join_room(server.browser(circuit="b"))
    server.clock.advance(NEWCOMER_S)
    newcomer = await join_room(server.browser(circuit="c"))
    replies = [await flooder.send(f"flood {turn}") for turn in range(4) for flooder in flooders]
    refused = [reply for reply in replies if reply.status == 429]
    assert ROOM_BURST_CELLS - len(flooders) - 1 <= len(replies) - len(refused) <= ROOM_BURST_CELLS
    assert refused
    assert refused[0].page.form("/messages").fields["text"].startswith("flood")
    assert re.search(r"hat was too fast. Wait \d+ seconds?, then", refused[0].page.text)
    late = await newcomer.send("hello")
    assert late.status == 429
    assert late.page.form("/messages").fields["text"] == "hello"
    assert (await honest.send("I was here before")).status == 200
    server.clock.advance(3)
    assert (await newcomer.send("hello")).status == 200


async def test_visitor_who_knocks_again_and_again_is_announced_once() -> None:
    server = make_server()
    room = await open_room(server)
    await act(room.opener, "ask-first")
    visitor, shown = server.browser(), ""
    async with room.opener.browser.watch(f"{room.opener.path}/live?after=0") as stream:
        for _ in range(3):
            await enter(visitor, room.words)
        await room.opener.send("the last line")
        while "the last line" not in shown:
            shown += await stream.event()
    assert shown.count("data-event=knocked") == 1
