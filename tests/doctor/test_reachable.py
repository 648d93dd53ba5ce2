"""A server that runs and cannot be reached fails the doctor's check."""

from __future__ import annotations

import asyncio
import socket
from pathlib import Path

import pytest

from onion import ServiceEvent
from server.doctor.findings import State
from server.doctor.reachable import ask_supervisor, check_reachable
from server.supervisor.operator_socket import OperatorSocket
from server.supervisor.paths import Paths
from server.supervisor.status import ServiceStatus

ANSWER = {"state": "published", "lets_visitors_in": True, "last_visit_age_s": 60}


def test_published_service_holds() -> None:
    found = check_reachable(ANSWER)
    assert found.state is State.HOLDS
    assert "1 minute ago" in found.sentence


@pytest.mark.checklist(55)
async def test_service_that_cannot_be_reached_fails(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    status = ServiceStatus("a" * 56 + ".onion", paths.admin_socket)
    for event in (ServiceEvent.LAUNCHED, ServiceEvent.UPLOADED, ServiceEvent.GIVEN_UP):
        status.note(event)
    async with OperatorSocket({"status": status.describe}).listening(paths.operator_socket):
        found = check_reachable(await asyncio.to_thread(ask_supervisor, paths))
    assert found.state is State.FAILS
    assert "unreachable" in found.sentence
    assert found.hint


def test_socket_of_a_killed_server_is_no_server(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    paths.operator_socket.parent.mkdir()
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(paths.operator_socket))
    assert ask_supervisor(paths) is None
    assert check_reachable(None).state is State.HOLDS


async def test_supervisor_that_gives_no_valid_answer_fails(tmp_path: Path) -> None:
    paths = Paths(tmp_path)
    async with OperatorSocket({}).listening(paths.operator_socket):
        found = check_reachable(await asyncio.to_thread(ask_supervisor, paths))
    assert found.state is State.FAILS


def test_what_does_not_answer_is_named() -> None:
    answer = {**ANSWER, "lets_visitors_in": False, "tor_answers": True, "web_answers": False}
    found = check_reachable(answer)
    assert found.state is State.FAILS
    assert "the web process does not answer" in found.sentence
    assert "tor does not answer" in check_reachable({**answer, "tor_answers": False}).sentence
