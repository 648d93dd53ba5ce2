"""Two visitors are matched through a real onion service, with any client that can follow forms."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.demo.document import Document
from server.demo.text_browser import Reply, TextBrowser

from .conftest import Demo

pytestmark = [pytest.mark.tor, pytest.mark.slow]


async def knock(visitor: TextBrowser, intent: str) -> Reply:
    door = await visitor.get("/")
    return await visitor.submit(door.page.form("/pair"), intent=intent)


async def say(visitor: TextBrowser, chat: str, text: str) -> Reply:
    composer = await visitor.get(f"{chat}/composer")
    return await visitor.submit(composer.page.form("/messages"), text=text)


async def heard(stream: AsyncIterator[Document], text: str) -> Document:
    async for said in stream:
        if any(text in line.text for line in said.lines):
            return said
    raise AssertionError("the stream ended")


def test_demo_tells_its_way_up_and_never_back(demo: Demo) -> None:
    steps = [int(event["percent"]) for event in demo.events if event["event"] == "bootstrap"]
    assert steps == sorted(steps)
    assert steps[0] == 0
    assert steps[-1] == 100
    assert demo.onion.endswith(".onion")


async def test_two_meet_and_each_hears_the_other_and_the_end(demo: Demo) -> None:
    first, second = demo.visitor(), demo.visitor()
    assert (await knock(first, "talk")).path == "/wait"
    async with first.stream("/wait/live") as waiting:
        there = await knock(second, "listen")
        moves = [said.refresh async for said in waiting.lines() if said.refresh]
    here = moves[0]
    assert here != there.path
    async with first.stream(f"{here}/live") as one, second.stream(f"{there.path}/live") as two:
        lines_one, lines_two = one.lines(), two.lines()
        await say(first, here, "can you hear me")
        for lines in (lines_one, lines_two):
            await heard(lines, "can you hear me")
        await say(second, there.path, "yes, in a low voice")
        await heard(lines_one, "in a low voice")
        plain = await first.get(f"{here}/plain")
        said = [line.text for line in plain.page.lines if not line.event]
        assert said == ["can you hear me", "yes, in a low voice"]
        left = await second.submit((await second.get(there.path)).page.form("/leave"))
        assert left.path == "/"
        gone = await heard(lines_one, "has left")
        assert gone.lines[0].event == "left"


def test_web_process_of_the_demo_listens_on_no_network(demo: Demo) -> None:
    told = subprocess.run(["ss", "-ltnpH"], capture_output=True, text=True, check=True).stdout
    assert "python" not in told
    assert demo.socks.rpartition(":")[2] in told, "what is looked at shows tor's own ports"


def test_sealed_process_cannot_reach_the_control_socket_of_tor(demo: Demo, tmp_path: Path) -> None:
    (control,) = [path for path in demo.folder.glob("tor/**/*") if path.is_socket()]
    own = tmp_path / "own"
    own.mkdir()
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(control))
    found = ["pgrep", "-f", f"^[^ ]*tor .*{demo.folder}/tor/"]
    (tor,) = subprocess.run(found, capture_output=True, text=True, check=True).stdout.split()
    program = [sys.executable, "-m", "tests.sandbox.forbidden_calls"]
    argv = [*program, str(own), str(control), tor]
    told = json.loads(subprocess.run(argv, capture_output=True, text=True, check=True).stdout)
    assert told["connect"] == "refused"
    for attempt in ("read another's memory", "limit another", "kill another"):
        assert told[attempt] == "refused", attempt


def test_admin_socket_answers_status(demo: Demo) -> None:
    with socket.socket(socket.AF_UNIX) as asking:
        asking.connect(str(demo.admin_socket))
        asking.sendall(b"status\n")
        answer = json.loads(asking.makefile().readline())
    assert answer["status"] == "serving"
    assert answer["failures"] == 0


async def test_another_host_is_refused_through_the_onion_too(demo: Demo) -> None:
    visitor = demo.visitor()
    reply = await visitor.request("GET", "/", headers={"host": "example.com"})
    assert (reply.status, reply.body) == (400, b"")
