"""The admin socket returns rounded counts to its owner, and survives any input."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from onion import Defence
from server.admin import ask_status, ask_store
from server.core.errors import OperatorError
from server.demo.store_dump import spellings
from server.demo.text_browser import Reply, TextBrowser
from server.supervisor.webprocess import WebOptions
from tests.fakes import ChatPair

from .server_process import ServerProcess, running_server


async def test_status_contains_rounded_counts(server: ServerProcess) -> None:
    await ChatPair.meet(server.browser(), server.browser())
    assert server.ask_admin(b"status\n") == {
        "status": "serving",
        "sessions": 10,
        "waiting": 0,
        "conversations": 10,
        "streams": 0,
        "turned_away": 0,
        "sessions_percent": 0,
        "streams_percent": 0,
        "ring_percent": 0,
        "failures": 0,
        "freed_memory_overwritten": True,
        "circuit_ids_believed": False,
    }


@pytest.mark.checklist(55)
async def test_status_says_how_full_it_is_and_how_many_were_turned_away(tmp_path: Path) -> None:
    file = tmp_path / "server.toml"
    file.write_text("[capacity]\nsessions = 40\ntickets = 1\n", encoding="utf-8")
    with running_server(tmp_path / "run", "--config", str(file)) as server:
        before = server.ask_admin(b"status\n")
        statuses = [(await ask_for_match(server.browser())).status for _ in range(3)]
        after = server.ask_admin(b"status\n")
    assert statuses == [200, 503, 503]
    assert (before["sessions_percent"], before["turned_away"]) == (0, 0)
    assert (after["sessions_percent"], after["turned_away"]) == (25, 10), "of ten, and ten: rounded"


async def ask_for_match(visitor: TextBrowser) -> Reply:
    return await visitor.submit((await visitor.get("/")).page.form("/pair"), intent="talk")


def test_socket_for_visitors_is_named_as_such_at_once(server: ServerProcess) -> None:
    with pytest.raises(OperatorError, match="the socket for visitors"):
        ask_status(server.socket)


@pytest.mark.parametrize(
    "line", [b"help\n", b"\n", b"STATUS\n", b"status now\n", b"\xff\x00\n", b"store\n"]
)
def test_unknown_command_is_answered_with_the_known_ones(
    server: ServerProcess, line: bytes
) -> None:
    assert server.ask_admin(line) == {"error": "unknown command", "known": ["status", "closing"]}


def test_long_line_is_rejected_and_the_next_one_answered(
    server: ServerProcess,
) -> None:
    with pytest.raises((AssertionError, ConnectionError)):
        server.ask_admin(b"x" * 10_000 + b"\n")
    assert server.ask_admin(b"status\n")["status"] == "serving"


def test_answer_contains_only_numbers(server: ServerProcess) -> None:
    answer = server.ask_admin(b"status\n")
    assert all(isinstance(value, int) for name, value in answer.items() if name != "status")


@pytest.mark.slow
def test_status_names_what_the_supervisor_found_missing_in_tor(tmp_path: Path) -> None:
    every = frozenset(Defence)
    for missing, believed in ((every, False), (every - {Defence.CIRCUIT_IDS}, True)):
        folder = tmp_path / str(believed)
        with running_server(folder, *WebOptions(missing_defences=missing).argv()) as server:
            answer = ask_status(server.admin_socket)
        assert answer["circuit_ids_believed"] is believed
        told = {name: value for name, value in answer.items() if name.startswith("tor_")}
        assert told == {f"tor_{defence.value}": defence not in missing for defence in Defence}


# The demo's dump of the store


def test_server_returns_no_dump_of_its_store_by_default(server: ServerProcess) -> None:
    with pytest.raises(OperatorError, match="returns no dump of its store"):
        ask_store(server.admin_socket)


async def test_dump_of_the_store_contains_names_and_no_message(tmp_path: Path) -> None:
    word = "lamplight-heron-quartz"
    with running_server(tmp_path, "--show-store") as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        await pair.first.send(word)
        (line,) = [line for line in await pair.second.lines() if line.text == word]
        dump = ask_store(server.admin_socket)
    dumped = b"".join(dump.values)
    assert not [needle for needle in spellings(word).values() if needle in dumped]
    for talker in (pair.first, pair.second):
        assert talker.path.removeprefix("/chat/").encode() in dumped
        _, cookie = talker.browser.cookie.split("=")
        assert cookie.encode() not in dumped
        assert base64.urlsafe_b64decode(cookie + "=") not in dumped
    assert [row for row in dump.tables if line.name in row]
    assert [row for row in dump.tables if "message of member 1, 104 bytes" in row]
    assert word not in "".join(dump.tables)


# Answers from a server that an attacker controls


@contextlib.contextmanager
def answering(folder: Path, answer: bytes) -> Iterator[Path]:
    """Listen on an admin socket that sends this answer."""
    path = folder / "admin.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def serve() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(64)
                connection.sendall(answer)

        serving = threading.Thread(target=serve)
        serving.start()
        yield path
        serving.join()


def test_only_plain_words_and_numbers_reach_the_terminal(tmp_path: Path) -> None:
    fields = {"sessions": 10, "status": "serving", "a\x1b]0;x": 1, "waiting": "\x1b]52;c;eA==\x07"}
    with answering(tmp_path, json.dumps(fields).encode() + b"\n") as path:
        assert ask_status(path) == {"sessions": 10, "status": "serving"}


def test_socket_of_another_program_is_no_admin_socket(tmp_path: Path) -> None:
    with (
        answering(tmp_path, b'{"error": "unknown command"}\n') as path,
        pytest.raises(OperatorError, match="not the admin socket"),
    ):
        ask_status(path)


@pytest.mark.parametrize("answer", [b"[" * 100_000 + b"\n", b"", b"\xff\n", b"7\n", b"[1]\n"])
def test_invalid_answer_counts_as_no_answer(tmp_path: Path, answer: bytes) -> None:
    with answering(tmp_path, answer) as path, pytest.raises(OperatorError, match="no server"):
        ask_status(path)
