"""The supervisor answers its operator, and survives every question."""

from __future__ import annotations

import asyncio
import json
import stat
from pathlib import Path

import pytest

from server.core.errors import OperatorError
from server.supervisor.operator_socket import Fields, OperatorSocket, ask


async def greet(name: str = "nobody") -> Fields:
    return {"greeting": f"hello {name}"}


async def refuse() -> Fields:
    raise OperatorError("not now", "try later")


SOCKET = OperatorSocket({"greet": greet, "refuse": refuse})


async def test_question_is_answered_by_its_handler(tmp_path: Path) -> None:
    path = tmp_path / "admin" / "supervisor.sock"
    async with SOCKET.listening(path):
        assert await asyncio.to_thread(ask, path, "greet") == {"greeting": "hello nobody"}
        named = await asyncio.to_thread(lambda: ask(path, "greet", name="Heron"))
        assert named == {"greeting": "hello Heron"}
        with pytest.raises(OperatorError, match="not now") as refused:
            await asyncio.to_thread(ask, path, "refuse")
        assert refused.value.hint == "try later"
        modes = [stat.S_IMODE(at.stat().st_mode) for at in (path, path.parent)]
        assert modes == [0o600, 0o700]
    with pytest.raises(OperatorError, match="no server answers"):
        ask(path, "greet")


@pytest.mark.parametrize(
    "line",
    [b"\n", b"7\n", b"[" * 10_000 + b"\n", b"\xff\n", b"{}\n", b'{"command": ["greet"]}\n',
     b'{"command": "greet", "other": 1}\n', b"x" * 70_000 + b"\n"],
)  # fmt: skip
async def test_invalid_question_is_refused_and_the_next_one_answered(
    tmp_path: Path, line: bytes
) -> None:
    path = tmp_path / "supervisor.sock"
    async with SOCKET.listening(path):
        reader, writer = await asyncio.open_unix_connection(str(path))
        writer.write(line)
        answer = await reader.readline()
        assert not answer or "error" in json.loads(answer)
        writer.close()
        assert await asyncio.to_thread(ask, path, "greet") == {"greeting": "hello nobody"}
