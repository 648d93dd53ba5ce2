"""`--config` decides what is served; an error in it is reported before anything starts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import press_intent

from .server_process import ANSWER_S, TOP, fail_to_serve, running_server

pytestmark = pytest.mark.slow  # each test starts a process of its own

DECIDED = """
[house]
languages = ["fa", "en"]
welcome.en = "For those who garden."

[[rooms]]
name = "garden"
title.en = "The garden"

[[topics]]
code = "plants"
name.en = "plants"

[[hours]]
from = "00:00"
until = "12:00"

[[hours]]
from = "12:00"
until = "00:00"

[capacity]
tickets = 1
"""


def write_config(folder: Path, text: str) -> Path:
    """Write a configuration file."""
    file = folder / "server.toml"
    file.write_text(text, encoding="utf-8")
    return file


async def test_server_follows_its_configuration(tmp_path: Path) -> None:
    with running_server(tmp_path, "--config", str(write_config(tmp_path, DECIDED))) as server:
        browser = server.browser()
        assert "The garden" in (await browser.get("/rooms")).page.text
        form = (await browser.get("/pair")).body.decode()
        assert "name=topic value=plants>" in form
        assert "value=music>" not in form
        assert "People usually arrive at this hour." in (await browser.get("/?lang=en")).page.text
        assert "For those who garden." in (await browser.get("/")).page.text
        assert "<html lang=fa" in (await browser.get("/")).body.decode()
        assert (await press_intent(browser, "talk")).path == "/wait"
        assert (await press_intent(server.browser(), "talk")).status == 503


def test_error_in_the_configuration_stops_the_start(tmp_path: Path) -> None:
    file = write_config(tmp_path, "[[rooms]]\nname = 'a room'\n")
    ran = fail_to_serve("--socket", tmp_path / "run" / "web.sock", "--config", file)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "hint: rooms[1]." in ran.stderr
    assert "Traceback" not in ran.stderr


@pytest.mark.checklist(51)
def test_bridges_that_would_have_no_effect_stop_the_start(tmp_path: Path) -> None:
    file = write_config(tmp_path, '[tor]\nbridges = ["192.0.2.1:443"]\n')
    ran = fail_to_serve("--socket", tmp_path / "run" / "web.sock", "--config", file)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert "tor.bridges has no effect here" in ran.stderr
    assert "UseBridges 1" in ran.stderr
    assert "192.0.2" not in ran.stderr


def test_operator_says_that_a_tor_of_the_system_writes_circuit_ids(tmp_path: Path) -> None:
    file = write_config(tmp_path, "[tor]\ncircuit_ids = true\n")
    with running_server(tmp_path, "--config", str(file)) as server:
        answer = server.ask_admin(b"status\n")
    assert answer["circuit_ids_believed"] is True
    assert not [name for name in answer if name.startswith("tor_")], "this tor was not asked"


def run_to_exit(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command that should exit before it starts anything; it may only use `home`."""
    return subprocess.run(
        [sys.executable, "-m", "server", *map(str, words)],
        cwd=TOP,
        env={**os.environ, "HOME": str(home), "TMPDIR": str(home)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=ANSWER_S,
        check=False,
    )


@pytest.mark.parametrize("command", ["up", "demo"])
@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "[capacity]\nrooms = 0\n",
            "sottovoce: the configuration's capacity.rooms (line 2) is not a valid number\n"
            "hint: capacity.rooms: a whole number from 1 to 10000\n",
        ),
        (
            None,
            "sottovoce: the configuration {file} cannot be read: no such file or directory\n"
            "hint: check the path after --config\n",
        ),
    ],
    ids=["wrong", "missing"],
)
def test_error_in_the_configuration_stops_up_and_demo(
    tmp_path: Path, command: str, text: str | None, message: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    file = tmp_path / "server.toml" if text is None else write_config(tmp_path, text)
    ran = run_to_exit(home, command, "--config", file)
    assert (ran.returncode, ran.stdout) == (1, "")
    assert ran.stderr == message.format(file=file)
    assert list(home.iterdir()) == []


def test_check_names_every_table_with_a_mistake_and_its_line(tmp_path: Path) -> None:
    file = write_config(tmp_path, "[capacity]\nrooms = 0\n[tor]\n\ncircuit_ids = 1\n")
    ran = run_to_exit(tmp_path, "config", "check", file)
    assert (ran.returncode, ran.stderr) == (1, "")
    assert ran.stdout.splitlines() == [
        "the configuration's capacity.rooms (line 2) is not a valid number",
        "hint: capacity.rooms: a whole number from 1 to 10000",
        "the configuration's tor.circuit_ids (line 5) is neither true nor false",
        "hint: tor.circuit_ids: true or false, no quotes",
    ]
    ran = run_to_exit(tmp_path, "config", "check", "--json", file)
    mistakes = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [mistake.get("line") for mistake in mistakes] == [2, 5, None]
    assert mistakes[-1] == {"event": "checked", "valid": False}


def test_check_reads_bridges_as_a_start_does(tmp_path: Path) -> None:
    file = write_config(tmp_path, '[tor]\nbridges = [\n  "obfs4",\n]\n')
    ran = run_to_exit(tmp_path, "config", "check", file)
    assert ran.returncode == 1
    assert "tor.bridges[1] (line 2)" in ran.stdout


def test_check_of_a_valid_file_starts_and_writes_nothing(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    ran = run_to_exit(home, "config", "check", write_config(tmp_path, DECIDED))
    assert (ran.returncode, ran.stderr) == (0, "")
    assert ran.stdout.endswith("is valid\n")
    assert not [*home.iterdir()]


def test_configuration_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOTTOVOCE_CONFIG", str(write_config(tmp_path, "romms = 1\n")))
    for words in (["config", "check"], ["demo"], ["up", "--folder", "x"]):
        ran = run_to_exit(tmp_path, *words)
        assert ran.returncode == 1
        assert "romms (line 1) is not a known key" in ran.stdout + ran.stderr


async def test_keys_may_come_from_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOTTOVOCE_HOUSE_WELCOME", "For those who swim.")
    monkeypatch.setenv("SOTTOVOCE_CONFIG", str(write_config(tmp_path, DECIDED)))
    with running_server(tmp_path) as server:
        browser = server.browser()
        assert "For those who swim." in (await browser.get("/")).page.text
        assert "The garden" in (await browser.get("/rooms")).page.text


@pytest.mark.parametrize("command", ["up", "demo", "doctor", "config check"])
def test_misspelt_variable_is_refused_by_every_command_that_would_read_it(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    home = tmp_path_factory.mktemp("m")  # short: it has sockets in it
    monkeypatch.setenv("SOTTOVOCE_HOUS_TITLE", "x")
    ran = run_to_exit(home, *command.split())
    assert ran.returncode == 1
    assert "the variable SOTTOVOCE_HOUS_TITLE is not known" in ran.stdout + ran.stderr
    assert "did you mean SOTTOVOCE_HOUSE_TITLE?" in ran.stdout + ran.stderr
    assert list(home.iterdir()) == []


def test_check_names_the_variable_in_place_of_a_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SOTTOVOCE_CAPACITY_ROOMS", "many")
    monkeypatch.setenv("SOTTOVOCE_TOR_BRIDGES", "obfs4")
    ran = run_to_exit(tmp_path, "config", "check", "--json")
    mistake, checked = (json.loads(line) for line in ran.stdout.splitlines())
    assert (mistake["key"], mistake["line"], mistake["variable"]) == (
        *("capacity.rooms", None, "SOTTOVOCE_CAPACITY_ROOMS"),
    )
    assert checked == {"event": "checked", "valid": False}
    monkeypatch.delenv("SOTTOVOCE_CAPACITY_ROOMS")
    ran = run_to_exit(tmp_path, "config", "check")
    assert "tor.bridges[1] (SOTTOVOCE_TOR_BRIDGES)" in ran.stdout


def test_file_in_the_folder_is_read_where_no_other_is_named(tmp_path: Path) -> None:
    folder = tmp_path / "server"
    folder.mkdir(mode=0o700)
    (folder / "sottovoce.toml").write_text("romms = 1\n")
    for words in (["config", "check"], ["up"], ["doctor"]):
        ran = run_to_exit(tmp_path, *words, "--folder", folder)
        assert ran.returncode == 1
        assert "romms (line 1) is not a known key" in ran.stdout + ran.stderr
    other = write_config(tmp_path, "rooms = []\n")
    ran = run_to_exit(tmp_path, "config", "check", other, "--folder", folder)
    assert (ran.returncode, ran.stdout) == (0, f"{other} is valid\n")
    nothing = run_to_exit(tmp_path, "config", "check", "--folder", tmp_path / "none")
    assert nothing.returncode == 2
    assert "no sottovoce.toml in" in nothing.stderr
