"""Two people meet, talk and part in the real web process, over its socket."""

from __future__ import annotations

import asyncio

import pytest

from server.demo.bot import GREETING, run_bot
from tests.fakes import ChatPair, Talker, knock

from .server_process import ServerProcess


@pytest.mark.slow  # the process starts
def test_server_says_in_one_line_of_json_that_it_is_ready(server: ServerProcess) -> None:
    assert server.first_line == '{"event": "ready"}\n'


async def test_two_people_talk_and_read_each_other(server: ServerProcess) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    await pair.first.say("Hello?")
    await pair.second.say("سلام 👩‍👧")
    assert await pair.first.texts() == ["Hello?", "سلام 👩‍👧"]
    assert await pair.second.texts() == await pair.first.texts()


async def test_both_come_in_under_their_names_and_neither_is_told_twice(
    server: ServerProcess,
) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    for talker in (pair.first, pair.second):
        assert [line.event for line in await talker.lines()] == ["joined"]


async def test_stream_brings_what_was_said_before_and_what_is_said_then(
    server: ServerProcess,
) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    await pair.first.say("before")
    heard: list[str] = []
    async with pair.second.browser.stream(f"{pair.second.chat}/live") as stream:
        async for said in stream.lines():
            heard += [line.event or line.text for line in said.lines]
            if heard[-1:] == ["before"]:
                await pair.first.say("after")
            if heard[-1:] == ["after"]:
                await pair.first.press("leave")
            if heard[-1:] == ["left"]:
                break
    assert heard == ["joined", "before", "after", "left"]


async def test_waiting_stream_leads_to_the_conversation(server: ServerProcess) -> None:
    waiter, comer = server.browser(), server.browser()
    await knock(waiter, "talk")
    async with waiter.stream("/wait/live") as stream:
        coming = asyncio.ensure_future(knock(comer, "listen"))
        led = [said.refresh async for said in stream.lines() if said.refresh]
    await coming
    found = await waiter.get(led[-1])
    assert (found.status, set(found.page.frames)) == (200, {"l", "c"})


async def test_scripted_guest_says_that_it_is_a_program_and_answers(server: ServerProcess) -> None:
    visitor = server.browser()
    await knock(visitor, "any")
    async with visitor.stream("/wait/live") as waiting:
        guest = asyncio.ensure_future(run_bot(server.browser()))
        led = [said.refresh async for said in waiting.lines() if said.refresh]
    talker, heard = Talker(visitor, led[-1]), []
    async with visitor.stream(f"{talker.chat}/live") as stream:
        async for said in stream.lines():
            heard += [line.text for line in said.lines if not line.event]
            if heard == [GREETING]:
                await talker.say("four")
            if len(heard) == 3:
                break
    await talker.press("leave")
    await asyncio.wait_for(guest, timeout=20)
    assert heard[1:] == ["four", "You said 4 characters. I am still only a program."]


async def test_leaving_is_told_to_the_other_and_forgotten_for_oneself(
    server: ServerProcess,
) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    door = await pair.first.press("leave")
    assert (door.path, door.status) == ("/", 200)
    assert (await pair.first.browser.get(pair.first.chat)).status == 404
    assert (await pair.second.lines())[-1].event == "left"
    assert (await pair.second.browser.get(pair.second.chat)).status == 200


async def test_next_brings_one_to_somebody_new(server: ServerProcess) -> None:
    pair = await ChatPair.meet(server.browser(), server.browser())
    assert (await pair.first.press("next")).path == "/wait"
    third = await knock(server.browser(), "listen")
    again = await pair.first.browser.get("/wait")
    assert third.path.startswith("/chat/")
    assert again.path.startswith("/chat/")
    assert again.path != pair.first.chat
