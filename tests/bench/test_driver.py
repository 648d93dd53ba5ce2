"""The driver counts each message once, wherever reads cut it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest

from bench.bare_server import STREAM, framed
from bench.driver.line import Line, is_accepted, split_answer
from bench.driver.swarm import MARK, Swarm
from server.core.limits import CELL_BYTES

ANSWER = b"HTTP/1.1 303 \r\nlocation: /\r\nContent-Length: 2\r\n\r\nok"


class Serving:
    """A server for one connection, which sends the given pieces one at a time."""

    def __init__(self, path: Path) -> None:
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(str(path))
        self._listening.listen()
        self._thread: threading.Thread | None = None
        self.told = threading.Semaphore(0)
        """Lets one more piece go."""

    def start(self, *pieces: bytes) -> None:
        """Answer the next request, and hang up after the last piece."""
        self._thread = threading.Thread(target=self._serve, args=(pieces,))
        self._thread.start()

    def close(self) -> None:
        """Serve no more."""
        self.told.release()
        if self._thread is not None:
            self._thread.join()
        self._listening.close()

    def _serve(self, pieces: Sequence[bytes]) -> None:
        line, _ = self._listening.accept()
        with line:
            line.recv(2**16)
            for piece in pieces:
                self.told.acquire()
                line.sendall(piece)
            self.told.acquire()


@pytest.fixture
def serving(tmp_path: Path) -> Iterator[Serving]:
    with closing(Serving(tmp_path / "s")) as server:
        yield server


@pytest.fixture
def swarm(tmp_path: Path, serving: Serving) -> Iterator[Swarm]:
    with closing(Swarm(tmp_path / "s")) as streams:
        yield streams


@pytest.mark.parametrize("cut", range(len(MARK) + 1))
def test_mark_is_counted_once_wherever_it_is_cut(swarm: Swarm, serving: Serving, cut: int) -> None:
    chunk = framed(b"text+1")
    at = chunk.index(MARK) + cut
    serving.start(STREAM, chunk[:at], chunk[at:], chunk)
    serving.told.release()
    swarm.open([b"GET / HTTP/1.1\r\n\r\n"])
    for wanted in (at, CELL_BYTES, 2 * CELL_BYTES):
        serving.told.release()
        while swarm.received < wanted:
            swarm.turn(1)
    assert swarm.delivered == 2


def test_stream_with_its_last_chunk_ended_whole(swarm: Swarm, serving: Serving) -> None:
    serving.start(STREAM, framed(b"text+1") + b"0\r\n\r\n")
    serving.told.release()
    swarm.open([b"GET / HTTP/1.1\r\n\r\n"])
    serving.told.release(2)
    while len(swarm):
        swarm.turn(1)
    assert swarm.ended_whole == 1


def test_callback_gets_the_stream_and_can_search_the_read(swarm: Swarm, serving: Serving) -> None:
    delivered: list[tuple[int, int, bool, bool]] = []
    swarm.on_mark = lambda stream, _now_s, count: delivered.append(
        (stream, count, swarm.has(b">text 8<"), swarm.has(b">text 9<"))
    )
    serving.start(STREAM, framed(b"text+7") + framed(b"text+8"), framed(b"text+9"))
    serving.told.release()
    (stream,) = swarm.open([b"GET / HTTP/1.1\r\n\r\n"])
    for wanted in (2, 3):
        serving.told.release()
        while swarm.delivered < wanted:
            swarm.turn(1)
    assert delivered == [(stream, 2, True, False), (stream, 1, False, True)]


def test_answer_is_whole_when_its_length_is_there() -> None:
    assert split_answer(ANSWER) == (ANSWER[:-6], b"ok")
    assert all(split_answer(ANSWER[:cut]) is None for cut in range(len(ANSWER)))


def test_line_that_asks_reads_an_answer_in_pieces(swarm: Swarm, serving: Serving) -> None:
    serving.start(ANSWER[:9], ANSWER[9:])
    serving.told.release(2)
    with closing(Line(swarm)) as line:
        assert line.ask(b"GET / HTTP/1.1\r\n\r\n") == (ANSWER[:-6], b"ok")


def test_refused_form_fails_the_run() -> None:
    is_accepted(b"HTTP/1.1 303 ", b"")
    with pytest.raises(AssertionError, match="429"):
        is_accepted(b"HTTP/1.1 429 ", b"too fast")


def test_bare_server_frames_a_message_in_one_cell_with_one_mark() -> None:
    chunk = framed(b"text+12")
    assert len(chunk) == CELL_BYTES
    assert chunk.count(MARK) == 1
    assert b">text 12<" in chunk
