"""The demo in a terminal: its keys work, and after its end nothing is left behind."""

from __future__ import annotations

import asyncio
import re
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from onion import open_socks_stream
from server.demo.bot import ANSWER, GREETING
from server.demo.text_browser import TextBrowser
from server.demo.throttle import SLOW_BYTES_PER_S
from tests.fakes import ChatPair, Talker, press_intent

from .events import READY_S, Events
from .meter import metered
from .retrying import retry_until_reachable
from .starting_demo import StartingDemo
from .terminal import Terminal
from .workspace import TOP, Workspace, command

pytestmark = [pytest.mark.tor, pytest.mark.slow]

END_S = 5.0
"""Required by the contract: a demo ends at most this many seconds after Ctrl-C."""

ARRIVE_S = 120.0
"""Limit for a message; the connection may be a slow one."""

CTRL_C = "\x03"
WINDOW_S = 60.0
"""Limit for a window to appear, and for the rest of a download."""

SLOW_SECONDS = 4
"""How long the throttled connection is measured."""

TLS_RECORD_BYTES = 16_384
"""The longest TLS record (RFC 8446, 5.1). Tor reads a record whole, even beyond its limit."""


class TerminalDemo:
    """A demo that is ready in a terminal."""

    def __init__(self, workspace: Workspace, terminal: Terminal, screen: str) -> None:
        self.workspace, self.terminal, self.display = workspace, terminal, screen
        self.url = first_match(r"http://[a-z2-7]{56}\.onion/", terminal.output)
        self.onion = self.url.removeprefix("http://").removesuffix("/")
        self.socks = first_match(r"127\.0\.0\.1:\d+", terminal.output)
        (self.folder,) = workspace.run_folders()
        self._visitors = 0

    def visitor(self) -> TextBrowser:
        """Create a visitor that connects through tor on its own circuits."""
        self._visitors += 1
        name = f"visitor {self._visitors}"
        return TextBrowser(
            lambda: open_socks_stream(self.socks, self.onion, 80, isolation=name), self.onion
        )

    @property
    def tor_pids(self) -> list[int]:
        """The process ids of the service's tor."""
        return self.workspace.pids(f"{self.folder}/tor/torrc")

    @property
    def web_pids(self) -> list[int]:
        """The process ids of the web process."""
        return self.workspace.pids("\0serve\0")

    @property
    def children(self) -> set[int]:
        """The running child processes of the demo."""
        return {pid for pid in processes() if parent_of(pid) == self.demo_pid}

    @property
    def demo_pid(self) -> int:
        """The process id of the demo."""
        return self.terminal.process.pid


def processes() -> list[int]:
    return [int(process.name) for process in Path("/proc").glob("[0-9]*")]


def parent_of(pid: int) -> int | None:
    """Return the parent of a process; `None` if the process has ended."""
    with suppress(OSError):
        # The name in parentheses can contain anything; the state and the parent follow it.
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


def first_match(pattern: str, text: str) -> str:
    """Return the first match of a pattern, which must exist."""
    found = re.search(pattern, text)
    assert found is not None, text
    return found[0]


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("d"))


@pytest.fixture(scope="module")
def terminal_demo(starting_demo: StartingDemo) -> TerminalDemo:
    starting_demo.wait()
    return TerminalDemo(starting_demo.workspace, starting_demo.terminal, starting_demo.screen)


async def get_matched(visitor: TextBrowser) -> Talker[TextBrowser]:
    """Request a match, and wait for it if nobody fits yet."""
    reply = await press_intent(visitor, "talk")
    if reply.path == "/wait":
        async with visitor.stream("/wait/live") as waiting:
            # If it was matched in the meantime, the answer is a redirect.
            redirects = [update.refresh async for update in waiting.lines() if update.refresh]
            here = redirects[0] if redirects else waiting.headers["location"]
        return Talker(visitor, here)
    return Talker(visitor, reply.path)


