"""Asks the supervisor of a running server whether visitors can come in."""

from __future__ import annotations

from collections.abc import Mapping

from server.core.errors import OperatorError
from server.supervisor.operator_socket import ask
from server.supervisor.paths import Paths
from server.supervisor.status_text import status_lines

from .findings import Finding, State
from .running_server import listening_process

NAME = "reachable"

Answer = Mapping[str, object] | OperatorError | None


def ask_supervisor(paths: Paths) -> Answer:
    """Return the supervisor's answer, or why there is none; `None` if no supervisor runs."""
    if listening_process(paths.operator_socket) is None:
        return None
    try:
        return ask(paths.operator_socket, "status")
    except OperatorError as error:
        return error


def check_reachable(answer: Answer) -> Finding:
    """Find whether visitors can come in."""
    if answer is None:
        return Finding(NAME, State.HOLDS, "no server with a tor of its own runs in this folder")
    if isinstance(answer, OperatorError):
        return Finding(NAME, State.FAILS, str(answer), answer.hint)
    lines = dict(status_lines(answer))
    if answer.get("lets_visitors_in"):
        return Finding(NAME, State.HOLDS, f"{lines['state']}, {lines['last visit']}")
    hint = "see what `sottovoce up` has printed, and docs/operating.md"
    return Finding(NAME, State.FAILS, f"visitors cannot come in: {lines['state']}", hint)
