"""The web process listens when its block begins and ends with it. Its error text is passed on."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from functools import partial
from pathlib import Path

import pytest

from onion import Defence
from server.core.errors import OperatorError
from server.demo.text_browser import TextBrowser
from server.supervisor.paths import Paths
from server.supervisor.webprocess import WebOptions, web_argv, web_environment, web_process

from .fakes import BOUND_S

pytestmark = pytest.mark.slow

ONION = "a" * 56 + ".onion"
TELLING = {
    "HOME": "/srv/alice",
    "USER": "alice",
    "PWD": "/srv/alice/server",
    "PATH": "/srv/alice/bin",
    "LANG": "fa_IR.UTF-8",
    "LC_ALL": "fa_IR.UTF-8",
    "TZ": "Asia/Tehran",
    "SSH_CONNECTION": "192.0.2.1 5 192.0.2.2 22",
}


async def test_it_listens_in_the_block_and_is_gone_after(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    async with web_process(paths, ONION) as child:
        _, writer = await asyncio.open_unix_connection(str(paths.web_socket))
        writer.close()
        await writer.wait_closed()
        assert paths.admin_socket.is_socket()
    assert child.status == 0
    assert not paths.web_socket.exists()
    assert not paths.admin_socket.exists()


async def test_death_of_the_web_process_is_noticed(tmp_path: Path) -> None:
    async with web_process(Paths(tmp_path), ONION) as child:
        os.kill(child.pid, signal.SIGKILL)
        async with asyncio.timeout(BOUND_S):
            assert await child.wait() == -signal.SIGKILL


async def test_failure_to_listen_is_raised_with_its_hint(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.web_socket.parent.mkdir()
    paths.web_socket.write_text("in the way")
    with pytest.raises(OperatorError, match="exists and is not a socket") as refused:
        async with web_process(paths, ONION):
            raise AssertionError("the block was entered")
    assert refused.value.hint == "choose another path"
    assert paths.web_socket.read_text() == "in the way"


@pytest.mark.checklist(51)
async def test_web_process_is_told_nothing_of_bridges(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text('[tor]\nbridges = ["192.0.2.1:443"]\n', encoding="utf-8")
    async with web_process(Paths(tmp_path), ONION, WebOptions(config)) as child:
        text = Path(f"/proc/{child.pid}/fd/0").read_text(encoding="utf-8")  # noqa: ASYNC240
    assert "tor" in text
    assert "192.0.2" not in text


async def test_file_that_became_invalid_is_raised_with_its_hint(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text("[capacity]\nrooms = 0\n", encoding="utf-8")
    with pytest.raises(OperatorError, match=r"rooms \(line 2\) is not a valid number") as refused:
        async with web_process(Paths(tmp_path), ONION, WebOptions(config)):
            raise AssertionError("the block was entered")
    assert refused.value.hint.startswith("capacity.rooms: a whole number")


@pytest.mark.parametrize(
    ("lines", "sentence", "hint"),
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
async def test_error_is_the_last_output_of_the_web_process(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    lines: tuple[str, ...],
    sentence: str,
    hint: str,
) -> None:
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\ncat <<END\n" + "".join(f"{line}\n" for line in lines) + "END\n")
    script.chmod(0o700)
    monkeypatch.setattr(sys, "executable", str(script))
    with pytest.raises(OperatorError) as refused:
        async with web_process(Paths(tmp_path), ONION):
            raise AssertionError("the block was entered")
    assert (str(refused.value), refused.value.hint) == (sentence, hint)


def test_circuit_ids_of_our_own_tor_are_believed_if_it_has_them() -> None:
    trusting = WebOptions().argv()
    assert {"--trust-circuit-ids", "--tor-defence=circuit_ids=1"} < set(trusting)
    lacking = WebOptions(missing_defences=frozenset({Defence.CIRCUIT_IDS})).argv()
    assert "--trust-circuit-ids" not in lacking
    assert {"--tor-defence=circuit_ids=0", "--tor-defence=proof_of_work=1"} < set(lacking)


def test_command_line_names_nothing_of_the_machine() -> None:
    words = web_argv(ONION, WebOptions(Path("/srv/alice/server.toml"), unsealed=True))
    assert words[0] == sys.executable
    rest = words[1:]
    assert [word for word in rest if "/" in word] == [
        *("web/web.sock", "admin/admin.sock", "/dev/stdin"),
    ]


def test_without_configuration_no_file_is_named() -> None:
    assert "--config" not in web_argv(ONION, WebOptions())


def test_environment_tells_no_place_and_no_person(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TELLING.items():
        monkeypatch.setenv(name, value)
    environment = web_environment()
    assert environment["TZ"] == "UTC0"
    assert environment["LC_ALL"] == "C.UTF-8"
    assert not set(environment.values()) & set(TELLING.values())


async def test_configuration_is_read_from_stdin(tmp_path: Path) -> None:
    config = tmp_path / "server.toml"
    config.write_text('[[rooms]]\nname = "quiet"\ntitle.en = "Quiet"\n', encoding="utf-8")
    paths = Paths(tmp_path)
    async with web_process(paths, ONION, WebOptions(config)):
        connect = partial(asyncio.open_unix_connection, str(paths.web_socket))
        page = (await TextBrowser(connect, headers={"host": ONION}).get("/rooms")).page
    assert "Quiet" in page.text


async def test_missing_configuration_is_reported(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match=r"server\.toml cannot be read"):
        async with web_process(Paths(tmp_path), ONION, WebOptions(tmp_path / "server.toml")):
            raise AssertionError("the block was entered")
