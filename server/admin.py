"""The admin socket: one request line in, one line of JSON out.

    status            counts, rounded
    closing {JSON}    who may come in (see `core/admission/closing.py`); from the supervisor

The demo has one more command: `store` returns a dump of the store. An operator's server never has
it: `serve` must be started with an option for it, which `up` does not use.

Only the operator may enter the socket's folder. The kernel also names the caller (SO_PEERCRED):
a connection of any user but the server's own and root is closed.
"""

from __future__ import annotations

import asyncio
import base64
import json
import socket
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from server.core.admission.closing import COMMAND, MAX_JSON_BYTES, Closing
from server.core.blur import blur
from server.core.errors import OperatorError
from server.core.limits import Capacity
from server.core.plain_fields import plain_fields
from server.process.peer import is_operator
from server.process.question import ask_line
from server.web.services import Services

MAX_LINE_BYTES = len(COMMAND) + MAX_JSON_BYTES
"""Limit for a command."""

ANSWER_S = 10.0
"""Seconds in which a caller must send its command, and in which a server must answer."""

_HINT = "check that the server runs, that this is its admin socket, and that you are its user"

MAX_ANSWER_BYTES = 2**26
"""Limit for one answer. The longest is the dump of a demo's store."""


@dataclass(frozen=True, slots=True)
class StoreDump:
    """A copy of the store's content, as an attacker could take it."""

    tables: Sequence[str]
    """A description of the tables, one line each."""

    values: Sequence[bytes]
    """Every text and every byte string in the tables."""


@dataclass(frozen=True, slots=True)
class TorStatus:
    """What this process was told about the tor through which visitors come."""

    trusts_circuits: bool = False
    """Whether the circuit ids in its PROXY lines are believed."""

    defences: Mapping[str, bool] = field(default_factory=dict)
    """Name -> whether it has this defence; empty if nobody has asked it."""


def status_of(counts: Mapping[str, int], failures: int) -> dict[str, int]:
    """Round the counts. The failures are exact, and nothing is counted per person."""
    return {name: blur(count) for name, count in counts.items()} | {"failures": failures}


class Admin:
    """Answers the operator's commands.

    Args:
        services: source of the counts.
        tor: what is known about tor.
        capacity: the largest numbers of what is counted.
        dump: returns a dump of the store; `None` disables the command.
    """

    def __init__(
        self,
        services: Services,
        tor: TorStatus,
        capacity: Capacity,
        dump: Callable[[], StoreDump] | None = None,
    ) -> None:
        self._services = services
        self._tor = tor
        self._capacity = capacity
        self._dump = dump

    async def serve(self, listening: socket.socket) -> asyncio.AbstractServer:
        """Start to answer on `listening`."""
        # Not `start_unix_server`; see `server/http/listener.py`.
        return await asyncio.start_server(self._on_connect, sock=listening, limit=MAX_LINE_BYTES)

    async def _on_connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if is_operator(writer.get_extra_info("socket")):
                async with asyncio.timeout(ANSWER_S):
                    line = await reader.readline()
                writer.write(json.dumps(await self._answer(line.strip())).encode() + b"\n")
                await writer.drain()
        except (TimeoutError, ValueError, ConnectionError):
            pass  # too slow, too long, or disconnected: there is no one to answer
        finally:
            writer.close()

    async def _answer(self, command: bytes) -> dict[str, object]:
        if command == b"store" and self._dump is not None:
            dump = self._dump()
            values = [base64.b64encode(value).decode() for value in dump.values]
            return {"picture": dump.tables, "values": values}
        if command.startswith(COMMAND):
            return await self._set_closing(command.removeprefix(COMMAND))
        if command != b"status":
            return {"error": "unknown command", "known": ["status", "closing"]}
        counts = await self._services.store.counts()
        exact = {
            "sessions": counts.sessions,
            "waiting": counts.waiting,
            "conversations": counts.conversations,
            "streams": counts.streams,
            "turned_away": self._services.turned_away,
        }
        rounded = status_of(exact, self._services.failures.total())
        drain: dict[str, object] = {}
        if (await self._services.store.admission()).is_draining:
            drain = {"drained": await self._services.store.is_drained()}
        return {
            "status": "serving",
            **drain,
            **rounded,
            "sessions_percent": _percent(rounded["sessions"], self._capacity.sessions),
            "streams_percent": _percent(rounded["streams"], self._capacity.streams),
            "ring_percent": blur(counts.ring_percent),
            "freed_memory_overwritten": self._services.safeguards.overwrites_freed_memory,
            "circuit_ids_believed": self._tor.trusts_circuits,
            **{f"tor_{name}": is_on for name, is_on in self._tor.defences.items()},
        }

    async def _set_closing(self, text: bytes) -> dict[str, object]:
        """Follow an order of the operator about who may come in."""
        try:
            closing = Closing.from_json(text, time.monotonic())
        except ValueError:
            return {"error": "no such closing"}
        await self._services.store.set_closing(closing)
        return {"done": True}


def ask_status(path: Path) -> dict[str, object]:
    """Ask a running server for its status.

    Returns:
        Only numbers and plain words: an attacker who controls the server must not be able to
        write control sequences to the operator's terminal.

    Raises:
        OperatorError: if no server answers there, or what answers is not an admin socket.
    """
    answer = plain_fields(_ask(path, b"status"))
    if "status" not in answer:
        raise OperatorError(f"{path} is not the admin socket of a server", _HINT)
    return answer


def _percent(rounded: int, capacity: int) -> int:
    """How full something is, from a count that is rounded already: it shows no more than that."""
    return min(100, rounded * 100 // capacity)


def ask_store(path: Path) -> StoreDump:
    """Ask a running demo for a dump of its store.

    Raises:
        OperatorError: if no server answers there, or it does not return a dump.
    """
    answer = _ask(path, b"store")
    picture, values = answer.get("picture"), answer.get("values")
    if not isinstance(picture, list) or not isinstance(values, list):
        raise OperatorError("this server returns no dump of its store", "only the demo does")
    lines = ["".join(filter(str.isprintable, str(line))) for line in picture]
    return StoreDump(lines, [base64.b64decode(str(value)) for value in values])


def _ask(path: Path, command: bytes) -> dict[str, object]:
    try:
        # The empty line is for the other socket: it answers at once that this is not HTTP, and does
        # not wait for the rest of a request.
        question = command + b"\n\r\n"
        answer = ask_line(path, question, timeout_s=ANSWER_S, max_bytes=MAX_ANSWER_BYTES)
        if answer.startswith(b"HTTP/"):
            raise OperatorError(f"{path} is the socket for visitors, not the admin socket", _HINT)
        return dict(json.loads(answer))
    except (OSError, ValueError, TypeError, RecursionError):
        raise OperatorError(f"no server answers on {path}", _HINT) from None
