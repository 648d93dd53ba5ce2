"""Messages through an onion leave no trace: not with tor, and not with the supervisor."""

from __future__ import annotations

import asyncio
import json
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
from .nest import TOP, Nest, command

pytestmark = [pytest.mark.tor, pytest.mark.slow, pytest.mark.checklist(23, 27)]

TONGUES = ("my", "th", "ti", "ur", "vi")
"""A language for each pair, so that all pairs can be matched at once."""

END_S = 5.0


@pytest.fixture
def nest(tmp_path_factory: pytest.TempPathFactory) -> Nest:
    return Nest(tmp_path_factory.mktemp("q"))


@contextmanager
def operators_server(nest: Nest, demo: Demo) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """Start a server with its own folder on the demo's network; yield it and its address."""
    joining = demo.folder / "network.torrc"
    words = ("up", "--json", "--folder", nest.folder / "server", "--torrc", joining)
    with subprocess.Popen(
        command(*words),
        cwd=TOP,
        env=nest.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            events = (json.loads(line) for line in process.stdout)
            yield process, next(event["onion"] for event in events if event["event"] == "ready")
        finally:
            process.kill()


def through(demo: Demo, onion: str, needles: Needles) -> Callable[[], Witness]:
    """Return a function that makes visitors of the demo's network, all on shared circuits."""
    headers = marked_headers(needles)
    return lambda: Witness(
        lambda: open_socks_stream(demo.socks, onion, 80, isolation=onion), needles, onion, headers
    )


async def talk(newcomer: Callable[[], Witness], needles: Needles, tongue: str) -> None:
    """Let two talk, one reading the stream; then both send wrong requests."""
    one, other = await match_by_form(newcomer, tongue=tongue)
    words = needles.mark("word")
    async with other.browser.stream(f"{other.path}/live") as stream:
        await one.send(words)
        async for said in stream.lines():
            if any(line.text == words for line in said.lines):
                break
    for talker in (one, other):
        assert (await talker.browser.get(f"/{needles.mark('path')}")).status == 404
        wrong = {"token": needles.mark("form"), "text": needles.mark("error")}
        assert (await talker.browser.post(f"{one.path}/messages", wrong)).status == 403
    await other.press("leave")


async def open_a_room(newcomer: Callable[[], Witness], needles: Needles) -> None:
    """Let a visitor join by an invitation."""
    opener, guest = newcomer(), newcomer()
    opened = await press(opener, "/rooms/new", "/rooms/new", title=needles.mark("title"))
    words, _ = code_on(opened)
    came = await press(guest, "/rooms", "/invite", code=words)
    await Talker(guest, came.path).send(needles.mark("word"))


def configuration_of(tor: Path) -> set[str]:
    """Ask a running tor for its logging options.

    Source:
        control-spec, AUTHENTICATE and GETCONF.
    """
    cookie = (tor / "data" / "control_auth_cookie").read_bytes().hex()
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(str(tor / "control"))
        control.sendall(f"AUTHENTICATE {cookie}\r\n".encode())
        control.sendall(b"GETCONF SafeLogging AvoidDiskWrites Log\r\nQUIT\r\n")
        with control.makefile(encoding="ascii") as said:
            return {line.strip()[4:] for line in said} - {"OK", "closing connection"}


async def test_conversations_through_the_onion_are_left_in_no_folder_and_on_no_output(
    demo: Demo, nest: Nest
) -> None:
    needles, server = Needles(), nest.folder / "server"
    traces = Traces(nest.folder, nest.home, TOP)
    with operators_server(nest, demo) as (process, onion):
        newcomer = through(demo, onion, needles)
        talks = [talk(newcomer, needles, tongue) for tongue in TONGUES]
        await asyncio.gather(*talks, open_a_room(newcomer, needles))
        logging = configuration_of(server / "tor")
        assert traces.found(needles) == {}
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=END_S)
    assert traces.found(needles, out=out, err=err) == {}
    assert err == ""
    assert logging == {"SafeLogging=1", "AvoidDiskWrites=1", "Log=notice stdout"}
    left = {path.relative_to(server) for path in server.rglob("*") if not path.is_dir()}
    assert {path for path in left if path.parts[0] != "tor"} == {Path("onion.key")}
    assert needles.counts()["name"] > len(TONGUES)
