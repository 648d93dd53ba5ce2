"""The supervisor's own socket for the operator: one JSON object a line in, one a line out.

`{"command": "status"}` is answered with what the handler of that name returns; an `OperatorError`
comes back as `{"error": …, "hint": …}`. Only the operator may enter the socket's folder, and the
kernel names the caller (SO_PEERCRED): another user than the server's own and root gets no answer.

The web process can neither open this socket (it can make none) nor answer on it.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from server.core.errors import OperatorError
from server.process.peer import is_operator
from server.process.question import ask_line
from server.process.sockets import listening_on

ANSWER_S = 10.0
"""Limit for a question to arrive, and for an answer."""

MAX_LINE_BYTES = 65536

Fields = dict[str, object]
Handler = Callable[..., Awaitable[Fields]]


class OperatorSocket:
    """Answers the operator.

    Args:
        handlers: command -> what answers it; called with the other fields of the question.
    """

    def __init__(self, handlers: Mapping[str, Handler]) -> None:
        self._handlers = dict(handlers)

    @asynccontextmanager
    async def listening(self, path: Path) -> AsyncIterator[None]:
        """Answer on this path while the block runs.

        Raises:
            OperatorError: if the socket cannot be opened.
        """
        with listening_on(path) as opened:
            server = await asyncio.start_server(self._serve, sock=opened, limit=MAX_LINE_BYTES)
            try:
                yield
            finally:
                server.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if is_operator(writer.get_extra_info("socket")):
                async with asyncio.timeout(ANSWER_S):
                    line = await reader.readline()
                writer.write(json.dumps(await self._answer(line)).encode() + b"\n")
                await writer.drain()
        except (TimeoutError, ValueError, ConnectionError):
            pass  # too slow, too long, or gone: there is no one to answer
        finally:
            writer.close()

    async def _answer(self, line: bytes) -> Fields:
        fields: object = None
        with suppress(ValueError, RecursionError):
            fields = json.loads(line)
        command = fields.pop("command", None) if isinstance(fields, dict) else None
        handler = self._handlers.get(command) if isinstance(command, str) else None
        if handler is None or not isinstance(fields, dict):
            return {"error": "unknown command", "hint": f"known: {', '.join(self._handlers)}"}
        try:
            return await handler(**fields)
        except OperatorError as error:
            return {"error": str(error), "hint": error.hint}
        except TypeError:
            return {"error": "this command takes other fields", "hint": ""}


def ask(path: Path, command: str, **fields: object) -> Fields:
    """Ask a running supervisor, and return its answer.

    Raises:
        OperatorError: if nobody answers there, or the answer is an error.
    """
    question = json.dumps({"command": command, **fields}).encode() + b"\n"
    try:
        line = ask_line(path, question, timeout_s=ANSWER_S, max_bytes=MAX_LINE_BYTES)
        answer = dict(json.loads(line))
    except (OSError, ValueError, TypeError, RecursionError):
        hint = "check that the server runs in this folder, and that you are its user"
        raise OperatorError(f"no server answers on {path}", hint) from None
    if "error" in answer:
        raise OperatorError(str(answer["error"]), str(answer.get("hint", "")))
    return answer
