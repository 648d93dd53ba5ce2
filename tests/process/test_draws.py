"""Requests that wait for a draw, on real connections: one may break, and the server may stop."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.core.limits import DRAW_EVERY_S
from server.store.contract.chat import Counts
from server.web.draws import PeriodicDraws
from server.web.views import drawing

from .in_process import in_process_server, run_pending_callbacks
from .server_process import read_all, running_server

NEVER_S = 3_600.0
TURNS = 100


def pair_request(token: str) -> bytes:
    """Write the short form of a newcomer."""
    body = f"token={token}&intent=talk".encode()
    head = f"POST /pair HTTP/1.1\r\nHost: x\r\nContent-Length: {len(body)}\r\n\r\n"
    return head.encode() + body


async def test_newcomer_who_disconnects_before_the_draw_is_forgotten(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "LOOK_EVERY_S", 0)
    async with in_process_server(tmp_path) as server:
        draws = server.services.draws = PeriodicDraws(NEVER_S)
        store = server.services.store
        form = (await server.browser().get("/")).page.form("/pair")
        _, writer = await server.connect()
        writer.write(pair_request(form.fields["token"]))
        for _ in range(TURNS):
            await run_pending_callbacks()
        assert (await store.counts()).waiting == 1
        writer.close()
        # Without any draw: a second press would else be matched with the first one.
        for _ in range(TURNS):
            await run_pending_callbacks()
        assert await store.counts() == Counts(0, 0, 0, 0)
        draws.close()


@pytest.mark.slow  # starts a process of its own
def test_server_that_stops_does_not_wait_for_a_draw(tmp_path: Path) -> None:
    with (
        running_server(tmp_path, "--draw-every", str(DRAW_EVERY_S)) as server,
        server.raw_connection() as raw,
    ):
        page = server.exchange(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").decode()
        token = page.partition("name=token value=")[2].partition(">")[0]
        raw.sendall(pair_request(token))
        while server.ask_admin(b"status\n")["waiting"] == 0:
            pass
        code, _, errors = server.stop()
        assert (code, errors) == (0, "")
        assert read_all(raw).startswith(b"HTTP/1.1 303 ")
