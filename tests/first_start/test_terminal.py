"""`up` asks in a terminal, once; everywhere else it never asks."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests.e2e.terminal import Terminal
from tests.e2e.workspace import Workspace

pytestmark = pytest.mark.slow

QUESTIONS = (
    "Languages [en, fa]: ",
    "Title [Sottovoce]: ",
    "Rooms [",
    "Bridge 1 [none]: ",
    "Folder [none]: ",
)
FAILING = {"PYTHONASYNCIODEBUG": "1"}
"""Makes one check of the doctor fail on every machine."""

END_S = 60.0


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("f"))


@pytest.fixture
def terminal(workspace: Workspace) -> Iterator[Terminal]:
    with Terminal(workspace, "up", "--folder", str(workspace.folder / "s"), **FAILING) as terminal:
        yield terminal


def test_answers_are_written_and_the_machine_is_checked_before_anything_starts(
    workspace: Workspace, terminal: Terminal
) -> None:
    folder = workspace.folder / "s"
    for question, answer in zip(QUESTIONS, ("fa", "باغ", "none", "", ""), strict=True):
        terminal.wait_for(question, bound_s=END_S)
        assert not folder.exists()
        terminal.press(f"{answer}\r")
    terminal.wait_for(
        f"answers are in {folder}/sottovoce.toml",
        "no copy of the key; copy it by hand",
        "PYTHONASYNCIODEBUG",
        "Start all the same? [y/N]: ",
        bound_s=END_S,
    )
    terminal.press("\r")
    terminal.wait_for("your answers are kept", bound_s=END_S)
    assert terminal.process.wait(END_S) == 1
    text = (folder / "sottovoce.toml").read_text(encoding="utf-8")
    assert "rooms = []" in text
    assert '\ntitle.fa = "باغ"\n' in text
    assert sorted(file.name for file in folder.iterdir()) == ["onion.key", "sottovoce.toml"]
    checked = workspace.run("config", "check", "--folder", folder)
    assert checked.stdout == f"{folder}/sottovoce.toml is valid\n"


@pytest.mark.parametrize(("answered", "key"), [(0, "\x04"), (4, "\x03")], ids=["Ctrl-D", "Ctrl-C"])
def test_start_that_is_left_early_leaves_nothing(
    workspace: Workspace, terminal: Terminal, key: str, answered: int
) -> None:
    for question in QUESTIONS[:answered]:
        terminal.wait_for(question, bound_s=END_S)
        terminal.press("\r")
    terminal.wait_for(QUESTIONS[answered], bound_s=END_S)
    # A signal that comes in the moment before Python begins to read is seen with the next key.
    for _ in range(int(END_S)):
        terminal.press(key)
        with suppress(subprocess.TimeoutExpired):
            terminal.process.wait(1)
            break
    terminal.wait_for("nothing was written", bound_s=END_S)
    assert terminal.process.returncode == 1
    assert not list(workspace.folder.iterdir())


def test_start_without_a_terminal_or_with_a_configuration_asks_nothing(
    workspace: Workspace, tmp_path: Path
) -> None:
    # A file with torrc lines that does not exist ends each start before tor.
    missing = ("up", "--folder", str(workspace.folder / "s"), "--torrc", "/nowhere/torrc")
    config = tmp_path / "c.toml"
    config.write_text("")
    outer, inner = os.openpty()
    try:
        for arguments, output, variables in (
            (missing, subprocess.PIPE, {}),
            ((*missing, "--json"), inner, {}),
            ((*missing, "--config", str(config)), inner, {}),
            (missing, inner, {"SOTTOVOCE_HOUSE_TITLE": "X"}),
        ):
            ran = subprocess.run(
                [sys.executable, "-P", "-m", "server", *arguments],
                env=workspace.environment(**variables, PYTHONPATH=str(Path.cwd())),
                stdin=inner,
                stdout=output,
                stderr=subprocess.PIPE,
                text=True,
                timeout=END_S,
                check=False,
            )
            assert ran.returncode == 1
            assert "/nowhere/torrc cannot be read" in ran.stderr
    finally:
        os.close(outer)
        os.close(inner)
    assert not (workspace.folder / "s").exists()