async def read_until(talker: Talker[TextBrowser], text: str) -> None:
    """Read the stream until a message with this text arrives."""
    seen: list[str] = []
    with suppress(TimeoutError):
        async with (
            asyncio.timeout(ARRIVE_S),
            talker.browser.stream(f"{talker.path}/live?after=0") as stream,
        ):
            async for update in stream.lines():
                seen += [line.text for line in update.lines]
                if text in seen:
                    return
    raise AssertionError(f"{text!r} did not arrive; seen so far: {seen}")


async def test_printed_address_can_be_opened(terminal_demo: TerminalDemo) -> None:
    assert (await terminal_demo.visitor().get("/")).status == 200
    output = terminal_demo.terminal.output
    assert "Traceback" not in output
    assert "▀" not in output, "a QR code of an address that no phone can reach"
    for key in ("Enter", "g ", "t ", "w ", "s ", "z ", "Ctrl-C"):
        assert f"\n{key}" in output


@pytest.mark.checklist(25)
def test_no_process_of_the_demo_may_dump_core(terminal_demo: TerminalDemo) -> None:
    started = {
        *terminal_demo.tor_pids,
        *terminal_demo.web_pids,
        terminal_demo.demo_pid,
        *terminal_demo.children,
    }
    assert len(started) > 3
    for pid in started:
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE), pid


async def test_printed_command_uses_a_prepared_firefox_profile(terminal_demo: TerminalDemo) -> None:
    printed = first_match(r"env --unset=\S+ .* http://\S+\.onion/", terminal_demo.terminal.output)
    profile = Path(first_match(r"(?<=--profile )\S+", printed))
    assert profile.parent == terminal_demo.folder
    port = terminal_demo.socks.rpartition(":")[2]
    assert f'"network.proxy.socks_port", {port})' in (profile / "user.js").read_text()


async def test_g_starts_a_bot_that_answers_and_leaves(terminal_demo: TerminalDemo) -> None:
    terminal_demo.terminal.press("g")
    terminal_demo.terminal.wait_for("bot 1 is connecting")
    talker = await get_matched(terminal_demo.visitor())
    await read_until(talker, GREETING)
    await talker.send("good evening")
    await read_until(talker, ANSWER.format(count=len("good evening")))
    await talker.press("leave")
    terminal_demo.terminal.wait_for("bot 1 left")


async def test_z_finds_no_sent_word_in_the_store_and_lists_sessions(
    terminal_demo: TerminalDemo,
) -> None:
    talkers = [terminal_demo.visitor(), terminal_demo.visitor()]
    pair = await ChatPair.meet(*talkers)
    await pair.first.send("lamplight")
    (line,) = [line for line in await pair.second.lines() if line.text == "lamplight"]
    for word, count in (("lamplight", 0), (line.name, 0)):
        terminal_demo.terminal.press("z")
        terminal_demo.terminal.wait_for("Type a word")
        terminal_demo.terminal.press(f"{word}\n")
        terminal_demo.terminal.wait_for(
            f"“{word}” was found {count} times", f"{line.name} is session"
        )
    for talker in (pair.first, pair.second):
        await talker.press("leave")


async def test_s_throttles_and_also_speeds_up_a_running_download(
    terminal_demo: TerminalDemo,
) -> None:
    visitor = terminal_demo.visitor()
    links = (await visitor.get("/about")).page.links
    (archive,) = [path for path in links.values() if path.endswith(".tar.gz")]
    async with metered(terminal_demo.folder / "net" / "client" / "control") as meter:
        terminal_demo.terminal.press("s")
        terminal_demo.terminal.wait_for("Tor is slow now")
        await meter.next(1)
        downloading = asyncio.create_task(visitor.get(archive))
        slow = await meter.next(SLOW_SECONDS)
        # The token bucket may be full at the start, which allows one more second of the rate.
        most = (SLOW_SECONDS + 1) * SLOW_BYTES_PER_S + TLS_RECORD_BYTES
        assert 0 < sum(slow) <= most
        terminal_demo.terminal.press("s")
        terminal_demo.terminal.wait_for("Tor is back at full speed")
        async with asyncio.timeout(WINDOW_S):
            downloaded = await downloading
    assert len(downloaded.body) == int(downloaded.headers["content-length"])
    # At the slow rate this would have taken minutes.
    assert len(downloaded.body) > 100 * SLOW_BYTES_PER_S


