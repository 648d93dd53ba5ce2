"""The process opens only its sockets, stops on a signal, and leaves nothing behind."""

from __future__ import annotations

import asyncio
import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest

from server.process.sockets import MAX_PATH_BYTES
from tests.fakes import ChatPair

from .server_process import (
    ANSWER_S,
    TOP,
    ServerProcess,
    fail_to_serve,
    running_server,
    serve_command,
)

pytestmark = pytest.mark.slow  # tests that stop a server start one of their own

STOP_S = 15.0
"""Far more than a stop takes, and far less than a stop that waits for an open stream: a heartbeat
comes after 25 s, and a reader who reads nothing is disconnected after two minutes."""

QUIET_STOP = (0, '{"event": "ready"}\n', "")


@pytest.mark.parametrize("signal_", [signal.SIGTERM, signal.SIGINT])
def test_signal_stops_the_server_without_output_or_files(
    tmp_path: Path, signal_: signal.Signals
) -> None:
    with running_server(tmp_path) as server:
        server.process.send_signal(signal_)
        server.process.wait(ANSWER_S)
        assert server.stop() == QUIET_STOP
        assert not server.socket.exists()
        assert not server.admin_socket.exists()


async def test_open_streams_get_a_last_line_and_do_not_delay_the_stop(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        waiter = server.browser()
        start = await waiter.get("/")
        await waiter.submit(start.page.form("/pair"), intent="talk")
        async with (
            pair.first.browser.stream(f"{pair.first.path}/live?after=1") as chat,
            waiter.stream("/wait/live") as waiting,
        ):
            before_s = time.monotonic()
            server.process.send_signal(signal.SIGTERM)
            received = b"".join([chunk async for chunk in chat.chunks()])
            await asyncio.wait_for(anext(waiting.chunks()), ANSWER_S)
            server.process.wait(ANSWER_S)
            assert time.monotonic() - before_s < STOP_S
        assert "This conversation is over" in received.decode()
        assert server.stop() == QUIET_STOP


async def test_reader_that_never_reads_does_not_delay_the_stop(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        with server.raw_connection() as raw:
            head = f"GET {pair.first.path}/live HTTP/1.1\r\nHost: x\r\n"
            raw.sendall(f"{head}Cookie: {pair.first.browser.cookie}\r\n\r\n".encode())
            for _ in range(5):
                await pair.second.send("x" * 2_000)
            before_s = time.monotonic()
            assert server.stop() == QUIET_STOP
            assert time.monotonic() - before_s < STOP_S


@pytest.mark.checklist(28)
def test_no_tcp_socket_is_open(server: ServerProcess) -> None:
    links = Path(f"/proc/{server.process.pid}/fd").iterdir()
    targets = [os.readlink(link) for link in links]
    own = {found[1] for t in targets if (found := re.fullmatch(r"socket:\[(\d+)\]", t))}
    assert len(own) >= 2
    for table in ("tcp", "tcp6", "udp", "udp6"):
        rows = Path(f"/proc/{server.process.pid}/net/{table}").read_text().splitlines()[1:]
        assert not own & {row.split()[9] for row in rows}


def test_sockets_and_their_folders_are_private(server: ServerProcess) -> None:
    for path in (server.socket, server.admin_socket):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
        assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_folder_contains_only_the_sockets(server: ServerProcess) -> None:
    top = server.socket.parents[1]
    files = {path for path in top.rglob("*") if not path.is_dir()}
    assert files == {server.socket, server.admin_socket}


def test_socket_without_a_listener_is_replaced(tmp_path: Path) -> None:
    with running_server(tmp_path) as server:
        server.process.kill()
        server.process.wait()
        assert server.socket.exists()
    with running_server(tmp_path) as again:
        assert again.exchange(GET_HELP).startswith(b"HTTP/1.1 200 ")


GET_HELP = b"GET /help HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"


def test_socket_with_a_listener_is_left_alone(server: ServerProcess) -> None:
    failed = fail_to_serve("--socket", server.socket)
    assert failed.returncode == 1
    assert failed.stderr == (
        f"sottovoce: another program listens on {server.socket}\n"
        "hint: stop it, or choose another path\n"
    )
    assert server.exchange(GET_HELP).startswith(b"HTTP/1.1 200 ")


def sentence_of(failed: subprocess.CompletedProcess[str]) -> str:
    """Check the form of an error that the operator can fix; return its sentence."""
    assert (failed.returncode, failed.stdout) == (1, "")
    first, *hints = failed.stderr.splitlines()
    assert first.startswith("sottovoce: ")
    assert not first.endswith(".")
    assert [hint[:6] for hint in hints] in ([], ["hint: "])
    return first.removeprefix("sottovoce: ")


def test_path_that_is_too_long_is_an_error_with_a_hint(tmp_path: Path) -> None:
    path = tmp_path / ("x" * MAX_PATH_BYTES)
    failed = fail_to_serve("--socket", path)
    assert sentence_of(failed).startswith("the socket path is longer than")
    assert "hint: choose a shorter folder" in failed.stderr


def test_longest_possible_path_is_served(tmp_path: Path) -> None:
    padding = MAX_PATH_BYTES - len(os.fsencode(tmp_path / "admin" / "admin.sock")) - 1
    with running_server(tmp_path / ("x" * padding)) as server:
        assert len(os.fsencode(server.admin_socket)) == MAX_PATH_BYTES
        assert server.first_line


def test_other_file_at_the_path_is_not_touched(tmp_path: Path) -> None:
    path = tmp_path / "web.sock"
    path.write_text("mine")
    assert sentence_of(fail_to_serve("--socket", path)) == f"{path} exists and is not a socket"
    assert path.read_text() == "mine"


def test_folder_that_cannot_be_created_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    sentence = sentence_of(fail_to_serve("--socket", tmp_path / "file" / "web.sock"))
    assert str(tmp_path / "file") in sentence


def test_folder_that_is_not_writable_is_named() -> None:
    # Not even root can create a file below /proc.
    assert "/proc" in sentence_of(fail_to_serve("--socket", "/proc/web.sock"))


def test_failed_start_leaves_no_socket_behind(tmp_path: Path) -> None:
    path = tmp_path / "web" / "web.sock"
    failed = fail_to_serve("--socket", path, "--admin-socket", tmp_path / ("x" * 200))
    assert failed.returncode == 1
    assert not path.exists()


def test_web_process_loads_nothing_of_tors_side() -> None:
    code = "import sys, server.cli, server.serve; print({'onion', 'stem'} & set(sys.modules))"
    loaded = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert (loaded.stdout, loaded.stderr) == ("set()\n", "")


def test_there_is_no_option_for_a_tcp_address() -> None:
    usage = subprocess.run(
        serve_command("--help"), cwd=TOP, capture_output=True, text=True, check=True
    )
    options = set(re.findall(r"--[a-z-]+", usage.stdout))
    assert options == {
        "--socket",
        "--admin-socket",
        "--onion",
        "--config",
        "--socket-group",
        "--draw-every",
        "--unsealed",
        "--json",
        "--help",
    }


@pytest.mark.parametrize(
    "wrong",
    [
        *((), ("--socket",), ("--port", "80"), ("--bind", "127.0.0.1")),
        ("--socket", "x", "--draw-every", "nan"),
    ],
)
def test_wrong_usage_exits_with_2(wrong: tuple[str, ...]) -> None:
    assert fail_to_serve(*wrong).returncode == 2


@pytest.mark.parametrize("sent", [b"", b"PROXY TCP6 ", b"PROXY UNKNOWN\r\n", b"GET /he"])
def test_connection_closed_before_its_request_is_freed_at_once(
    server: ServerProcess, sent: bytes
) -> None:
    before = open_files(server)
    for _ in range(20):
        with server.raw_connection() as raw:
            raw.sendall(sent)
    assert open_files(server) - before < 5


async def test_connection_closed_after_its_answer_is_freed_at_once(
    server: ServerProcess,
) -> None:
    before, browser = open_files(server), server.browser()
    for _ in range(20):
        await browser.get("/help")
    assert open_files(server) - before < 5


def open_files(server: ServerProcess) -> int:
    """Return the server's number of open files, after it has read everything sent before."""
    for _ in range(5):
        assert server.exchange(GET_HELP)
    return len(os.listdir(f"/proc/{server.process.pid}/fd"))


def test_server_answers_while_thirty_people_arrive_at_once(server: ServerProcess) -> None:
    async def arrive(server: ServerProcess) -> int:
        browser = server.browser()
        start = await browser.get("/")
        return (await browser.submit(start.page.form("/pair"), intent="any")).status

    async def all_arrive(server: ServerProcess) -> list[int]:
        return await asyncio.gather(*(arrive(server) for _ in range(30)))

    assert asyncio.run(all_arrive(server)) == [200] * 30


def test_stale_socket_of_a_closed_process_is_replaced(tmp_path: Path) -> None:
    path = tmp_path / "web.sock"
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as bound:
        bound.bind(str(path))
    process = subprocess.Popen(
        [sys.executable, "-m", "server", "serve", "--socket", str(path), "--json"],
        cwd=TOP,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        assert process.stdout.readline() == '{"event": "ready"}\n'
    finally:
        process.terminate()
        process.communicate(timeout=ANSWER_S)
    assert process.returncode == 0
