"""The web process listens when its block begins, ends with it, and its reason is handed on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from pathlib import Path

import pytest

from server.core.errors import OperatorError
from server.supervisor.paths import Paths
from server.supervisor.webprocess import WebOptions, web_argv, web_process

from .fakes import BOUND_S

pytestmark = pytest.mark.slow

ONION = "a" * 56 + ".onion"


async def test_it_listens_when_the_block_begins_and_is_gone_after(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    async with web_process(paths, ONION) as child:
        _, writer = await asyncio.open_unix_connection(str(paths.web_socket))
        writer.close()
        await writer.wait_closed()
        assert paths.admin_socket.is_socket()
    assert child.status == 0
    assert not paths.web_socket.exists()
    assert not paths.admin_socket.exists()


async def test_its_death_is_noticed(tmp_path: Path) -> None:
    async with web_process(Paths(tmp_path), ONION) as child:
        os.kill(child.pid, signal.SIGKILL)
        async with asyncio.timeout(BOUND_S):
            assert await child.wait() == -signal.SIGKILL


async def test_what_it_said_when_it_could_not_listen_is_told_with_its_hint(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.web_socket.parent.mkdir()
    paths.web_socket.write_text("in the way")
    with pytest.raises(OperatorError, match="exists and is not a socket") as refused:
        async with web_process(paths, ONION):
            raise AssertionError("the block was begun")
    assert refused.value.hint == "choose another path"
    assert paths.web_socket.read_text() == "in the way"


async def test_file_that_went_wrong_since_is_told_with_its_hint(tmp_path: Path) -> None:
    config = tmp_path / "house.toml"
    config.write_text("[capacity]\nrooms = 0\n", encoding="utf-8")
    with pytest.raises(OperatorError, match=r"capacity\.rooms is no fitting number") as refused:
        async with web_process(Paths(tmp_path), ONION, WebOptions(config)):
            raise AssertionError("the block was begun")
    assert refused.value.hint.startswith("capacity.rooms: a whole number")


@pytest.mark.parametrize(
    ("said", "sentence", "hint"),
    [
        ((), "the web process ended before it listened", ""),
        (("KeyError: 1",), "the web process ended before it listened: KeyError: 1", ""),
        (("sottovoce: no disk",), "no disk", ""),
        (("sottovoce: no disk", "hint: buy one"), "no disk", "buy one"),
        (("sottovoce: few files", "hint: ask", "sottovoce: no disk"), "no disk", ""),
        (
            ("sottovoce: few files", "hint: ask", "KeyError: 1"),
            "the web process ended before it listened: KeyError: 1",
            "",
        ),
    ],
)
async def test_reason_is_what_it_said_last(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    said: tuple[str, ...],
    sentence: str,
    hint: str,
) -> None:
    talks = tmp_path / "python"
    talks.write_text("#!/bin/sh\ncat <<END\n" + "".join(f"{line}\n" for line in said) + "END\n")
    talks.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(talks))
    with pytest.raises(OperatorError) as refused:
        async with web_process(Paths(tmp_path), ONION):
            raise AssertionError("the block was begun")
    assert (str(refused.value), refused.value.hint) == (sentence, hint)


def test_path_of_the_file_is_the_same_from_every_folder() -> None:
    words = web_argv(Paths(Path("/run/house")), ONION, WebOptions(Path("house.toml")))
    assert words[-2:] == ["--config", str(Path.cwd() / "house.toml")]


def test_without_a_file_none_is_named() -> None:
    assert "--config" not in web_argv(Paths(Path("/run/house")), ONION, WebOptions())
