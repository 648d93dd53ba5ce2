"""`--config` decides what is served, or says why it cannot, before anything is begun."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fakes import knock

from .server_process import ANSWER_S, TOP, fail_to_serve, running_server

pytestmark = pytest.mark.slow  # each test starts a process of its own

DECIDED = """
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
sessions = 1
"""


def written(folder: Path, text: str) -> Path:
    """A file of configuration."""
    file = folder / "house.toml"
    file.write_text(text, encoding="utf-8")
    return file


async def test_server_is_as_the_file_says(tmp_path: Path) -> None:
    with running_server(tmp_path, "--config", str(written(tmp_path, DECIDED))) as server:
        browser = server.browser()
        assert "The garden" in (await browser.get("/rooms")).page.text
        form = (await browser.get("/pair")).body.decode()
        assert "name=topic value=plants>" in form
        assert "value=music>" not in form
        assert "People usually arrive at this hour." in (await browser.get("/")).page.text
        assert (await knock(browser, "talk")).path == "/wait"
        assert (await knock(server.browser(), "talk")).status == 503


def test_mistake_in_the_configuration_stops_the_start_with_a_hint(tmp_path: Path) -> None:
    file = written(tmp_path, "[[rooms]]\nname = 'a room'\n")
    ended = fail_to_serve("--socket", tmp_path / "run" / "web.sock", "--config", file)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert "hint: rooms[1]." in ended.stderr
    assert "Traceback" not in ended.stderr


def end_by_itself(home: Path, *words: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command that is expected to end before it begins; `home` is all that it could use."""
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
    ("text", "said"),
    [
        (
            "[capacity]\nrooms = 0\n",
            "sottovoce: the configuration's capacity.rooms is no fitting number\n"
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
def test_mistake_stops_the_whole_server_before_anything_is_begun(
    tmp_path: Path, command: str, text: str | None, said: str
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    file = tmp_path / "house.toml" if text is None else written(tmp_path, text)
    ended = end_by_itself(home, command, "--config", file)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == said.format(file=file)
    assert list(home.iterdir()) == []
