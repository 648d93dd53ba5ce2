"""Asks one question on a Unix socket of ours, and reads one line of answer."""

from __future__ import annotations

import socket
from pathlib import Path


def ask_line(path: Path, question: bytes, *, timeout_s: float, max_bytes: int) -> bytes:
    """Send a question and return the first line of the answer.

    Args:
        path: of the socket.
        question: with its line end.
        timeout_s: limit for each step.
        max_bytes: a longer line is cut off there.

    Raises:
        OSError: if nobody listens there, or nobody answers in time.
    """
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(timeout_s)
        connection.connect(str(path))
        connection.sendall(question)
        return connection.makefile("rb").readline(max_bytes)
