"""Any answer of HTTP means reached; the effort of a visit is read from its own circuits."""

from __future__ import annotations

import pytest

from onion.visit import effort_of, is_answer

OURS = "c3de1dd7e07bee31"


def circuit(number: int, effort: str, name: str) -> str:
    user = f' SOCKS_USERNAME="{name}" SOCKS_PASSWORD="-"' if name else ""
    return f"{number} BUILT $AB~relay PURPOSE=HS_CLIENT_REND{effort}{user}"


def test_effort_is_that_of_our_own_circuits() -> None:
    lines = [
        circuit(1, " HS_POW=v1,9000", ""),
        circuit(2, " HS_POW=v1,70", "another visit"),
        circuit(3, "", OURS),
        circuit(4, " HS_POW=v1,1200", OURS),
    ]
    assert effort_of("\n".join(["circuit-status=", *lines, "OK"]), OURS) == 1200
    assert effort_of("\n".join(lines[:3]), OURS) == 0


@pytest.mark.parametrize("status", [200, 403, 500, 503])
def test_service_that_answers_is_reached_also_while_it_is_closed(status: int) -> None:
    assert is_answer(f"HTTP/1.1 {status} \r\n".encode())


@pytest.mark.parametrize("line", [b"", b"SSH-2.0-x\r\n", b"HTTP/1.1 20 \r\n", b"x" * 300])
def test_anything_else_is_no_answer(line: bytes) -> None:
    assert not is_answer(line)
