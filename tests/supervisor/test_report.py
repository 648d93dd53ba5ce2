"""A program gets JSON lines, a person a bar and sentences, and the percentage never falls."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.supervisor.qrcode import qr_lines
from server.supervisor.report import Blend, JsonReport, PersonReport

from .fakes import HeardReport, Paper

ONION = "a" * 56 + ".onion"
URL = f"http://{ONION}/"
SOCKETS = ("/run/web.sock", "/run/admin.sock")


@pytest.fixture(autouse=True)
def _usual_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_program_gets_one_object_a_line() -> None:
    paper = Paper()
    report = JsonReport(paper)
    report.bootstrap(45, "half\nway")
    assert paper.text == '{"event": "bootstrap", "percent": 45, "summary": "half\\nway"}\n'
    report.ready(ONION, None, *SOCKETS)
    report.note("tor is up again")
    report.advice(["for people"])
    _, ready, note = [json.loads(line) for line in paper.text.splitlines()]
    assert ready == {
        "event": "ready",
        "onion": ONION,
        "socks": None,
        "web_socket": "/run/web.sock",
        "admin_socket": "/run/admin.sock",
    }
    assert note == {"event": "note", "text": "tor is up again"}


def test_without_a_terminal_each_new_step_is_a_line() -> None:
    paper = Paper()
    report = PersonReport(paper)
    for step in [(5, "Connecting"), (5, "Connecting"), (5, "No route to host"), (10, "Loading")]:
        report.bootstrap(*step)
    assert paper.text.splitlines() == [
        "  5 %  Connecting",
        "  5 %  No route to host",
        " 10 %  Loading",
    ]


def test_without_a_terminal_there_is_no_sequence_and_no_picture() -> None:
    paper = Paper()
    report = PersonReport(paper)
    report.bootstrap(100, "Published")
    report.ready(ONION, None, *SOCKETS)
    report.note("tor is up again")
    report.advice(["First.", "Second."])
    assert paper.text == (
        f"100 %  Published\n\n  {URL}\n\n  tor is up again\nFirst.\n\nSecond.\n\n"
    )


def test_bar_is_drawn_over_itself_and_wiped_before_a_sentence() -> None:
    paper = Paper(terminal=True)
    report = PersonReport(paper)
    report.bootstrap(0, "Starting")
    report.bootstrap(50, "Half way")
    assert paper.text.count("\n") == 0
    assert paper.text.endswith("\r[###############...............]  50 %  Half way\x1b[K")
    report.note("tor is up again")
    assert paper.text.endswith("\r\x1b[K  tor is up again\n")
    report.note("the web process is up again")
    assert paper.text.endswith("again\n  the web process is up again\n")


@pytest.mark.parametrize("columns", [20, 60, 80, 200])
def test_bar_stays_in_one_line_of_the_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    paper = Paper(terminal=True)
    PersonReport(paper).bootstrap(5, "Connecting to directory server to build circuits " * 3)
    assert len(paper.text.removeprefix("\r").removesuffix("\x1b[K")) < columns


def test_address_that_others_can_reach_is_drawn_too() -> None:
    paper = Paper(terminal=True)
    PersonReport(paper).ready(ONION, None, *SOCKETS)
    assert paper.text == "\n".join(["", f"  {URL}", "", *qr_lines(URL), "", ""])


def test_address_of_a_private_network_is_not_drawn() -> None:
    paper = Paper(terminal=True)
    PersonReport(paper).ready(ONION, "127.0.0.1:9050", *SOCKETS)
    assert paper.text == f"\n  {URL}\n\n"


def test_picture_is_left_out_where_the_terminal_is_too_narrow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    paper = Paper(terminal=True)
    PersonReport(paper).ready(ONION, None, *SOCKETS)
    assert paper.text == f"\n  {URL}\n\n"


def test_picture_is_left_out_where_the_encoding_lacks_its_blocks() -> None:
    paper = Paper(terminal=True, encoding="latin-1")
    PersonReport(paper).ready(ONION, None, *SOCKETS)
    assert paper.text == f"\n  {URL}\n\n"


@given(
    st.lists(st.tuples(st.sampled_from(["one", "two", "three"]), st.integers(0, 100)), max_size=30)
)
def test_blend_never_falls_and_never_passes_the_whole(told: list[tuple[str, int]]) -> None:
    report = HeardReport()
    blend = Blend(report, {"one": 60, "two": 25, "three": 15})
    for part, percent in told:
        blend.note(part, percent, part)
    percents = [percent for percent, _ in report.steps]
    assert percents == sorted(percents)
    assert all(0 <= percent <= 100 for percent in percents)
    assert len(percents) == len(told)


def test_blend_of_parts_that_are_done_is_the_whole() -> None:
    report = HeardReport()
    blend = Blend(report, {"one": 66, "two": 34})
    blend.note("one", 100, "one is done")
    blend.note("two", 50, "two is half way")
    blend.note("two", 100, "two is done")
    assert report.steps == [(66, "one is done"), (83, "two is half way"), (100, "two is done")]


def test_nothing_is_told_of_a_way_that_is_over() -> None:
    report = HeardReport()
    blend = Blend(report, {"tor": 95, "publish": 5})
    blend.note("tor", 100, "Done")
    blend.finish("Published")
    blend.note("tor", 10, "Connecting, after tor was started again")
    assert report.steps == [(95, "Done"), (100, "Published")]
