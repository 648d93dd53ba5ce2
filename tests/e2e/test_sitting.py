"""The demo in a terminal: its keys work, and it leaves nothing behind."""

from __future__ import annotations

import asyncio
import json
import re
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest

from onion import open_socks_stream
from server.demo.bot import ANSWER, GREETING
from server.demo.text_browser import TextBrowser
from server.demo.throttle import SLOW_BYTES_PER_S
from tests.fakes import ChatPair, Talker, knock

from .meter import metered
from .nest import TOP, Nest, command
from .opening import Opening
from .reach import reached
from .terminal import Terminal

pytestmark = [pytest.mark.tor, pytest.mark.slow]

END_S = 5.0
"""The contract: a demo ends this many seconds after Ctrl-C."""

CTRL_C = "\x03"
WINDOW_S = 60.0

SLOW_SECONDS = 4
"""How long the slow connection is measured."""


class Sitting:
    """A demo in a terminal that is up."""

    def __init__(self, nest: Nest, terminal: Terminal, screen: str) -> None:
        self.nest, self.terminal, self.display = nest, terminal, screen
        self.url = one(r"http://[a-z2-7]{56}\.onion/", terminal.said)
        self.onion = self.url.removeprefix("http://").removesuffix("/")
        self.socks = one(r"127\.0\.0\.1:\d+", terminal.said)
        (self.folder,) = nest.run_folders()
        self._visitors = 0

    def visitor(self) -> TextBrowser:
        """Make a new visitor, who comes through tor."""
        self._visitors += 1
        name = f"visitor {self._visitors}"
        return TextBrowser(
            lambda: open_socks_stream(self.socks, self.onion, 80, isolation=name), self.onion
        )

    @property
    def tor_pids(self) -> list[int]:
        """The service's own tor."""
        return self.nest.pids(f"{self.folder}/tor/torrc")

    @property
    def web_pids(self) -> list[int]:
        """The web process."""
        return self.nest.pids("\0serve\0")

    @property
    def children(self) -> set[int]:
        """The living child processes of the demo."""
        return {pid for pid in processes() if parent_of(pid) == self.demo_pid}

    @property
    def demo_pid(self) -> int:
        """The process id of the demo."""
        return self.terminal.process.pid


def processes() -> list[int]:
    return [int(process.name) for process in Path("/proc").glob("[0-9]*")]


def parent_of(pid: int) -> int | None:
    """The parent of a process; None if the process is gone already."""
    with suppress(OSError):
        # The name, in parentheses, may hold anything; after it stand the state and the parent.
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    return None


def one(pattern: str, text: str) -> str:
    """The first match of a pattern."""
    found = re.search(pattern, text)
    assert found is not None, text
    return found[0]


@pytest.fixture
def nest(tmp_path_factory: pytest.TempPathFactory) -> Nest:
    return Nest(tmp_path_factory.mktemp("d"))


@pytest.fixture(scope="module")
def sitting(opening: Opening) -> Sitting:
    opening.wait()
    return Sitting(opening.nest, opening.terminal, opening.screen)


async def meet(visitor: TextBrowser) -> Talker[TextBrowser]:
    """Ask for a match, and wait for it if nobody is there yet."""
    reply = await knock(visitor, "talk")
    if reply.path == "/wait":
        async with visitor.stream("/wait/live") as waiting:
            # If it was matched in the meantime, the answer is a redirect.
            moves = [said.refresh async for said in waiting.lines() if said.refresh]
            here = moves[0] if moves else waiting.headers["location"]
        return Talker(visitor, here)
    return Talker(visitor, reply.path)


async def hear(talker: Talker[TextBrowser], text: str) -> None:
    """Read the stream until a message has this text."""
    async with talker.browser.stream(f"{talker.path}/live?after=0") as stream:
        async for said in stream.lines():
            if any(line.text == text for line in said.lines):
                return
    raise AssertionError(f"{text!r} was not said")


async def test_address_is_printed_and_opens(sitting: Sitting) -> None:
    assert (await sitting.visitor().get("/")).status == 200
    said = sitting.terminal.said
    assert "Traceback" not in said
    assert "▀" not in said, "a picture of an address that no phone could reach"
    for key in ("Enter", "g ", "t ", "w ", "s ", "z ", "Ctrl-C"):
        assert f"\n{key}" in said


@pytest.mark.checklist(25)
def test_nothing_that_the_demo_has_started_leaves_a_core(sitting: Sitting) -> None:
    started = {*sitting.tor_pids, *sitting.web_pids, sitting.demo_pid, *sitting.children}
    assert len(started) > 3
    for pid in started:
        limits = Path(f"/proc/{pid}/limits").read_text()
        assert re.search(r"^Max core file size +0 +0 ", limits, re.MULTILINE), pid


async def test_printed_command_starts_a_prepared_firefox(sitting: Sitting) -> None:
    told = one(r"env --unset=\S+ .* http://\S+\.onion/", sitting.terminal.said)
    profile = Path(one(r"(?<=--profile )\S+", told))
    assert profile.parent == sitting.folder
    port = sitting.socks.rpartition(":")[2]
    assert f'"network.proxy.socks_port", {port})' in (profile / "user.js").read_text()


async def test_g_lets_a_guest_in_who_talks_and_goes_home(sitting: Sitting) -> None:
    sitting.terminal.press("g")
    sitting.terminal.wait_for("bot 1 is connecting")
    talker = await meet(sitting.visitor())
    await hear(talker, GREETING)
    await talker.send("good evening")
    await hear(talker, ANSWER.format(count=len("good evening")))
    await talker.press("leave")
    sitting.terminal.wait_for("bot 1 left")


