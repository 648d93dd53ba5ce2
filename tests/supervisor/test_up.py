"""The operator's options reach tor and the web process; what tor says reaches the operator."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import sys
from pathlib import Path

import pytest

from onion import BootstrapStalledError, Defence, TransportMissingError
from onion.bridges import program
from server.core.errors import OperatorError
from server.demo.text_browser import TextBrowser
from server.process.sockets import listening_on
from server.supervisor.paths import Paths
from server.supervisor.up import find_missing_defences, tor_warns, up, web_spec
from server.supervisor.watching import Watching
from server.supervisor.webprocess import WebOptions
from tests.onion.bridges.test_line import OBFS4
from tests.onion.obfs4_bridge import NO_NETWORK
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
    report = FakeReport()
    watching, options = Watching(ONION, paths, report), WebOptions(file)
    browser = TextBrowser(lambda: asyncio.open_unix_connection(str(paths.web_socket)), ONION)
    with listening_on(paths.web_socket) as listening:
        spec = web_spec(paths, ONION, listening, options, report, watching)
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
    paths = Paths(tmp_path)
    watching = Watching(ONION, paths, report)
    with listening_on(paths.web_socket) as listening:
        spec = web_spec(paths, ONION, listening, WebOptions(), report, watching)
        async with spec.make():
            sentence, hint = report.notes
    assert sentence.endswith("open files, and this process may have 2000")
    assert hint.startswith("hint: ")


def bridge_that_refuses(folder: Path) -> tuple[Path, socket.socket]:
    """Write torrc lines with a bridge at which nobody listens, and without UseBridges."""
    closed = socket.socket()
    closed.bind(("127.0.0.1", 0))
    address = f"127.0.0.1:{closed.getsockname()[1]}"
    lines = [*NO_NETWORK, ("Bridge", f"{address} {'A' * 40}")]
    path = folder / "own.torrc"
    path.write_text("".join(f"{name} {value}\n" for name, value in lines), encoding="utf-8")
    return path, closed


@pytest.mark.tor
@pytest.mark.checklist(31, 51)
async def test_tors_warnings_and_its_log_reach_the_operator_and_no_file(tmp_path: Path) -> None:
    report, folder = FakeReport(), tmp_path / "server"
    own_lines, closed = bridge_that_refuses(tmp_path)
    with closed:
        starting = asyncio.ensure_future(up(report, folder, own_lines, 4.0, shows_tor_log=True))
        notes = await report.wait_for_notes(2)
        os.kill(os.getpid(), signal.SIGUSR1)
        on_demand = await report.wait_for_tor_log()
        with pytest.raises(BootstrapStalledError, match="nobody listens"):
            await starting
    assert "UseBridges 1: it is set" in notes[0]
    assert re.match("nobody listens at the address .*; tor warns: Problem bootstrapping", notes[1])
    assert len(report.tor_lines) > 2 * on_demand > 0, "when asked, and again when it failed"
    assert any("Problem bootstrapping" in line for line in report.tor_lines)
    kept = [path for path in folder.rglob("*") if path.is_file()]
    assert kept
    assert not [path for path in kept if b"Problem bootstrapping" in path.read_bytes()]


@pytest.mark.checklist(34)
async def test_missing_program_stops_the_start_before_anything_is_made(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config, folder = tmp_path / "server.toml", tmp_path / "server"
    config.write_text(f'[tor]\nbridges = ["{OBFS4}"]\n', encoding="utf-8")
    monkeypatch.setattr(program, "KNOWN", {"obfs4": program.Known(("not-there",), "obfs4proxy")})
    with pytest.raises(TransportMissingError, match="looked for not-there"):
        await up(FakeReport(), folder, None, 1.0, WebOptions(config))
    assert not folder.exists()


async def test_key_that_was_sealed_meanwhile_is_never_replaced_by_a_new_one(tmp_path: Path) -> None:
    sealed = Paths(tmp_path).sealed_key
    sealed.write_text("")
    with pytest.raises(OperatorError, match="sealed just now"):
        await up(FakeReport(), tmp_path, None, 1.0)
    assert os.listdir(tmp_path) == [sealed.name]


@pytest.mark.tor
async def test_log_that_is_not_kept_is_not_shown(tmp_path: Path) -> None:
    report = FakeReport()
    own_lines, closed = bridge_that_refuses(tmp_path)
    with closed:
        starting = asyncio.ensure_future(up(report, tmp_path / "server", own_lines, 60.0))
        await report.wait_for_notes(2)
        os.kill(os.getpid(), signal.SIGUSR1)
        assert (await report.wait_for_notes(3))[2].endswith("start with --tor-log")
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting
    assert not report.tor_lines


def test_unknown_warning_is_passed_on_in_tors_words() -> None:
    assert tor_warns("Something new") == "tor warns: Something new"
