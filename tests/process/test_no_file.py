"""Once it serves, the server opens no file for writing, and never tries to."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tests.everything import do_everything
from tests.fakes import ChatPair

from .needles import Needles
from .provocations import misuse_forms, misuse_talk, routes, send, wrongs
from .scribbler import READING, WAYS
from .server_process import ANSWER_S, TOP, LaunchOptions, ServerProcess, running_server
from .strace import Call, pid_in, under_strace, writing_since_ready

pytestmark = [pytest.mark.slow, pytest.mark.checklist(24)]

CONVERSATIONS = 30
FEWER = 4
"""One in so many of the wrong requests is sent."""


async def load(server: ServerProcess) -> None:
    """Have dozens of conversations with open streams, visit every page, and err on every route."""
    for _ in range(CONVERSATIONS):
        pair = await ChatPair.meet(server.browser(), server.browser())
        async with pair.second.browser.stream(f"{pair.second.path}/live") as stream:
            await pair.first.send("hello")
            async for update in stream.lines():
                if any(line.text == "hello" for line in update.lines):
                    break
        await pair.first.press("leave")
    await do_everything(server.browser)
    needles = Needles()
    for number, (method, path) in enumerate(routes()):
        pair = await ChatPair.meet(server.browser(), server.browser())
        # A different part on each route; strace makes each request take three times as long.
        for wrong in list(wrongs(method, path, pair, "wrong"))[number % FEWER :: FEWER]:
            send(server, needles, wrong)
    pair = await ChatPair.meet(server.browser(), server.browser())
    await misuse_forms(pair.first.browser, pair.first.path, "wrong")
    await misuse_talk(pair, "wrong")
    server.ask_admin(b"status\n")


async def test_server_under_load_opens_no_file_for_writing(tmp_path: Path) -> None:
    trace, cache = tmp_path / "trace", tmp_path / "cache"
    # Nothing is compiled yet, as after a first installation: a late import would write a file.
    fresh = {"PYTHONPYCACHEPREFIX": str(cache), "PYTHONDONTWRITEBYTECODE": ""}
    around = LaunchOptions(within=under_strace(trace), variables=fresh)
    with running_server(tmp_path / "run", around=around) as server:
        await load(server)
        os.kill(pid_in(trace), signal.SIGTERM)
        assert server.process.wait(ANSWER_S) == 0
        assert not server.socket.exists()
        assert not server.admin_socket.exists()
    assert any(cache.rglob("*.pyc")), "it wrote nothing even before it was ready"
    # It removes its two sockets at the end; from Python 3.13 on asyncio removes them first.
    removed = [call.name for call in writing_since_ready(trace)]
    assert removed in (["unlink"] * 2, ["unlink"] * 4), writing_since_ready(trace)


def scribble(folder: Path, way: str) -> list[Call]:
    """Return the writing calls that strace shows of a program that writes in one way."""
    (folder / "old").write_text("x")
    trace = folder / "trace"
    argv = [*under_strace(trace), sys.executable, "-m", "tests.process.scribbler", way, folder]
    subprocess.run(argv, cwd=TOP, capture_output=True, check=True)
    return writing_since_ready(trace)


@pytest.mark.parametrize("way", [way for way in WAYS if way != READING])
def test_every_way_to_write_is_detected(tmp_path: Path, way: str) -> None:
    assert scribble(tmp_path, way)


def test_program_that_only_reads_is_accepted(tmp_path: Path) -> None:
    assert scribble(tmp_path, READING) == []


@pytest.mark.parametrize(
    ("arguments", "could_write"),
    [
        ('AT_FDCWD, "/a", O_RDONLY|O_CLOEXEC) = 3', False),
        ('AT_FDCWD, "/a", O_RDONLY|O_PATH) = 3', False),
        ("AT_FDCWD, 0x7ffd9d2f, O_RDONLY|O_NONBLOCK|O_DIRECTORY) = 3", False),
        ('AT_FDCWD, "/a O_RDONLY", O_WRONLY) = 3', True),
        ('AT_FDCWD, "/\\" O_RDONLY", O_RDWR) = 3', True),
        ('AT_FDCWD, "/a", O_WRONLY|O_CREAT, 0644) = -1 EACCES (Permission denied)', True),
        ("AT_FDCWD, 0x7ffd9d2f, 0x7ffd9d30, 24) = 3", True),
        ('AT_FDCWD, "/a", O_RDONLY <unfinished ...>', False),
        ('AT_FDCWD, "/a", O_RDONLY|O_TRUNC <unfinished ...>', True),
    ],
)
def test_open_is_judged_by_its_flags_only(arguments: str, could_write: bool) -> None:
    assert Call("openat", arguments).could_write is could_write
