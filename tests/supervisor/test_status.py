"""The operator reads the state, rounded ages and rounded counts, and nothing about a person."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from rich.console import Console

from onion import ServiceEvent, ServiceState
from server.core.errors import OperatorError
from server.supervisor.live_status import watch_status
from server.supervisor.status import ServiceStatus, rounded_age_s
from server.supervisor.status_text import MEANINGS, status_lines
from tests.fakes import FakeClock
from tests.onion.listening import Handler, listening

from .fakes import FakeOutput

ONION = "a" * 56 + ".onion"
UP = (ServiceEvent.LAUNCHED, ServiceEvent.UPLOADED, ServiceEvent.REACHED)


def make_status(folder: Path) -> tuple[ServiceStatus, FakeClock]:
    clock = FakeClock()
    return ServiceStatus(ONION, folder / "admin.sock", clock), clock


def answering(answer: bytes) -> Handler:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(answer)

    return handle


@pytest.mark.parametrize(
    ("age_s", "shown_s"),
    [(0.0, 0), (0.1, 10), (51, 60), (60, 60), (61, 120), (3599, 3600), (3601, 7200)],
)
def test_age_is_rounded_up(age_s: float, shown_s: int) -> None:
    assert rounded_age_s(age_s) == shown_s


async def test_service_that_nobody_reaches_is_never_called_published(tmp_path: Path) -> None:
    status, clock = make_status(tmp_path)
    for event in (*UP, ServiceEvent.MISSED, ServiceEvent.GIVEN_UP):
        status.note(event)
    clock.advance(100)
    answer = await status.describe()
    assert (answer["state"], answer["lets_visitors_in"]) == ("unreachable", False)
    assert (answer["last_visit_age_s"], answer["last_upload_age_s"]) == (120, 120)
    text = dict(status_lines(answer))
    assert text["state"].startswith("unreachable: ")
    assert text["last visit"] == "2 minutes ago"
    assert text["web process"] == "does not answer"


async def test_counts_of_the_web_process_are_passed_on_if_they_are_plain(tmp_path: Path) -> None:
    status, _ = make_status(tmp_path)
    fields = {"status": "serving", "sessions": 10, "streams": "\x1b]52;c;eA==\x07", "\x1b[2J": 1}
    async with listening(tmp_path / "admin.sock", answering(json.dumps(fields).encode() + b"\n")):
        answer = await status.describe()
    assert answer["web_answers"] is True
    assert answer["sessions"] == 10
    assert "streams" not in answer
    assert "\x1b" not in json.dumps(answer) + str(status_lines(answer))


@pytest.mark.parametrize("answer", [b"", b"7\n", b"[" * 5_000 + b"\n", b"{\n", b"x" * 9_000])
async def test_invalid_answer_of_the_web_process_is_none(tmp_path: Path, answer: bytes) -> None:
    status, _ = make_status(tmp_path)
    async with listening(tmp_path / "admin.sock", answering(answer)):
        assert (await status.describe())["web_answers"] is False


def test_listener_hears_each_new_state_once(tmp_path: Path) -> None:
    status, _ = make_status(tmp_path)
    heard: list[ServiceState] = []
    status.add_listener(heard.append)
    for event in (*UP, ServiceEvent.REACHED, ServiceEvent.LOST, ServiceEvent.LOST):
        status.note(event)
    states = (ServiceState.UNCONFIRMED, ServiceState.PUBLISHED, ServiceState.DOWN)
    assert heard == list(states)


def test_every_state_has_its_meaning() -> None:
    assert set(MEANINGS) == set(ServiceState)


def test_live_view_shows_each_answer_and_survives_a_server_that_ends() -> None:
    out = FakeOutput()
    shown: list[str] = []

    def ask() -> list[tuple[str, str]]:
        shown.append(out.text)
        if len(shown) == 1:
            return [("state", "published [bold]")]
        if len(shown) == 2:
            raise OperatorError("no server answers")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch_status(ask, Console(file=out, width=60, force_terminal=True), every_s=0.0)
    assert "published [bold]" in shown[1]
    assert "no server answers" in shown[2]
    assert shown[0].startswith("\x1b[?1049h"), "the second screen: the scrollback keeps nothing"
    assert "\x1b[?1049l" in out.text


@pytest.mark.checklist(55)
async def test_published_service_whose_parts_do_not_answer_lets_nobody_in(tmp_path: Path) -> None:
    status, _ = make_status(tmp_path)
    for event in UP:
        status.note(event)
    answer = await status.describe()
    assert (answer["state"], answer["tor_answers"], answer["web_answers"]) == (
        *("published", False, False),
    )
    assert answer["lets_visitors_in"] is False
    assert "does not answer" in dict(status_lines(answer))["state"]
