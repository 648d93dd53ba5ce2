"""A text client that follows links and forms uses the chat through a real onion service."""

from __future__ import annotations

import asyncio
import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from onion import Defence
from server.demo.document import Document
from server.demo.text_browser import Reply, TextBrowser

from .conftest import Demo

pytestmark = [pytest.mark.tor, pytest.mark.slow]

ARRIVE_S = 60.0


async def ask_for_match(visitor: TextBrowser, intent: str) -> Reply:
    door = await visitor.get("/")
    return await visitor.submit(door.page.form("/pair"), intent=intent)


async def send_message(visitor: TextBrowser, chat: str, text: str) -> Reply:
    composer = await visitor.get(f"{chat}/composer")
    return await visitor.submit(composer.page.form("/messages"), text=text)


async def read_until(stream: AsyncIterator[Document], text: str) -> Document:
    seen: list[str] = []
    with suppress(TimeoutError):
        async with asyncio.timeout(ARRIVE_S):
            async for update in stream:
                seen += [line.text for line in update.lines]
                if any(text in line.text for line in update.lines):
                    return update
    raise AssertionError(f"{text!r} did not arrive; seen so far: {seen}")


def test_bootstrap_percentage_of_the_demo_never_falls(demo: Demo) -> None:
    steps = [event["percent"] for event in demo.events.seen if event["event"] == "bootstrap"]
    assert steps == sorted(steps)
    assert steps[0] == 0
    assert steps[-1] == 100
    assert demo.onion.endswith(".onion")


async def test_matched_visitors_read_each_other_and_the_end(demo: Demo) -> None:
    first, second = demo.visitor(), demo.visitor()
    assert (await ask_for_match(first, "talk")).path == "/wait"
    async with first.stream("/wait/live") as waiting:
        matched = await ask_for_match(second, "listen")
        redirects = [update.refresh async for update in waiting.lines() if update.refresh]
    here = redirects[0]
    assert here != matched.path
    async with first.stream(f"{here}/live") as one, second.stream(f"{matched.path}/live") as two:
        lines_one, lines_two = one.lines(), two.lines()
        await send_message(first, here, "can you hear me")
        for lines in (lines_one, lines_two):
            await read_until(lines, "can you hear me")
        await send_message(second, matched.path, "yes, in a low voice")
        await read_until(lines_one, "in a low voice")
        plain = await first.get(f"{here}/plain")
        messages = [line.text for line in plain.page.lines if not line.event]
        assert messages == ["can you hear me", "yes, in a low voice"]
        left = await second.submit((await second.get(matched.path)).page.form("/leave"))
        assert left.path == "/"
        gone = await read_until(lines_one, "has left")
        assert gone.lines[0].event == "left"


def test_web_process_of_the_demo_listens_on_no_network(demo: Demo) -> None:
    listening = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True, check=True).stdout
    supervisor = str(demo.events.process.pid)
    of_it = ["pgrep", "--parent", supervisor, "--full", "server serve"]
    (web,) = subprocess.run(of_it, capture_output=True, text=True, check=True).stdout.split()
    assert not [pid for pid in (supervisor, web) if f"pid={pid}," in listening]
    assert demo.socks.rpartition(":")[2] in listening, "the output shows tor's own ports"


@pytest.mark.parametrize("name", ["control", "socks"])
def test_sandboxed_process_cannot_reach_a_socket_of_tor(
    demo: Demo, tmp_path: Path, name: str
) -> None:
    sockets = {path.name: path for path in demo.folder.glob("tor/**/*") if path.is_socket()}
    assert set(sockets) == {"control", "socks"}
    control = sockets[name]
    own = tmp_path / "own"
    own.mkdir()
    with socket.socket(socket.AF_UNIX) as outside:
        outside.connect(str(control))
    found = ["pgrep", "-f", f"^[^ ]*tor .*{demo.folder}/tor/"]
    (tor,) = subprocess.run(found, capture_output=True, text=True, check=True).stdout.split()
    program = [sys.executable, "-m", "tests.sandbox.forbidden_calls"]
    argv = [*program, str(own), str(control), tor]
    outcomes = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    assert outcomes["connect"] == "refused"
    for attempt in ("read another's memory", "limit another", "kill another"):
        assert outcomes[attempt] == "refused", attempt


def test_admin_socket_answers_status(demo: Demo) -> None:
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(ARRIVE_S)
        connection.connect(str(demo.admin_socket))
        connection.sendall(b"status\n")
        answer = json.loads(connection.makefile().readline())
    assert answer["status"] == "serving"
    assert answer["failures"] == 0
    assert answer["circuit_ids_believed"] is True
    assert all(answer[f"tor_{defence.value}"] is True for defence in Defence)


async def test_wrong_host_is_refused_through_the_onion_too(demo: Demo) -> None:
    visitor = demo.visitor()
    reply = await visitor.request("GET", "/", headers={"host": "example.com"})
    assert (reply.status, reply.body) == (400, b"")