async def test_z_finds_no_word_in_the_store_and_says_what_is_there(sitting: Sitting) -> None:
    talkers = [sitting.visitor(), sitting.visitor()]
    pair = await ChatPair.meet(*talkers)
    await pair.first.send("lamplight")
    (line,) = [line for line in await pair.second.lines() if line.text == "lamplight"]
    for word, count in (("lamplight", 0), (line.name, 0)):
        sitting.terminal.press("z")
        sitting.terminal.wait_for("Type a word")
        sitting.terminal.press(f"{word}\n")
        sitting.terminal.wait_for(f"“{word}” was found {count} times", f"{line.name} is session")
    for talker in (pair.first, pair.second):
        await talker.press("leave")


async def test_s_slows_the_line_and_makes_it_fast_again_for_what_is_under_way(
    sitting: Sitting,
) -> None:
    visitor = sitting.visitor()
    links = (await visitor.get("/about")).page.links
    (archive,) = [path for path in links.values() if path.endswith(".tar.gz")]
    async with metered(sitting.folder / "net" / "client" / "control") as meter:
        sitting.terminal.press("s")
        sitting.terminal.wait_for("Tor is slow now")
        await meter.next(1)
        downloading = asyncio.create_task(visitor.get(archive))
        slow = await meter.next(SLOW_SECONDS)
        # The token bucket may be full at the start: at most the rate of one more second.
        assert 0 < sum(slow) <= (SLOW_SECONDS + 1) * SLOW_BYTES_PER_S
        sitting.terminal.press("s")
        sitting.terminal.wait_for("Tor is back at full speed")
        async with asyncio.timeout(WINDOW_S):
            downloaded = await downloading
    assert len(downloaded.body) == int(downloaded.headers["content-length"])
    # At the slow rate this would have taken minutes.
    assert len(downloaded.body) > 100 * SLOW_BYTES_PER_S


async def test_t_kills_tor_and_it_comes_back_with_the_address(sitting: Sitting) -> None:
    before = sitting.tor_pids
    sitting.terminal.press("t")
    sitting.terminal.wait_for("tor was killed", "tor is running again")
    assert len(sitting.tor_pids) == len(before) == 1
    assert sitting.tor_pids != before
    assert (await reached(lambda: sitting.visitor().get("/"))).status == 200


async def test_w_kills_the_web_process_and_every_conversation_is_gone(sitting: Sitting) -> None:
    sitting.terminal.press("g")
    sitting.terminal.wait_for("bot 2 is connecting")
    visitor = sitting.visitor()
    talker = await meet(visitor)
    await hear(talker, GREETING)
    before = sitting.web_pids
    sitting.terminal.press("w")
    sitting.terminal.wait_for(
        "the web process was killed", "the web process is running again", "bot 2 was disconnected"
    )
    assert len(sitting.web_pids) == len(before) == 1
    assert sitting.web_pids != before
    assert (await visitor.get(talker.path)).status == 404
    assert (await visitor.get("/")).status == 200


def test_enter_opens_two_windows_with_profiles_of_their_own(sitting: Sitting) -> None:
    before = sitting.children
    sitting.terminal.press("\r")
    sitting.terminal.wait_for("opening two Firefox windows")
    firefoxes = sitting.children - before
    assert len(firefoxes) == 2
    for pid in firefoxes:
        assert wait_for_window(sitting.display, pid, "Sottovoce")
    profiles = {one(rf"--profile\0{sitting.folder}/firefox-\d+", words(pid)) for pid in firefoxes}
    assert len(profiles) == 2
    assert "window was closed" not in sitting.terminal.said


def words(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().decode()


def wait_for_window(display: str, pid: int, title: str) -> str:
    """Wait until a process shows a window with this title: the page came through the onion."""
    argv = ["xdotool", "search", "--sync", "--all", "--onlyvisible", "--pid", str(pid)]
    return subprocess.run(
        [*argv, "--name", title],
        env={"DISPLAY": display, "PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        timeout=WINDOW_S,
        check=True,
    ).stdout


def test_ctrl_c_ends_everything_and_leaves_nothing(sitting: Sitting) -> None:
    terminal = sitting.terminal
    assert terminal.mode != terminal.mode_before
    said = len(terminal.said)
    terminal.press(CTRL_C)
    assert terminal.process.wait(timeout=END_S) == 0
    assert terminal.mode == terminal.mode_before
    assert sitting.nest.left_nothing(within_s=END_S)
    assert list(sitting.nest.home.iterdir()) == []
    assert "Traceback" not in terminal.said[said:]


def test_demo_that_is_killed_leaves_nothing(nest: Nest) -> None:
    with subprocess.Popen(
        command("demo", "--json"),
        cwd=TOP,
        env=nest.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
    ) as demo:
        assert demo.stdout is not None
        for line in demo.stdout:
            if "consensus" in json.loads(line)["summary"]:
                break
        assert len(nest.pids("torrc")) == 5
        demo.kill()
        assert nest.left_nothing(within_s=END_S)


def test_terminal_that_is_closed_ends_the_demo(nest: Nest) -> None:
    with Terminal(nest, "demo") as terminal:
        terminal.wait_for("Starting the authorities")
        terminal.hang_up()
        assert terminal.process.wait(timeout=END_S) == 0
        assert nest.left_nothing()
