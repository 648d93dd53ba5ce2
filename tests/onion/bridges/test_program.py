"""The program of a transport is found, and asked before tor starts it."""

from __future__ import annotations

from pathlib import Path

import pytest

from onion.bridges import program
from onion.bridges.plugin import Plugin
from onion.bridges.program import KNOWN, check_plugin, find_plugin, judge_answer
from onion.errors import TransportFailedError, TransportMissingError
from onion.launch.program import find_program

pytestmark = pytest.mark.checklist(34)


def make_program(folder: Path, name: str, script: str, *, mode: int = 0o700) -> Path:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(mode)
    return path


def children() -> set[str]:
    """The command lines of the processes that this one has started."""
    found = Path("/proc/self/task").glob("*/children")
    pids = [pid for path in found for pid in path.read_text().split()]
    return {Path(f"/proc/{pid}/cmdline").read_text() for pid in pids}


@pytest.fixture
def only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is searched for the programs of transports instead of the system's."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def find(name: str) -> Path:
        return find_program(name, folders=[str(folder)])

    monkeypatch.setattr(program, "find_program", find)
    return folder


@pytest.mark.slow
async def test_real_program_is_found_and_ended_again() -> None:
    plugin = await find_plugin("obfs4")
    assert plugin.value == f"obfs4 exec {plugin.argv[0]}"
    assert not any(plugin.argv[0] in line for line in children())


@pytest.mark.parametrize("transport", list(KNOWN))
async def test_missing_program_is_named_with_its_package(transport: str, only: Path) -> None:
    with pytest.raises(TransportMissingError, match=f"for the transport {transport} ") as missing:
        await find_plugin(transport)
    assert KNOWN[transport].programs[0] in str(missing.value)
    assert f"apt-get install {KNOWN[transport].package}" in missing.value.hint


async def test_misspelt_transport_is_named(only: Path) -> None:
    with pytest.raises(TransportMissingError, match="no program for the transport obsf4 is known"):
        await find_plugin("obsf4")


async def test_program_that_may_not_be_executed_is_named(only: Path) -> None:
    path = make_program(only, "obfs4proxy", "", mode=0o600)
    with pytest.raises(TransportFailedError, match="may not be executed") as failed:
        await find_plugin("obfs4")
    assert failed.value.hint == f"make it executable: chmod +x {path}"


async def test_second_program_is_taken_if_the_first_fails(only: Path) -> None:
    make_program(only, "obfs4proxy", "exit 1")
    answer = "echo VERSION 1; echo CMETHOD obfs4 socks5 127.0.0.1:1; echo CMETHODS DONE; sleep 60"
    path = make_program(only, "lyrebird", answer)
    assert (await find_plugin("obfs4")).argv == (str(path),)


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        ("exit 0", "did not answer as one"),
        ("echo usage: me; exit 2", "did not answer as one"),
        ("echo VERSION-ERROR no-version", "it answered: VERSION-ERROR no-version"),
        ("echo ENV-ERROR no; exit 1", "it answered: ENV-ERROR no"),
        ("echo VERSION 1; echo CMETHODS DONE; sleep 60", "does not serve this transport"),
        ("printf 'CMETHOD-ERROR obfs4 \\033[31mno\\n'", "CMETHOD-ERROR obfs4  .31mno"),
    ],
)  # fmt: skip
async def test_program_that_answers_otherwise_is_refused(
    only: Path, script: str, reason: str
) -> None:
    path = make_program(only, "other", script)
    with pytest.raises(TransportFailedError, match=reason) as failed:
        await check_plugin(Plugin(("obfs4",), (str(path),)))
    assert str(path) in str(failed.value)


async def test_silent_program_is_ended(only: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "ANSWER_S", 0.2)
    path = make_program(only, "silent", "sleep 60")
    with pytest.raises(TransportFailedError, match="did not answer as one"):
        await check_plugin(Plugin(("obfs4",), (str(path),)))
    assert not any(str(path) in line for line in children())


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/no where/x", "a space"), ("x", "begin with /"), ("/nowhere/x", "no such file"),
     ("/", "not a file")],
)  # fmt: skip
async def test_unusable_path_is_refused(path: str, reason: str) -> None:
    with pytest.raises(TransportFailedError, match=reason):
        await check_plugin(Plugin(("obfs4",), (path,)))


def test_answer_about_another_transport_does_not_count() -> None:
    lines = ["VERSION 1", "CMETHOD obfs3 socks5 127.0.0.1:1", "CMETHODS DONE"]
    assert judge_answer(["obfs4"], lines)[0] == ["obfs4"]
    assert judge_answer(["obfs3", "obfs4"], lines)[0] == ["obfs4"]
    assert judge_answer(["obfs3"], lines) == ([], "")
