"""Messages through an onion service leave no trace, neither with tor nor with the supervisor."""

from __future__ import annotations

import asyncio
import itertools
import signal
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from onion import open_socks_stream
from tests.everything import code_on, match_by_form, press
from tests.fakes import Talker
from tests.process.needles import Needles
from tests.process.traces import Traces
from tests.process.witnesses import Witness, marked_headers

from .conftest import Demo
from .events import Events
from .workspace import TOP, Workspace, command

pytestmark = [pytest.mark.tor, pytest.mark.slow, pytest.mark.checklist(23, 27)]

LANGUAGES = ("my", "th", "ti", "ur", "vi")
"""One language for each pair, so that all pairs can be matched at the same time."""

END_S = 5.0
CHAT_S = 60.0


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("q"))


@contextmanager
def running_server(workspace: Workspace, demo: Demo) -> Iterator[Events]:
    """Run a server with its own folder on the demo's network; yield what it prints."""
    network_torrc = demo.folder / "network.torrc"
    arguments = ("up", "--json", "--folder", workspace.folder / "server", "--torrc", network_torrc)
    with subprocess.Popen(
        command(*arguments),
        cwd=TOP,
        env=workspace.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield Events(process)
        finally:
            process.kill()


def newcomers_through(demo: Demo, onion: str, needles: Needles) -> Callable[[], Witness]:
    """Return a function that creates visitors on the demo's network, each on their own circuit."""
    headers, numbers = marked_headers(needles), itertools.count()

    def newcomer() -> Witness:
        name = f"{onion} {next(numbers)}"
        return Witness(
            lambda: open_socks_stream(demo.socks, onion, 80, isolation=name),
            *(needles, onion, headers),
        )

    return newcomer


async def chat_and_send_wrong_requests(
    newcomer: Callable[[], Witness], needles: Needles, language: str
) -> None:
    """Match two visitors, send a message to a reader of the stream, and send wrong requests."""
    one, other = await match_by_form(newcomer, tongue=language)
    text = needles.mark("word")
    async with asyncio.timeout(CHAT_S), other.browser.stream(f"{other.path}/live") as stream:
        await one.send(text)
        async for update in stream.lines():
            if any(line.text == text for line in update.lines):
                break
    for talker in (one, other):
        assert (await talker.browser.get(f"/{needles.mark('path')}")).status == 404
        wrong = {"token": needles.mark("form"), "text": needles.mark("error")}
        assert (await talker.browser.post(f"{one.path}/messages", wrong)).status == 303
    await other.press("leave")


async def join_by_invitation(newcomer: Callable[[], Witness], needles: Needles) -> None:
    """Open a private room, and let another visitor join it by invitation and write."""
    opener, guest = newcomer(), newcomer()
    opened = await press(opener, "/rooms/new", "/rooms/new", title=needles.mark("title"))
    code, _ = code_on(opened)
    joined = await press(guest, "/rooms", "/invite", code=code)
    await Talker(guest, joined.path).send(needles.mark("word"))


def logging_options_of(tor: Path) -> set[str]:
    """Ask a running tor for its logging options.

    Source:
        control-spec, AUTHENTICATE and GETCONF.
    """
    cookie = (tor / "data" / "control_auth_cookie").read_bytes().hex()
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(tor / "control"))
        control.sendall(f"AUTHENTICATE {cookie}\r\n".encode())
        control.sendall(b"GETCONF SafeLogging AvoidDiskWrites Log\r\nQUIT\r\n")
        with control.makefile(encoding="ascii") as replies:
            return {line.strip()[4:] for line in replies} - {"OK", "closing connection"}


async def test_conversations_leave_no_trace_in_folders_or_output(
    demo: Demo, workspace: Workspace
) -> None:
    needles, folder = Needles(), workspace.folder / "server"
    traces = Traces(workspace.folder, workspace.home, TOP)
    with running_server(workspace, demo) as server:
        newcomer = newcomers_through(demo, server.wait_ready()["onion"], needles)
        chats = [chat_and_send_wrong_requests(newcomer, needles, code) for code in LANGUAGES]
        await asyncio.gather(*chats, join_by_invitation(newcomer, needles))
        logging = logging_options_of(folder / "tor")
        assert traces.found(needles) == {}
        server.process.send_signal(signal.SIGTERM)
        server.process.wait(END_S)
        assert server.process.stderr is not None
        out, err = server.read_to_the_end(END_S), server.process.stderr.read()
    assert traces.found(needles, out=out, err=err) == {}
    assert err == ""
    assert logging == {"SafeLogging=1", "AvoidDiskWrites=1", "Log=notice stdout"}
    left = {path.relative_to(folder) for path in folder.rglob("*") if not path.is_dir()}
    assert {path for path in left if path.parts[0] != "tor"} == {Path("onion.key")}
    assert needles.counts()["name"] > len(LANGUAGES)
