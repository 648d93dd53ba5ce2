"""The admin socket tells blurred counts to its owner, and stays calm whatever it is sent."""

from __future__ import annotations

import base64
import contextlib
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from server.admin import ask_status, ask_store
from server.core.errors import OperatorError
from server.demo.store_dump import spellings
from tests.fakes import ChatPair

from .server_process import ServerProcess, running_server


async def test_status_is_counts_and_blurred(server: ServerProcess) -> None:
    await ChatPair.meet(server.browser(), server.browser())
    assert server.ask_admin(b"status\n") == {
        "status": "serving",
        "sessions": 10,
        "waiting": 0,
        "conversations": 10,
        "streams": 0,
        "failures": 0,
        "freed_memory_overwritten": True,
    }


@pytest.mark.parametrize(
    "line", [b"help\n", b"\n", b"STATUS\n", b"status now\n", b"\xff\x00\n", b"store\n"]
)
def test_unknown_word_is_answered_with_the_known_ones(server: ServerProcess, line: bytes) -> None:
    assert server.ask_admin(line) == {"error": "unknown command", "known": ["status"]}


def test_line_that_is_too_long_is_hung_up_on_and_the_next_is_answered(
    server: ServerProcess,
) -> None:
    with pytest.raises((AssertionError, ConnectionError)):
        server.ask_admin(b"x" * 10_000 + b"\n")
    assert server.ask_admin(b"status\n")["status"] == "serving"


def test_answer_names_nobody(server: ServerProcess) -> None:
    told = server.ask_admin(b"status\n")
    assert all(isinstance(value, int) for name, value in told.items() if name != "status")


# What the demo shows


def test_server_shows_nobody_its_store_unless_it_was_started_for_it(server: ServerProcess) -> None:
    with pytest.raises(OperatorError, match="does not show its store"):
        ask_store(server.admin_socket)


async def test_thief_of_the_store_finds_names_and_no_word(tmp_path: Path) -> None:
    word = "lamplight-heron-quartz"
    with running_server(tmp_path, "--show-store") as server:
        pair = await ChatPair.meet(server.browser(), server.browser())
        await pair.first.say(word)
        (line,) = [line for line in await pair.second.lines() if line.text == word]
        dump = ask_store(server.admin_socket)
    kept = b"".join(dump.values)
    assert not [needle for needle in spellings(word).values() if needle in kept]
    for talker in (pair.first, pair.second):
        assert talker.chat.removeprefix("/chat/").encode() in kept
        _, cookie = talker.browser.cookie.split("=")
        assert cookie.encode() not in kept
        assert base64.urlsafe_b64decode(cookie + "=") not in kept
    assert [told for told in dump.picture if line.name in told]
    assert [told for told in dump.picture if "message of member 1, 104 bytes" in told]
    assert word not in "".join(dump.picture)


# What a house that somebody has broken into could tell


@contextlib.contextmanager
def answering(folder: Path, answer: bytes) -> Iterator[Path]:
    """A socket on which whoever asks is told this."""
    path = folder / "admin.sock"
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(path))
        listening.listen()

        def tell() -> None:
            connection, _ = listening.accept()
            with connection, contextlib.suppress(OSError):
                connection.recv(64)
                connection.sendall(answer)

        telling = threading.Thread(target=tell)
        telling.start()
        yield path
        telling.join()


def test_nothing_but_words_and_numbers_reaches_the_operators_terminal(tmp_path: Path) -> None:
    told = {"sessions": 10, "status": "serving", "a\x1b]0;x": 1, "waiting": "\x1b]52;c;eA==\x07"}
    with answering(tmp_path, json.dumps(told).encode() + b"\n") as path:
        assert ask_status(path) == {"sessions": 10, "status": "serving"}


@pytest.mark.parametrize("answer", [b"[" * 100_000 + b"\n", b"", b"\xff\n", b"7\n", b"[1]\n"])
def test_answer_that_is_none_is_told_as_none(tmp_path: Path, answer: bytes) -> None:
    with answering(tmp_path, answer) as path, pytest.raises(OperatorError, match="nobody answers"):
        ask_status(path)
