"""The admin socket: a line in, a line of JSON out. It knows one word: `status`.

In the demo it knows another: `store` shows what a thief of the store would find. No operator has
that: `serve` has to be started for it, and `up` never does.

Its folder may be entered by the operator only, and the kernel is asked who calls (SO_PEERCRED):
anybody but the same user and root is hung up on.
"""

from __future__ import annotations

import asyncio
import base64
import json
import os
import re
import socket
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from server.core.blur import blur
from server.core.errors import OperatorError
from server.process.peer import peer_of
from server.web.services import Services

MAX_LINE_BYTES = 256
ANSWER_S = 10.0
"""Seconds in which a caller must have said its word."""

MAX_ANSWER_BYTES = 2**26
"""Of an answer: a demo's store, at the most."""

_PLAIN = re.compile(r"[a-z_ ]{1,40}")


@dataclass(frozen=True, slots=True)
class StoreDump:
    """What a thief of the store would have."""

    picture: Sequence[str]
    """The tables, a line each."""

    values: Sequence[bytes]
    """Every text and every string of bytes in them."""


def status_of(services_counts: Mapping[str, int], failures: int) -> dict[str, int]:
    """Blurred counts; nothing per person."""
    return {name: blur(count) for name, count in services_counts.items()} | {"failures": failures}


class Admin:
    """Answers the operator.

    Args:
        services: whose counts are told.
        dump: what a thief of the store would find, where that is shown.
    """

    def __init__(self, services: Services, dump: Callable[[], StoreDump] | None = None) -> None:
        self._services = services
        self._dump = dump

    async def serve(self, listening: socket.socket) -> asyncio.AbstractServer:
        """Begin to answer on `listening`."""
        return await asyncio.start_unix_server(
            self._connected, sock=listening, limit=MAX_LINE_BYTES
        )

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if _may_ask(writer.get_extra_info("socket")):
                async with asyncio.timeout(ANSWER_S):
                    line = await reader.readline()
                writer.write(json.dumps(await self._answer(line.strip())).encode() + b"\n")
                await writer.drain()
        except (TimeoutError, ValueError, ConnectionError):
            pass  # too slow, too long, or gone: there is nobody to tell
        finally:
            writer.close()

    async def _answer(self, word: bytes) -> dict[str, object]:
        if word == b"store" and self._dump is not None:
            dump = self._dump()
            values = [base64.b64encode(value).decode() for value in dump.values]
            return {"picture": dump.picture, "values": values}
        if word != b"status":
            return {"error": "unknown command", "known": ["status"]}
        counts = await self._services.store.counts()
        exact = {
            "sessions": counts.sessions,
            "waiting": counts.waiting,
            "conversations": counts.conversations,
            "streams": counts.streams,
        }
        told = status_of(exact, self._services.failures.total())
        return {
            "status": "serving",
            **told,
            "freed_memory_overwritten": self._services.safeguards.overwrites,
        }


def _may_ask(connection: socket.socket) -> bool:
    """Whether the caller is this user or root."""
    return peer_of(connection).uid in {os.getuid(), 0}


def ask_status(path: Path) -> dict[str, object]:
    """Ask a running server how it stands.

    Returns:
        Only what can be an answer: whoever broke into the house must not write to the operator's
        terminal.

    Raises:
        OperatorError: if nobody answers there.
    """
    answer = _ask(path, b"status")
    return {name: value for name, value in answer.items() if _is_plain(name) and _is_plain(value)}


def _is_plain(told: object) -> bool:
    """Whether it is a number, a yes or no, or a word or two of ASCII letters."""
    return isinstance(told, int) or (isinstance(told, str) and bool(_PLAIN.fullmatch(told)))


def ask_store(path: Path) -> StoreDump:
    """Ask a running demo what a thief of its store would find.

    Raises:
        OperatorError: if nobody answers there, or it does not show that.
    """
    answer = _ask(path, b"store")
    picture, values = answer.get("picture"), answer.get("values")
    if not isinstance(picture, list) or not isinstance(values, list):
        raise OperatorError("this house does not show its store", "the demo does")
    lines = ["".join(filter(str.isprintable, str(line))) for line in picture]
    return StoreDump(lines, [base64.b64decode(str(value)) for value in values])


def _ask(path: Path, word: bytes) -> dict[str, object]:
    hint = "is it running, and is this its admin socket, and are you its user?"
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(ANSWER_S)
            connection.connect(str(path))
            connection.sendall(word + b"\n")
            answer = connection.makefile("rb").readline(MAX_ANSWER_BYTES)
        return dict(json.loads(answer))
    except (OSError, ValueError, TypeError, RecursionError):
        raise OperatorError(f"nobody answers on {path}", hint) from None
