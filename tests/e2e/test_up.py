"""`sottovoce up` keeps its address, refuses a second start, and ends on SIGTERM."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import stat
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import pytest

from onion import ServiceKey, left_in_memory, load_or_create_key, open_socks_stream, seal_key
from onion.sealed.box import MIN_COST
from server.demo.text_browser import TextBrowser
from server.supervisor.key.sealing import seal
from server.supervisor.paths import Paths
from server.supervisor.systemd import Systemd
from server.supervisor.terminal.qrcode import qr_lines
from tests.fakes import ChatPair, join_room
from tests.onion.launch.test_process import dies_within
from tests.supervisor.test_systemd import notify_socket, read

from .conftest import Demo
from .events import Event, Events
from .terminal import Terminal
from .workspace import TOP, Workspace, command, sentence_and_hint

pytestmark = [pytest.mark.tor, pytest.mark.slow]

END_S = 5.0
"""Required by the contract: a server ends at most this many seconds after SIGTERM."""

READERS = 12
READ_S = 120.0
"""Limit for all of them to read; each has a circuit of their own."""

PASSPHRASE = "vier Wörter und خانه"  # noqa: S105

NAME = 'é خ #1 "a"'
"""Of the server's folder: each character needs care in a torrc."""


@dataclass
class ServerProcess:
    """A running `sottovoce up`, and the events that it has printed."""

    process: subprocess.Popen[str]
    events: Events

    @cached_property
    def ready(self) -> Event:
        """Wait until the server can be visited, and return its `ready` event."""
        return self.events.wait_ready()

    def end(self) -> int:
        """Send SIGTERM and return the exit status."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=END_S)


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("u"))


def arguments(workspace: Workspace, demo: Demo, *command_and_flags: str) -> list[str]:
    """Return the arguments of a server that uses only the demo's network."""
    network_torrc = demo.folder / "network.torrc"
    return [
        *command_and_flags,
        "--folder",
        str(workspace.folder / NAME),
        "--torrc",
        str(network_torrc),
    ]


