"""The driver counts each message once, even when it is split across two reads."""

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


class PieceServer:
    """A server for one connection; it sends given pieces one at a time."""

    def __init__(self, path: Path) -> None:
        self._listening = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._listening.bind(str(path))
        self._listening.listen()
        self._thread: threading.Thread | None = None
        self.permits = threading.Semaphore(0)
        """One permit for each piece that may be sent, and one to hang up."""

    def start(self, *pieces: bytes) -> None:
        """Answer the next request, and hang up after the last piece."""
        self._thread = threading.Thread(target=self._serve, args=(pieces,))
        self._thread.start()

    def close(self) -> None:
        """Hang up, and stop listening."""
        self.permits.release()
        if self._thread is not None:
            self._thread.join()
        self._listening.close()

    def _serve(self, pieces: Sequence[bytes]) -> None:
        line, _ = self._listening.accept()
        with line:
            line.recv(2**16)
            for piece in pieces:
                self.permits.acquire()
                line.sendall(piece)
            self.permits.acquire()


@pytest.fixture
def server(tmp_path: Path) -> Iterator[PieceServer]:
    with closing(PieceServer(tmp_path / "s")) as server:
        yield server


@pytest.fixture
def swarm(tmp_path: Path, server: PieceServer) -> Iterator[Swarm]:
    with closing(Swarm(tmp_path / "s")) as streams:
        yield streams


@pytest.mark.parametrize("cut", range(len(MARK) + 1))
def test_mark_is_counted_once_wherever_it_is_cut(
    swarm: Swarm, server: PieceServer, cut: int
) -> None:
    chunk = framed(b"text+1")
    at = chunk.index(MARK) + cut
    server.start(STREAM, chunk[:at], chunk[at:], chunk)
    server.permits.release()
    swarm.open([b"GET / HTTP/1.1\r\n\r\n"])
    for wanted in (at, CELL_BYTES, 2 * CELL_BYTES):
        server.permits.release()
        while swarm.received < wanted:
            swarm.turn(1)
    assert swarm.delivered == 2


def test_stream_that_ends_with_its_last_chunk_is_counted(swarm: Swarm, server: PieceServer) -> None:
    server.start(STREAM, framed(b"text+1") + b"0\r\n\r\n")
    server.permits.release()
    swarm.open([b"GET / HTTP/1.1\r\n\r\n"])
    server.permits.release(2)
    while len(swarm):
        swarm.turn(1)
    assert swarm.ended_whole == 1


def test_callback_gets_the_stream_and_can_search_the_read(
    swarm: Swarm, server: PieceServer
) -> None:
    delivered: list[tuple[int, int, bool, bool]] = []
    swarm.on_mark = lambda stream, _now_s, count: delivered.append(
        (stream, count, swarm.has(b">text 8<"), swarm.has(b">text 9<"))
    )
    server.start(STREAM, framed(b"text+7") + framed(b"text+8"), framed(b"text+9"))
    server.permits.release()
    (stream,) = swarm.open([b"GET / HTTP/1.1\r\n\r\n"])
    for wanted in (2, 3):
        server.permits.release()
        while swarm.delivered < wanted:
            swarm.turn(1)
    assert delivered == [(stream, 2, True, False), (stream, 1, False, True)]


def test_answer_is_complete_when_its_whole_body_is_there() -> None:
    assert split_answer(ANSWER) == (ANSWER[:-6], b"ok")
    assert all(split_answer(ANSWER[:cut]) is None for cut in range(len(ANSWER)))


def test_line_reads_an_answer_that_arrives_in_pieces(swarm: Swarm, server: PieceServer) -> None:
    server.start(ANSWER[:9], ANSWER[9:])
    server.permits.release(2)
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
