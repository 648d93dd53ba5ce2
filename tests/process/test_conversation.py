"""Two people meet, chat and leave in the real web process, over its socket."""

from __future__ import annotations

import asyncio

import pytest

from server.demo.bot import GREETING, run_bot
from tests.fakes import ChatPair, Talker, press_intent

from .server_process import ServerProcess


@pytest.mark.slow  # the process starts
def test_server_prints_one_json_line_when_ready(server: ServerProcess) -> None:
    assert server.first_line == '{"event": "ready"}\n'


async def test_two_people_talk_and_read_each_other(server: ServerProcess) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    await pair.first.send("Hello?")
    await pair.second.send("سلام 👩‍👧")
    assert await pair.first.texts() == ["Hello?", "سلام 👩‍👧"]
    assert await pair.second.texts() == await pair.first.texts()


async def test_both_join_under_their_names_and_only_once(
    server: ServerProcess,
) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    for talker in (pair.first, pair.second):
        assert [line.event for line in await talker.lines()] == ["joined"]


async def test_stream_contains_earlier_and_new_messages(
    server: ServerProcess,
) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    await pair.first.send("before")
    received: list[str] = []
    async with pair.second.browser.stream(f"{pair.second.path}/live") as stream:
        async for update in stream.lines():
            received += [line.event or line.text for line in update.lines]
            if received[-1:] == ["before"]:
                await pair.first.send("after")
            if received[-1:] == ["after"]:
                await pair.first.press("leave")
            if received[-1:] == ["left"]:
                break
    assert received == ["joined", "before", "after", "left"]


async def test_waiting_stream_leads_to_the_conversation(server: ServerProcess) -> None:
    waiter, newcomer = server.browser(), server.browser()
    await press_intent(waiter, "talk")
    async with waiter.stream("/wait/live") as stream:
        coming = asyncio.ensure_future(press_intent(newcomer, "listen"))
        targets = [update.refresh async for update in stream.lines() if update.refresh]
    await coming
    found = await waiter.get(targets[-1])
    assert (found.status, set(found.page.frames)) == (200, {"l", "c"})


async def test_bot_introduces_itself_and_answers(server: ServerProcess) -> None:
    visitor = server.browser()
    await press_intent(visitor, "any")
    async with visitor.stream("/wait/live") as waiting:
        bot = asyncio.ensure_future(run_bot(server.browser()))
        targets = [update.refresh async for update in waiting.lines() if update.refresh]
    talker, received = Talker(visitor, targets[-1]), []
    async with visitor.stream(f"{talker.path}/live") as stream:
        async for update in stream.lines():
            received += [line.text for line in update.lines if not line.event]
            if received == [GREETING]:
                await talker.send("four")
            if len(received) == 3:
                break
    await talker.press("leave")
    await asyncio.wait_for(bot, timeout=20)
    assert received[1:] == ["four", "You wrote 4 characters. I am still only a program."]


async def test_bot_says_that_its_stream_ended_before_the_partner_left(
    server: ServerProcess,
) -> None:
    visitor, browser = server.browser(), server.browser()
    await press_intent(visitor, "any")
    async with visitor.stream("/wait/live") as waiting:
        bot = asyncio.ensure_future(run_bot(browser))
        targets = [update.refresh async for update in waiting.lines() if update.refresh]
    async with visitor.stream(f"{targets[-1]}/live") as stream:
        async for update in stream.lines():
            if any(line.text == GREETING for line in update.lines):
                break
    elsewhere = server.browser()
    elsewhere.cookie = browser.cookie
    chat = (await elsewhere.get("/wait")).path
    while not bot.done():
        # The newest stream of a session ends the others.
        async with elsewhere.stream(f"{chat}/live"):
            await asyncio.wait([bot], timeout=1.0)
    with pytest.raises(ConnectionError):
        bot.result()


async def test_leaving_is_shown_to_the_partner_and_ends_own_access(
    server: ServerProcess,
) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    start = await pair.first.press("leave")
    assert (start.path, start.status) == ("/", 200)
    assert (await pair.first.browser.get(pair.first.path)).status == 404
    assert (await pair.second.lines())[-1].event == "left"
    assert (await pair.second.browser.get(pair.second.path)).status == 200


async def test_next_leads_to_a_new_partner(server: ServerProcess) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    assert (await pair.first.press("next")).path == "/wait"
    third = await press_intent(server.browser(), "listen")
    again = await pair.first.browser.get("/wait")
    assert third.path.startswith("/chat/")
    assert again.path.startswith("/chat/")
    assert again.path != pair.first.path