@contextmanager
def running_server(
    workspace: Workspace, demo: Demo, *, config: Path | None = None, **variables: str
) -> Iterator[ServerProcess]:
    """Run a server; if it still runs at the end of the block, it is killed."""
    options = [] if config is None else ["--config", str(config)]
    with subprocess.Popen(
        command(*arguments(workspace, demo, "up", "--json", *options)),
        cwd=TOP,
        env={**workspace.environment(), **variables},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            yield ServerProcess(process, Events(process))
        finally:
            process.kill()


@contextmanager
def hearing_systemd(path: str) -> Iterator[list[str]]:
    """Read what systemd would be told; complete after the block."""
    heard: list[str] = []

    def hear() -> None:
        while (lines := read(listening)) != ["end"]:
            heard.append(lines[0])

    with notify_socket(path) as listening:
        listening.settimeout(None)
        hearing = threading.Thread(target=hear, daemon=True)
        hearing.start()
        try:
            yield heard
        finally:
            Systemd({"NOTIFY_SOCKET": path}).send("end")
            hearing.join(END_S)
            assert not hearing.is_alive(), f"the end was not heard after {heard}"


def visitor(demo: Demo, onion: str, circuit: str = "") -> TextBrowser:
    """Create a visitor that connects through the demo's network, maybe on circuits of their own."""
    name = circuit or onion
    return TextBrowser(lambda: open_socks_stream(demo.socks, onion, 80, isolation=name), onion)


async def read_to_the_end(person: TextBrowser, reading: asyncio.Event) -> str:
    """Enter a room, read its stream until the server ends it, and return the last bytes.

    `reading` is set when the first bytes have come.

    Raises:
        h11.RemoteProtocolError: if the stream does not end as HTTP has it.
    """
    member, last = await join_room(person), b""
    async with person.stream(f"{member.path}/live") as stream:
        async for chunk in stream.chunks():
            reading.set()
            last = chunk
    return last.decode()


async def all_read(began: list[asyncio.Event]) -> None:
    """Wait until every reader has received something."""
    try:
        async with asyncio.timeout(READ_S):
            await asyncio.gather(*(event.wait() for event in began))
    except TimeoutError:
        reading = sum(event.is_set() for event in began)
        raise AssertionError(f"only {reading} of {len(began)} are reading") from None


async def test_server_keeps_its_address_after_a_crash(demo: Demo, workspace: Workspace) -> None:
    folder = workspace.folder / NAME
    with running_server(workspace, demo) as server:
        first = server.ready
        assert first == {
            "event": "ready",
            "onion": first["onion"],
            "socks": None,
            "web_socket": f"{folder}/web/web.sock",
            "admin_socket": f"{folder}/admin/admin.sock",
        }
        check_steps(server)
        check_status(workspace)
        onion = str(first["onion"])
        await ChatPair.meet(visitor(demo, onion), visitor(demo, onion))

        second = workspace.run(*arguments(workspace, demo, "up"))
        assert sentence_and_hint(second)[0] == f"another sottovoce is running in {folder}"
        assert (await visitor(demo, onion).get("/")).status == 200, (
            "the first server is not affected"
        )

        assert copies_of_the_key(folder), "tor reads its key from a folder"
        orphans = workspace.pids()
        server.process.kill()
        assert all(dies_within(pid, END_S) for pid in orphans)
        assert not copies_of_the_key(folder), "not even a killed server leaves one"
    key = load_or_create_key(folder / "onion.key")
    seal(Paths(folder), lambda: PASSPHRASE, partial(seal_key, cost=MIN_COST))
    with Terminal(workspace, *arguments(workspace, demo, "up")) as again:
        again.wait_for("Passphrase of the key: ")
        again.press("not this one\r")
        again.wait_for("This passphrase does not open the key.", "Passphrase of the key: ")
        again.press(f"{PASSPHRASE}\r")
        again.wait_for(*qr_lines(f"http://{onion}/"), f"http://{onion}/\r\n")
        assert PASSPHRASE not in again.output
        check_modes(folder)
        assert len(left_in_memory(folder)) == 1
        assert not files_that_tell(folder, key)
        began = [asyncio.Event() for _ in range(READERS)]
        people = [visitor(demo, onion, f"reader {number}") for number in range(READERS)]
        reading = asyncio.gather(*map(read_to_the_end, people, began))
        await all_read(began)
        again.process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(again.process.wait, END_S) == 0
        # A stream that was cut off raises an error here.
        assert all("This conversation is over" in line for line in await reading)
    check_what_is_kept(workspace, folder, "onion.key.sealed")
    assert not files_that_tell(folder, key)
    assert not left_in_memory(folder)


async def test_operator_replaces_the_web_process_and_burns_the_server(
    demo: Demo, workspace: Workspace
) -> None:
    config, folder = workspace.home / "c.toml", str(workspace.folder / NAME)
    config.write_text("[capacity]\nsessions = 100\n")
    with running_server(workspace, demo, config=config) as server:
        onion = str(server.ready["onion"])
        (tor,) = workspace.pids("/tor/torrc")

        config.write_text("[capacity]\nsesions = 100\n")
        refused = workspace.run("restart", "--folder", folder)
        assert "sesions" in sentence_and_hint(refused)[0]
        assert (await visitor(demo, onion).get("/")).status == 200, "nothing was ended"

        say = ("--say", "Back soon")
        shut = workspace.run("close", "--for", "30m", *say, "--folder", folder)
        assert (shut.returncode, shut.stdout) == (0, ""), shut.stderr
        refused_page = await visitor(demo, onion, "too late").get("/")
        assert (refused_page.status, "Back soon" in refused_page.page.text) == (503, True)
        shown = workspace.run("status", "--json", "--folder", folder)
        assert (shown.returncode, json.loads(shown.stdout)["state"]) == (0, "closed")
        assert workspace.run("open", "--folder", folder).returncode == 0
        assert (await visitor(demo, onion, "in time").get("/")).status == 200
        config.write_text("[capacity]\nsessions = 200\n")

        lines = await told_while(demo, onion, workspace, "restart", "--folder", folder)
        assert all("This conversation is over" in line for line in lines)
        status = json.loads(workspace.run("status", "--json", "--folder", folder).stdout)
        assert (status["web_restarts"], status["tor_restarts"]) == (1, 0)
        assert workspace.pids("/tor/torrc") == [tor], "tor never lost the service"
        assert (await visitor(demo, onion, "after").get("/")).status == 200

        unasked = workspace.run("burn", "--folder", folder)
        assert (unasked.returncode, server.process.poll()) == (2, None)
        lines = await told_while(demo, onion, workspace, "burn", "--yes", "--folder", folder)
        assert all("This conversation is over" in line for line in lines)
        assert server.process.wait(END_S) == 0
    check_what_is_kept(workspace, workspace.folder / NAME)
    again = workspace.run("burn", "--yes", "--folder", folder)
    assert sentence_and_hint(again)[0] == f"no server runs in {folder}"


async def told_while(demo: Demo, onion: str, workspace: Workspace, *command: str) -> list[str]:
    """Run a command while people read; return the last bytes of each stream, which ended whole."""
    began = [asyncio.Event() for _ in range(READERS)]
    people = [visitor(demo, onion, f"{command[0]} {number}") for number in range(READERS)]
    reading = asyncio.gather(*map(read_to_the_end, people, began))
    await all_read(began)
    done = await asyncio.to_thread(workspace.run, *command)
    assert (done.returncode, done.stdout) == (0, ""), done.stderr
    return await reading


async def test_sigterm_ends_the_server_in_time_when_tor_hangs(
    demo: Demo, workspace: Workspace, tmp_path: Path
) -> None:
    told = str(tmp_path / "n")
    with (
        hearing_systemd(told) as heard,
        running_server(workspace, demo, NOTIFY_SOCKET=told) as server,
    ):
        assert server.ready
        (tor,) = workspace.pids("/tor/torrc")
        os.kill(tor, signal.SIGSTOP)
        assert server.end() == 0
    ready = heard.index("READY=1")
    assert all(line.startswith("STATUS=starting") for line in heard[:ready])
    assert heard[ready + 1 : ready + 3] == ["STATUS=published", "STOPPING=1"]
    check_what_is_kept(workspace, workspace.folder / NAME)


def check_steps(server: ServerProcess) -> None:
    steps = [event["percent"] for event in server.events.seen if event["event"] == "bootstrap"]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0, 100)


