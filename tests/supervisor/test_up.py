"""What an operator decided reaches the web process, each time that it is started."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import pytest

from server.demo.text_browser import TextBrowser
from server.supervisor.paths import Paths
from server.supervisor.up import web_upkeep
from server.supervisor.webprocess import WebOptions

from .fakes import HeardReport

pytestmark = pytest.mark.slow  # each start is a process of its own

ONION = "a" * 56 + ".onion"


async def test_each_new_web_process_serves_what_the_operators_file_says_by_then(
    tmp_path: Path,
) -> None:
    file, paths = tmp_path / "house.toml", Paths(tmp_path)
    upkeep = web_upkeep(paths, ONION, WebOptions(file), HeardReport())
    browser = TextBrowser(lambda: asyncio.open_unix_connection(str(paths.web_socket)), ONION)
    for title in ("The garden", "The harbour"):
        room = f'[[rooms]]\nname = "place"\ntitle.en = "{title}"\n'
        file.write_text(room, encoding="utf-8")
        async with upkeep.make():
            said = (await browser.get("/rooms")).page.text
        assert title in said
        assert "The common room" not in said


async def test_what_the_web_process_says_before_it_listens_is_told_to_the_operator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = tmp_path / "python"
    few.write_text(f'#!/bin/sh\nexec prlimit --nofile=64:2000 "{sys.executable}" "$@"\n')
    few.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(few))
    report = HeardReport()
    async with web_upkeep(Paths(tmp_path), ONION, WebOptions(), report).make():
        sentence, hint = report.notes
    assert sentence.endswith("open files, and this process may have 2000")
    assert hint.startswith("hint: ")
