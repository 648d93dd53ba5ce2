"""The effort of a visit is read from its own circuits, not from those of visitors."""

from __future__ import annotations

from onion.visit import effort_of

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
