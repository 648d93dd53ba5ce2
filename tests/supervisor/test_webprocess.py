"""The web process listens when its block begins and ends with it. Its error text is passed on."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest

from onion import Defence, OwnedProcess
from server.core.errors import OperatorError
from server.demo.text_browser import TextBrowser
from server.process.peer import peer_of
from server.process.sockets import inherited, listening_on
from server.supervisor.paths import Paths
from server.supervisor.webprocess import (
    DEFAULT_OPTIONS,
    WebOptions,
    web_argv,
    web_environment,
    web_process,
)

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


@asynccontextmanager
async def running(
    paths: Paths, options: WebOptions = DEFAULT_OPTIONS, config: str | None = None
) -> AsyncIterator[OwnedProcess]:
    """Run a web process on a socket of its own."""
    with listening_on(paths.web_socket) as listening:
        async with web_process(paths, ONION, listening, options, config) as child:
            yield child


async def test_it_listens_in_the_block_and_is_gone_after(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    async with running(paths) as child:
        _, writer = await asyncio.open_unix_connection(str(paths.web_socket))
        writer.close()
        await writer.wait_closed()
        assert paths.admin_socket.is_socket()
    assert child.status == 0
    assert not paths.web_socket.exists()
    assert not paths.admin_socket.exists()


async def test_who_comes_between_two_web_processes_is_served_by_the_second(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    browser = TextBrowser(lambda: asyncio.open_unix_connection(str(paths.web_socket)), ONION)
    with listening_on(paths.web_socket) as listening:
        async with web_process(paths, ONION, listening):
            assert (await browser.get("/")).status == 200
        early = asyncio.ensure_future(browser.get("/"))
        async with web_process(paths, ONION, listening):
            async with asyncio.timeout(BOUND_S):
                assert (await early).status == 200


async def test_kernel_names_the_web_process_to_who_connects(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    async with running(paths) as child:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(paths.web_socket))
            assert peer_of(connection).pid == child.pid


@pytest.mark.parametrize("given", ["file", "connected", "closed"])
async def test_descriptor_that_is_no_listening_socket_is_refused(
    tmp_path: Path, given: str
) -> None:
    first, second = socket.socketpair()
    with first, second, (tmp_path / "file").open("wb") as file:
        descriptor = {"file": file.fileno(), "connected": first.fileno(), "closed": 999}[given]
        with pytest.raises(OperatorError, match=f"descriptor {descriptor} is not a listening"):
            inherited(descriptor)
        os.fstat(file.fileno())  # what was refused is not closed
        first.getsockname()


async def test_death_of_the_web_process_is_noticed(tmp_path: Path) -> None:
    async with running(Paths(tmp_path)) as child:
        os.kill(child.pid, signal.SIGKILL)
        async with asyncio.timeout(BOUND_S):
            assert await child.wait() == -signal.SIGKILL


async def test_failure_to_listen_is_raised_with_its_hint(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.admin_socket.parent.mkdir()
    paths.admin_socket.write_text("in the way")
    with pytest.raises(OperatorError, match="exists and is not a socket") as refused:
        async with running(paths):
            raise AssertionError("the block was entered")
    assert refused.value.hint == "choose another path"
    assert paths.admin_socket.read_text() == "in the way"


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
        async with running(Paths(tmp_path)):
            raise AssertionError("the block was entered")
    assert (str(refused.value), refused.value.hint) == (sentence, hint)


def test_circuit_ids_of_our_own_tor_are_believed_if_it_has_them() -> None:
    trusting = WebOptions().argv()
    assert {"--trust-circuit-ids", "--tor-defence=circuit_ids=1"} < set(trusting)
    lacking = WebOptions(missing_defences=frozenset({Defence.CIRCUIT_IDS})).argv()
    assert "--trust-circuit-ids" not in lacking
    assert {"--tor-defence=circuit_ids=0", "--tor-defence=proof_of_work=1"} < set(lacking)


def test_command_line_names_nothing_of_the_machine() -> None:
    words = web_argv(ONION, 9, WebOptions(Path("/srv/alice/server.toml"), unsealed=True))
    assert words[0] == sys.executable
    rest = words[1:]
    assert [word for word in rest if "/" in word] == [
        *("web/web.sock", "admin/admin.sock", "/dev/stdin"),
    ]


def test_without_configuration_no_file_is_named() -> None:
    assert "--config" not in web_argv(ONION, 9, WebOptions())


def test_environment_tells_no_place_and_no_person(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in TELLING.items():
        monkeypatch.setenv(name, value)
    environment = web_environment()
    assert environment["TZ"] == "UTC0"
    assert environment["LC_ALL"] == "C.UTF-8"
    assert not set(environment.values()) & set(TELLING.values())


async def test_configuration_is_read_from_stdin(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    text = '[[rooms]]\nname = "quiet"\ntitle.en = "Quiet"\n'
    async with running(paths, WebOptions(tmp_path / "not read"), text):
        connect = partial(asyncio.open_unix_connection, str(paths.web_socket))
        page = (await TextBrowser(connect, headers={"host": ONION}).get("/rooms")).page
    assert "Quiet" in page.text