def check_status(workspace: Workspace) -> None:
    """The server tells its state to its operator, and to systemd."""
    folder = ("--folder", str(workspace.folder / NAME))
    shown = workspace.run("status", *folder, "--json")
    answer = json.loads(shown.stdout)
    assert (shown.returncode, answer["state"], answer["lets_visitors_in"]) == (
        *(0, "published", True),
    )
    assert (answer["tor_restarts"], answer["turned_away"], answer["tor_answers"]) == (0, 0, True)
    text = workspace.run("status", *folder).stdout
    assert text.startswith("state          published: ")
    (web,) = workspace.pids("--onion")
    os.kill(web, signal.SIGSTOP)
    silent = workspace.run("status", *folder)
    os.kill(web, signal.SIGCONT)
    assert silent.returncode == 1
    assert "the web process does not answer; nobody can come in" in silent.stdout


def check_modes(folder: Path) -> None:
    assert stat.S_IMODE((folder / "onion.key.sealed").stat().st_mode) == 0o600
    for path in (folder, folder / "web", folder / "admin", folder / "tor"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o700


def copies_of_the_key(folder: Path) -> list[Path]:
    return list(folder.glob("tor/**/hs_ed25519_secret_key"))


def files_that_tell(folder: Path, key: ServiceKey) -> list[Path]:
    """Return the files in the server's folder with a part of the key, or its address."""
    secrets = (key.reveal()[:32], key.reveal()[32:], key.address.encode()[:56])
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    return [path for path in files if any(secret in path.read_bytes() for secret in secrets)]


def check_what_is_kept(workspace: Workspace, folder: Path, key: str = "onion.key") -> None:
    assert workspace.pids() == []
    assert workspace.bound_sockets() == []
    assert workspace.run_folders() == [folder], "only its key and tor's state are kept"
    assert {path.name for path in folder.iterdir()} == {"admin", key, "tor", "web"}
    assert not copies_of_the_key(folder)
    assert not list(folder.glob("web/*"))
    assert not list(folder.glob("admin/*"))
