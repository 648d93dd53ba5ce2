"""After its start, the server opens no file, asks about none, and never tries to."""

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
from .provocations import invalid_requests, misuse_forms, misuse_talk, routes, send
from .scribbler import READING, WAYS
from .server_process import ANSWER_S, TOP, LaunchOptions, ServerProcess, running_server
from .strace import Call, naming_since_ready, pid_in, under_strace, writing_since_ready

pytestmark = [pytest.mark.slow, pytest.mark.checklist(24)]

CONVERSATIONS = 30
SEND_EVERY = 4
"""Every fourth of the invalid requests is sent."""


async def load(server: ServerProcess) -> None:
    """Hold dozens of conversations with open streams, use every page, and err on every route."""
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
        # A different part on each route, because strace makes each request three times as slow.
        invalid = list(invalid_requests(method, path, pair, "wrong"))
        for request in invalid[number % SEND_EVERY :: SEND_EVERY]:
            send(server, needles, request)
    pair = await ChatPair.meet(server.browser(), server.browser())
    await misuse_forms(pair.first.browser, pair.first.path, "wrong")
    await misuse_talk(pair, "wrong")
    server.ask_admin(b"status\n")


async def test_server_under_load_opens_no_file(tmp_path: Path) -> None:
    trace, cache = tmp_path / "trace", tmp_path / "cache"
    # Nothing is compiled yet, as after an installation: a late import would write a file.
    fresh = {"PYTHONPYCACHEPREFIX": str(cache), "PYTHONDONTWRITEBYTECODE": ""}
    launch = LaunchOptions(prefix=under_strace(trace), variables=fresh)
    with running_server(tmp_path / "run", launch=launch) as server:
        await load(server)
        os.kill(pid_in(trace), signal.SIGTERM)
        assert server.process.wait(ANSWER_S) == 0
        assert not server.socket.exists()
        assert not server.admin_socket.exists()
    assert any(cache.rglob("*.pyc")), "nothing was compiled before the start"
    # At its end the server removes the files of its two sockets.
    assert [call.name for call in writing_since_ready(trace)] == ["unlinkat"] * 2
    assert [call.name for call in naming_since_ready(trace)] == ["unlinkat"] * 2


def scribble(folder: Path, way: str) -> list[Call]:
    """Run a program that writes in one way; return the writing calls that strace shows."""
    (folder / "old").write_text("x")
    trace = folder / "trace"
    argv = [*under_strace(trace), sys.executable, "-m", "tests.process.scribbler", way, folder]
    subprocess.run(argv, cwd=TOP, capture_output=True, check=True)
    return writing_since_ready(trace)


@pytest.mark.parametrize("way", [way for way in WAYS if way != READING])
def test_every_way_to_write_is_detected(tmp_path: Path, way: str) -> None:
    assert scribble(tmp_path, way)


def test_program_that_only_reads_writes_nothing(tmp_path: Path) -> None:
    assert scribble(tmp_path, READING) == []
    assert {call.name for call in naming_since_ready(tmp_path / "trace")} >= {"openat"}


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
