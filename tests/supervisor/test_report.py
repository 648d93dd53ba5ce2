"""A program gets JSON lines, a person gets a bar and text. The percentage never falls."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.supervisor.report import CombinedProgress, JsonReport, TextReport
from server.supervisor.terminal.qrcode import qr_lines

from .fakes import FakeOutput, FakeReport

ONION = "a" * 56 + ".onion"
URL = f"http://{ONION}/"
SOCKETS = ("/run/web.sock", "/run/admin.sock")


@pytest.fixture(autouse=True)
def _fixed_width(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "80")


def test_program_gets_one_json_object_per_line() -> None:
    output = FakeOutput()
    report = JsonReport(output)
    report.bootstrap(45, "half\nway")
    assert output.text == '{"event": "bootstrap", "percent": 45, "summary": "half\\nway"}\n'
    report.ready(ONION, None, *SOCKETS)
    report.note("tor is running again")
    report.advice(["for people"])
    _, ready, note = [json.loads(line) for line in output.text.splitlines()]
    assert ready == {
        "event": "ready",
        "onion": ONION,
        "socks": None,
        "web_socket": "/run/web.sock",
        "admin_socket": "/run/admin.sock",
    }
    assert note == {"event": "note", "text": "tor is running again"}


def test_log_of_tor_is_one_object_for_a_program_and_marked_lines_for_a_person() -> None:
    output = FakeOutput()
    JsonReport(output).tor_log(["a", "b"])
    assert json.loads(output.text) == {"event": "tor_log", "lines": ["a", "b"]}
    output = FakeOutput()
    TextReport(output).tor_log(["a", "b"])
    assert output.text == "  tor | a\n  tor | b\n"


def test_without_terminal_each_new_step_is_a_line() -> None:
    output = FakeOutput()
    report = TextReport(output)
    for step in [(5, "Connecting"), (5, "Connecting"), (5, "No route to host"), (10, "Loading")]:
        report.bootstrap(*step)
    assert output.text.splitlines() == [
        "  5 %  Connecting",
        "  5 %  No route to host",
        " 10 %  Loading",
    ]


def test_without_terminal_no_escape_sequence_and_no_qr_code() -> None:
    output = FakeOutput()
    report = TextReport(output)
    report.bootstrap(100, "Published")
    report.ready(ONION, None, *SOCKETS)
    report.note("tor is running again")
    report.advice(["First.", "Second."])
    assert output.text == (
        f"100 %  Published\n\n  {URL}\n\n  tor is running again\nFirst.\n\nSecond.\n\n"
    )


def test_bar_overwrites_itself_and_is_erased_before_a_note() -> None:
    output = FakeOutput(terminal=True)
    report = TextReport(output)
    report.bootstrap(0, "Starting")
    report.bootstrap(50, "Half way")
    assert output.text.count("\n") == 0
    assert output.text.endswith("\r[###############...............]  50 %  Half way\x1b[K")
    report.note("tor is running again")
    assert output.text.endswith("\r\x1b[K  tor is running again\n")
    report.note("the web process is running again")
    assert output.text.endswith("again\n  the web process is running again\n")


@pytest.mark.parametrize("columns", [20, 60, 80, 200])
def test_bar_stays_in_one_line_of_the_terminal(
    columns: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    output = FakeOutput(terminal=True)
    TextReport(output).bootstrap(5, "Connecting to directory server to build circuits " * 3)
    assert len(output.text.removeprefix("\r").removesuffix("\x1b[K")) < columns


def test_public_address_is_drawn_as_a_qr_code() -> None:
    output = FakeOutput(terminal=True)
    TextReport(output).ready(ONION, None, *SOCKETS)
    assert output.text == "\n".join(["", f"  {URL}", "", *qr_lines(URL), "", ""])


def test_address_on_a_private_network_is_not_drawn() -> None:
    output = FakeOutput(terminal=True)
    TextReport(output).ready(ONION, "127.0.0.1:9050", *SOCKETS)
    assert output.text == f"\n  {URL}\n\n"


def test_qr_code_is_left_out_if_the_terminal_is_too_narrow(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    output = FakeOutput(terminal=True)
    TextReport(output).ready(ONION, None, *SOCKETS)
    assert output.text == f"\n  {URL}\n\n"


def test_qr_code_is_left_out_if_the_encoding_lacks_its_blocks() -> None:
    output = FakeOutput(terminal=True, encoding="latin-1")
    TextReport(output).ready(ONION, None, *SOCKETS)
    assert output.text == f"\n  {URL}\n\n"


@given(
    st.lists(st.tuples(st.sampled_from(["one", "two", "three"]), st.integers(0, 100)), max_size=30)
)
def test_combined_progress_never_falls_or_exceeds_100(steps: list[tuple[str, int]]) -> None:
    report = FakeReport()
    progress = CombinedProgress(report, {"one": 60, "two": 25, "three": 15})
    for part, percent in steps:
        progress.note(part, percent, part)
    percents = [percent for percent, _ in report.steps]
    assert percents == sorted(percents)
    assert all(0 <= percent <= 100 for percent in percents)
    assert len(percents) == len(steps)


def test_combined_progress_of_finished_parts_is_100() -> None:
    report = FakeReport()
    progress = CombinedProgress(report, {"one": 66, "two": 34})
    progress.note("one", 100, "one is done")
    progress.note("two", 50, "two is half way")
    progress.note("two", 100, "two is done")
    assert report.steps == [(66, "one is done"), (83, "two is half way"), (100, "two is done")]


def test_progress_after_the_finish_is_not_reported() -> None:
    report = FakeReport()
    progress = CombinedProgress(report, {"tor": 95, "publish": 5})
    progress.note("tor", 100, "Done")
    progress.finish("Published")
    progress.note("tor", 10, "Connecting, after a restart of tor")
    assert report.steps == [(95, "Done"), (100, "Published")]
