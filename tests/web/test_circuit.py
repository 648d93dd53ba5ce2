"""Which circuit a session is counted for."""

from __future__ import annotations

from server.store.memory.store import MemoryStore

from .appbrowser import AppServer, make_server


def circuits_of(server: AppServer) -> list[bytes | None]:
    assert isinstance(server.store, MemoryStore)
    return [session.circuit for session in server.store._sessions.values()]


async def test_session_is_counted_for_the_circuit_of_its_last_request() -> None:
    server = make_server()
    visitor = server.browser(circuit="one")
    form = (await visitor.get("/")).page.form("/pair")
    await visitor.submit(form, intent="talk")
    assert circuits_of(server) == [b"one"]
    visitor._own_headers["x-test-circuit"] = "two"
    await visitor.get("/wait")
    assert circuits_of(server) == [b"two"]


async def test_session_has_no_circuit_where_circuits_are_not_known() -> None:
    server = make_server()
    await server.pair()
    assert circuits_of(server) == [None, None]