async def test_t_kills_tor_which_restarts_with_the_same_address(
    terminal_demo: TerminalDemo,
) -> None:
    before = terminal_demo.tor_pids
    terminal_demo.terminal.press("t")
    terminal_demo.terminal.wait_for("tor was killed", "tor is running again")
    assert len(terminal_demo.tor_pids) == len(before) == 1
    assert terminal_demo.tor_pids != before
    assert (await retry_until_reachable(lambda: terminal_demo.visitor().get("/"))).status == 200


async def test_w_kills_the_web_process_and_loses_all_conversations(
    terminal_demo: TerminalDemo,
) -> None:
    terminal_demo.terminal.press("g")
    terminal_demo.terminal.wait_for("bot 2 is connecting")
    visitor = terminal_demo.visitor()
    talker = await get_matched(visitor)
    await read_until(talker, GREETING)
    before = terminal_demo.web_pids
    terminal_demo.terminal.press("w")
    terminal_demo.terminal.wait_for(
        "the web process was killed", "the web process is running again", "bot 2 was disconnected"
    )
    assert len(terminal_demo.web_pids) == len(before) == 1
    assert terminal_demo.web_pids != before
    assert (await visitor.get(talker.path)).status == 404
    assert (await visitor.get("/")).status == 200


def test_enter_opens_two_windows_with_separate_profiles(terminal_demo: TerminalDemo) -> None:
    before = terminal_demo.children
    terminal_demo.terminal.press("\r")
    terminal_demo.terminal.wait_for("opening two Firefox windows")
    firefoxes = terminal_demo.children - before
    assert len(firefoxes) == 2
    for pid in firefoxes:
        assert wait_for_window(terminal_demo.display, pid, "Sottovoce")
    profiles = {
        first_match(rf"--profile\0{terminal_demo.folder}/firefox-\d+", command_line_of(pid))
        for pid in firefoxes
    }
    assert len(profiles) == 2
    assert "window was closed" not in terminal_demo.terminal.output


def command_line_of(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode()


def wait_for_window(display: str, pid: int, title: str) -> str:
    """Wait until a process shows a window with this title, so that the page has loaded."""
    argv = ["xdotool", "search", "--sync", "--all", "--onlyvisible", "--pid", str(pid)]
    return subprocess.run(
        [*argv, "--name", title],
        env={"DISPLAY": display, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=WINDOW_S,
        check=True,
    ).stdout


def test_ctrl_c_ends_everything_and_leaves_nothing(terminal_demo: TerminalDemo) -> None:
    terminal = terminal_demo.terminal
    assert terminal.mode != terminal.initial_mode
    read_before = len(terminal.output)
    terminal.press(CTRL_C)
    assert terminal.process.wait(timeout=END_S) == 0
    assert terminal.mode == terminal.initial_mode
    assert terminal_demo.workspace.left_nothing(within_s=END_S)
    assert list(terminal_demo.workspace.home.iterdir()) == []
    assert "Traceback" not in terminal.output[read_before:]


def test_killed_demo_leaves_nothing(workspace: Workspace) -> None:
    with subprocess.Popen(
        command("demo", "--json"),
        cwd=TOP,
        env=workspace.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        text=True,
    ) as demo:
        Events(demo).wait_for(lambda event: "consensus" in event["summary"], READY_S)
        assert len(workspace.pids("torrc")) == 5
        demo.kill()
        assert workspace.left_nothing(within_s=END_S)


def test_closing_the_terminal_ends_the_demo(workspace: Workspace) -> None:
    with Terminal(workspace, "demo") as terminal:
        terminal.wait_for("Starting the authorities")
        terminal.hang_up()
        assert terminal.process.wait(timeout=END_S) == 0
        assert workspace.left_nothing()
