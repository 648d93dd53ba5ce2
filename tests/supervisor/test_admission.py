"""An order about coming in holds over every web process until its time; a drain ends with one."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, cast

import pytest

from onion import OwnedProcess, ServiceEvent
from server.cli import main
from server.core.admission.closing import COMMAND, OPEN, Closing
from server.core.errors import OperatorError
from server.demo.text_browser import TextBrowser
from server.process.sockets import listening_on
from server.supervisor import commands
from server.supervisor.admission.control import AdmissionControl
from server.supervisor.operator_socket import OperatorSocket, ask
from server.supervisor.paths import Paths
from server.supervisor.restart import Supervised
from server.supervisor.status_text import status_lines
from server.supervisor.up import keep_web_running, operator_handlers, web_spec
from server.supervisor.watching import Watching
from server.supervisor.webprocess import WebOptions
from tests.fakes import ChatPair, FakeClock

from .fakes import BOUND_S, FakeReport

ONION = "a" * 56 + ".onion"
CHILD = cast(OwnedProcess, None)
MINUTE_S = 60.0


def nothing_to_check() -> None:
    """Pass."""


class Controlled:
    """A control whose web process is played by the test."""

    def __init__(self) -> None:
        self.clock, self.report = FakeClock(), FakeReport()
        self.events: list[ServiceEvent] = []
        self.told: list[Closing] = []
        self.is_drained, self.answers = False, True
        self.control = AdmissionControl(
            *(self._ask, self.events.append, self.report), clock=self.clock, look_s=(0.0, 0.0)
        )
        self.control.note_web_launched()

    async def _ask(self, command: bytes) -> Mapping[str, object]:
        if not self.answers:
            raise OperatorError("the web process gave no valid answer")
        if command == b"status":
            return {"drained": self.is_drained}
        assert command.startswith(COMMAND)
        self.told.append(Closing.from_json(command.removeprefix(COMMAND), self.clock()))
        return {"done": True}

    @asynccontextmanager
    async def watched(self) -> AsyncIterator[asyncio.Future[str]]:
        """Watch the web process while the block runs."""
        watching = asyncio.ensure_future(self.control.watch(CHILD))
        try:
            yield watching
        finally:
            watching.cancel()
            await asyncio.gather(watching, return_exceptions=True)


async def until(holds: Callable[[], bool]) -> None:
    """Let other tasks run until something holds."""
    async with asyncio.timeout(BOUND_S):
        while not holds():  # noqa: ASYNC110 there is no event to wait for
            await asyncio.sleep(0)


async def test_close_is_told_at_once_and_to_each_new_web_process() -> None:
    web = Controlled()
    assert await web.control.close(1_800.0, " Back\x07 soon ") == {
        "was_open": True,
        "web_told": True,
    }
    assert web.told == [OPEN.closed(web.clock() + 1_800, "Back soon")]
    assert web.events == [ServiceEvent.CLOSED]
    web.clock.advance(600)
    web.control.note_web_ended()
    arrived = Closing.from_json(web.control.handed_over(), web.clock())
    assert arrived == OPEN.closed(web.clock() + 1_200, "Back soon")
    assert web.control.describe() == {"closed_for_s": 1_200, "drains_for_s": None}


async def test_second_close_replaces_the_first_and_open_ends_it() -> None:
    web = Controlled()
    await web.control.close(7_200, "Long")
    await web.control.close(60)
    assert web.told[-1] == OPEN.closed(web.clock() + 60)
    assert await web.control.open() == {"was_open": False, "web_told": True}
    assert web.told[-1] == OPEN
    assert web.control.handed_over() == ""
    assert web.events[-1] is ServiceEvent.OPENED


async def test_closing_ends_by_itself_in_the_state_too() -> None:
    web = Controlled()
    async with web.watched() as watching:
        await web.control.close(60)
        web.clock.advance(59)
        for _ in range(20):
            await asyncio.sleep(0)
        assert web.events[-1] is ServiceEvent.CLOSED
        web.clock.advance(1)
        await until(lambda: web.events[-1] is ServiceEvent.OPENED)
        assert not watching.done(), "the web process is not replaced for that"
    assert web.control.describe() == {"closed_for_s": None, "drains_for_s": None}
    assert web.control.handed_over() == ""


@pytest.mark.parametrize("ends_by_time", [True, False])
async def test_drain_ends_when_nobody_talks_or_the_time_is_over(*, ends_by_time: bool) -> None:
    web = Controlled()
    async with web.watched() as watching:
        await web.control.drain(900, nothing_to_check)
        assert web.told[-1].restarts_in_s(web.clock()) == 900
        web.clock.advance(899)
        for _ in range(20):
            await asyncio.sleep(0)
        assert not watching.done()
        assert web.control.describe()["drains_for_s"] == 10
        if ends_by_time:
            web.answers = False
            web.clock.advance(1)
        else:
            web.is_drained = True
        async with asyncio.timeout(BOUND_S):
            reason = await watching
    assert reason == ("has come to the end of its drain" if ends_by_time else "has drained")
    web.control.note_web_ended()
    assert web.control.handed_over() == ""
    assert web.events[-1] is ServiceEvent.OPENED


async def test_web_process_that_dies_takes_the_drain_with_it_and_not_the_closing() -> None:
    web = Controlled()
    await web.control.close(7_200, "Back soon")
    await web.control.drain(300, nothing_to_check)
    web.clock.advance(100)
    web.control.note_web_ended()
    arrived = Closing.from_json(web.control.handed_over(), web.clock())
    assert arrived == OPEN.closed(web.clock() + 7_100, "Back soon")
    assert web.events[-2:] == [ServiceEvent.DRAINED, ServiceEvent.CLOSED]


async def test_open_cancels_a_drain() -> None:
    web = Controlled()
    async with web.watched() as watching:
        await web.control.drain(300, nothing_to_check)
        await web.control.open()
        web.is_drained = True
        web.clock.advance(1_000)
        for _ in range(20):
            await asyncio.sleep(0)
        assert not watching.done()
    assert web.told[-1] == OPEN


async def test_configuration_that_became_wrong_cancels_a_drain_and_ends_nothing() -> None:
    web = Controlled()
    errors: list[OperatorError] = []

    def check() -> None:
        for error in errors:
            raise error

    async with web.watched() as watching:
        await web.control.drain(300, check)
        errors.append(OperatorError("the configuration's rooms is not known"))
        web.is_drained = True
        (note,) = await web.report.wait_for_notes(1)
        await until(lambda: web.told[-1] == OPEN)
        assert not watching.done()
    assert note.startswith("the drain is cancelled, and nothing was ended: the configuration's")
    with pytest.raises(OperatorError, match="rooms"):
        await web.control.drain(300, check)


async def test_order_while_no_web_process_runs_is_kept_for_the_next() -> None:
    web = Controlled()
    web.control.note_web_ended()
    assert await web.control.close(600) == {"was_open": True, "web_told": False}
    with pytest.raises(OperatorError, match="does not run"):
        await web.control.drain(600, nothing_to_check)
    assert web.told == []
    # It had started before the order came, so nothing was handed over to it.
    web.control.note_web_launched()
    async with web.watched():
        await until(lambda: bool(web.told))
    assert web.told == [OPEN.closed(web.clock() + 600)]


async def test_operator_is_told_of_a_web_process_that_does_not_answer() -> None:
    web = Controlled()
    web.answers = False
    with pytest.raises(OperatorError, match="does not answer") as caught:
        await web.control.close(600)
    assert caught.value.hint.startswith("the order is kept")
    assert web.control.handed_over()


@pytest.mark.parametrize(
    ("for_s", "words"), [(0, ""), (59, ""), (86_401, ""), ("60", ""), (60, 7), (60, "x" * 10_000)]
)
async def test_order_that_is_not_valid_changes_nothing(for_s: object, words: object) -> None:
    web = Controlled()
    with pytest.raises(OperatorError):
        await web.control.close(for_s, words)
    assert (web.told, web.events, web.control.handed_over()) == ([], [], "")


def test_status_says_how_long_it_lasts_also_when_nobody_can_come_in() -> None:
    answer = {"state": "unreachable", "closed_for_s": 1_440, "drains_for_s": 90}
    lines = dict(status_lines(answer))
    assert lines["closed"] == "nobody new comes in for 24 minutes"
    assert lines["drain"] == "restarts when nobody talks any more, or in 90 seconds"
    assert {"closed", "drain"}.isdisjoint(dict(status_lines({"state": "published"})))


@pytest.mark.parametrize(
    ("arguments", "status", "sentence"),
    [
        (["close"], 2, "missing option '--for'"),
        (["close", "--for", "0"], 2, "'0' is no duration: write a number and a unit"),
        (["close", "--for", "30"], 2, "'30' is no duration: write a number and a unit"),
        (["close", "--for", "0m"], 2, "it must be from 1m to 24h"),
        (["close", "--for", "25h"], 2, "it must be from 1m to 24h"),
        (["close", "--for", "\u0663m"], 2, "is no duration"),
        (["close", "--for", "-5m"], 2, "is no duration"),
        (["restart", "--drain", "3h"], 2, "it must be from 1m to 2h"),
        (["restart", "--drain"], 2, "is no duration"),
        (["close", "--for", "30m", "--say", ""], 1, "the words for visitors are empty"),
        (["close", "--for", "30m", "--say", "x" * 10_000], 1, "the words for visitors are too"),
        (["close", "--for", "90s"], 1, "no server runs in "),
        (["restart", "--drain", "15m"], 1, "no server runs in "),
        (["open"], 1, "no server runs in "),
    ],
)
def test_careless_command_is_refused_with_a_sentence(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    status: int,
    sentence: str,
) -> None:
    with pytest.raises(SystemExit) as caught:
        main([*arguments, "--folder", str(tmp_path)])
    shown = capsys.readouterr()
    assert (caught.value.code, shown.out) == (status, "")
    assert shown.err.startswith("sottovoce: ")
    assert sentence in shown.err
    assert "Traceback" not in shown.err


def visitor(paths: Paths) -> TextBrowser:
    return TextBrowser(lambda: asyncio.open_unix_connection(str(paths.web_socket)), ONION)


async def first_answer(paths: Paths) -> tuple[int, str]:
    """Return what somebody new gets from the next web process that listens."""
    async with asyncio.timeout(BOUND_S):
        while True:
            try:
                reply = await visitor(paths).get("/")
            except (OSError, EOFError):
                await asyncio.sleep(0.01)
            else:
                return reply.status, reply.page.text


async def until_restarted(web: Supervised[OwnedProcess], restarts: int) -> OwnedProcess:
    async with asyncio.timeout(BOUND_S):
        while web.restarts < restarts or web.current is None:  # noqa: ASYNC110 as above
            await asyncio.sleep(0.01)
    return web.current


@pytest.mark.slow  # a web process
async def test_web_process_is_closed_before_it_listens(tmp_path: Path) -> None:
    paths, report = Paths(tmp_path), FakeReport()
    watching = Watching(ONION, paths, report)
    await watching.admission.close(600, "Back soon \U0001f642")
    # Nothing watches this process, so nobody tells it afterwards.
    with listening_on(paths.web_socket) as listening:
        async with web_spec(paths, ONION, listening, WebOptions(), report, watching).make():
            reply = await visitor(paths).get("/")
    assert (reply.status, "Back soon \U0001f642" in reply.page.text) == (503, True)


@pytest.mark.slow  # two web processes
async def test_orders_of_the_operator_reach_real_web_processes(tmp_path: Path) -> None:
    paths, report, options = Paths(tmp_path), FakeReport(), WebOptions()
    watching = Watching(ONION, paths, report)
    answers = OperatorSocket(operator_handlers(options, watching))

    async def order(command: Callable[..., object], *values: object) -> object:
        return await asyncio.to_thread(command, tmp_path, *values)

    async def status() -> Mapping[str, Any]:
        return await asyncio.to_thread(ask, paths.operator_socket, "status")

    async with (
        answers.listening(paths.operator_socket),
        keep_web_running(paths, ONION, options, report, watching) as web,
    ):
        pair = await ChatPair.meet(visitor(paths), visitor(paths))
        assert await order(commands.close, 600, "Back soon") is True
        closed_status, text = await first_answer(paths)
        assert (closed_status, "Back soon" in text) == (503, True)
        await pair.first.send("those inside go on")
        assert "those inside go on" in await pair.second.texts()

        await order(commands.drain, 300)
        assert (await first_answer(paths))[0] == 503
        shown = await status()
        assert (shown["closed_for_s"] is None, shown["drains_for_s"] is None) == (False, False)
        told = (await pair.first.browser.get(f"{pair.first.path}/plain")).page.text
        assert "This server restarts in 5 minutes at the latest." in told
        await pair.first.press("leave")
        await pair.second.press("leave")
        await until_restarted(web, 1)
        closed_status, text = await first_answer(paths)
        assert (closed_status, "Back soon" in text) == (503, True), "the new one is closed at once"
        shown = await status()
        assert (shown["closed_for_s"] is None, shown["drains_for_s"]) == (False, None)

        assert await order(commands.open_again) is False
        assert (await first_answer(paths))[0] == 200
        assert await order(commands.open_again) is True
    assert report.notes == [
        "the web process has drained and is being restarted",
        "the web process is running again",
    ]
