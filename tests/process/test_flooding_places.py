"""Somebody who takes every place keeps nobody out, where no circuit is known."""

from __future__ import annotations

import asyncio
import socket
from collections import Counter
from contextlib import closing
from pathlib import Path

import pytest

from server.demo.text_browser import TextBrowser
from tests.fakes import ChatPair, Talker

from .bystanders import chatting_bystanders
from .flood import PersistentConnection, is_idle, kept_open, status_on, wait_until
from .server_process import ServerProcess, running_server

pytestmark = pytest.mark.slow  # each test starts a process of its own

SESSIONS, ROOMS, STREAMS = 120, 5, 60
CAPACITY = f"[capacity]\nsessions = {SESSIONS}\nrooms = {ROOMS}\nstreams = {STREAMS}\n"


@pytest.mark.checklist(37, 38)
async def test_flood_of_sessions_rooms_and_streams_keeps_nobody_out(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text(CAPACITY, encoding="utf-8")
    with running_server(tmp_path, "--config", str(config)) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        broken = await ChatPair.meet(server.browser(), server.browser())
        assert await stream_status(broken.first) == 200
        async with chatting_bystanders(pair) as bystanders:
            cookies = await asyncio.to_thread(flood, server)
            with kept_open(waiting_stream(server, cookie) for cookie in cookies) as connections:
                assert Counter(map(status_on, connections))[200] > STREAMS // 2
                await bystanders.talk()
                # The line of a member broke: the place of their stream is still theirs.
                assert await stream_status(broken.first) == 200
                newcomers = await ChatPair.meet(server.browser(), server.browser())
                await newcomers.first.send("we came in")
                assert await newcomers.second.texts() == ["we came in"]
                assert await asyncio.to_thread(opens_a_room, server)
        await wait_until(server, is_idle)


async def stream_status(talker: Talker[TextBrowser]) -> int:
    """Open the stream of a member, and let the line break."""
    async with talker.browser.stream(f"{talker.path}/live") as stream:
        return stream.status


def waiting_stream(server: ServerProcess, cookie: str) -> socket.socket:
    """Request the stream of the waiting page, and read nothing."""
    raw = server.open_connection()
    raw.sendall(f"GET /wait/live HTTP/1.1\r\nHost: x\r\nCookie: {cookie}\r\n\r\n".encode())
    return raw


def opens_a_room(server: ServerProcess) -> bool:
    """Whether a newcomer can open a private room."""
    with closing(PersistentConnection(server)) as connection:
        token = connection.ask("GET", "/rooms/new").token("/rooms/new")
        answer = connection.ask("POST", "/rooms/new", token=token, title="Tea at five")
        return answer.location.endswith("/invitation")


def flood(server: ServerProcess) -> list[str]:
    """Open twice as many sessions, and rooms, as there may be; return the cookies of the last."""
    cookies = []
    with closing(PersistentConnection(server)) as connection:
        door, rooms = connection.ask("GET", "/"), connection.ask("GET", "/rooms/new")
        for _ in range(2 * ROOMS):
            token = rooms.token("/rooms/new")
            opened = connection.ask("POST", "/rooms/new", token=token, title="Mine")
            assert opened.location.endswith("/invitation")
        for _ in range(2 * SESSIONS):
            token = door.token("/pair")
            # A wish that meets nobody who comes with the language of the page.
            asked = connection.ask("POST", "/pair", token=token, intent="talk", speak="my")
            assert asked.status == 303
            cookies.append(asked.cookie)
    return cookies[-STREAMS:]
