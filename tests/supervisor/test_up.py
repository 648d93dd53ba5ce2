"""The operator's options reach the web process each time it starts."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path

import pytest

from onion import Defence
from server.demo.text_browser import TextBrowser
from server.supervisor.paths import Paths
from server.supervisor.up import find_missing_defences, web_spec
from server.supervisor.webprocess import WebOptions
from tests.onion.test_defences import make_lacking_tor

from .fakes import FakeReport

pytestmark = pytest.mark.slow  # each start is a process of its own

ONION = "a" * 56 + ".onion"


@pytest.mark.tor
async def test_operator_is_told_which_defences_tor_lacks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = FakeReport()
    assert await find_missing_defences(report) == frozenset()
    assert report.notes == []
    make_lacking_tor(tmp_path, "pow")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert await find_missing_defences(report) == {Defence.PROOF_OF_WORK}
    (note,) = report.notes
    assert "proof of work" in note


async def test_each_new_web_process_reads_the_configuration_again(
    tmp_path: Path,
) -> None:
    file, paths = tmp_path / "server.toml", Paths(tmp_path)
    spec = web_spec(paths, ONION, WebOptions(file), FakeReport())
    browser = TextBrowser(lambda: asyncio.open_unix_connection(str(paths.web_socket)), ONION)
    for title in ("The garden", "The harbour"):
        room = f'[[rooms]]\nname = "place"\ntitle.en = "{title}"\n'
        file.write_text(room, encoding="utf-8")
        async with spec.make():
            text = (await browser.get("/rooms")).page.text
        assert title in text
        assert "The common room" not in text


async def test_warning_before_listening_reaches_the_operator(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrapper = tmp_path / "python"
    wrapper.write_text(f'#!/bin/sh\nexec prlimit --nofile=64:2000 "{sys.executable}" "$@"\n')
    wrapper.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(wrapper))
    report = FakeReport()
    async with web_spec(Paths(tmp_path), ONION, WebOptions(), report).make():
        sentence, hint = report.notes
    assert sentence.endswith("open files, and this process may have 2000")
    assert hint.startswith("hint: ")
