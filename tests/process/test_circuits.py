"""The store knows circuits by keys that lead to no number of tor, and others not at all."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from server.demo.text_browser import TextBrowser
from server.store.memory.inspect import describe_tables, values_of
from server.store.memory.store import MemoryStore
from tests.everything import do_everything
from tests.fakes import ChatPair

from .in_process import InProcessServer, in_process_server
from .needles import Needles
from .server_process import LaunchOptions, running_server


def circuits_in(server: InProcessServer) -> Counter[bytes | None]:
    """Return how many sessions the store counts for each circuit."""
    store = server.services.store
    assert isinstance(store, MemoryStore)
    return Counter(session.circuit for session in store._sessions.values())


@pytest.mark.checklist(23)
async def test_store_has_a_random_key_for_each_circuit_and_no_number(tmp_path: Path) -> None:
    needles = Needles()
    async with in_process_server(tmp_path, trusts_circuits=True) as server:
        both, other = (needles.on_circuit(server.connect) for _ in range(2))
        pairs = [
            await ChatPair.meet(TextBrowser(both), TextBrowser(both)),
            await ChatPair.meet(TextBrowser(both), TextBrowser(other)),
        ]
        async with pairs[0].first.browser.stream(f"{pairs[0].first.path}/live") as stream:
            await anext(stream.chunks())
            counted = circuits_in(server)
            assert sorted(counted.values()) == [1, 3]
            assert all(key is not None and len(key) == 16 for key in counted)
            store = server.services.store
            assert isinstance(store, MemoryStore)
            dump = b"\n".join([*values_of(store), *map(str.encode, describe_tables(store))])
        assert not needles.found_in(dump)


async def test_store_has_no_circuits_without_trust(tmp_path: Path) -> None:
    needles = Needles()
    async with in_process_server(tmp_path) as server:
        connect = needles.on_circuit(server.connect)
        await ChatPair.meet(TextBrowser(connect), TextBrowser(connect))
        assert circuits_in(server) == {None: 2}


@pytest.mark.slow  # a process of its own
async def test_everything_works_where_each_visitor_has_a_circuit(tmp_path: Path) -> None:
    needles = Needles()
    with running_server(tmp_path, launch=LaunchOptions("tests.process.trusting")) as server:
        await do_everything(lambda: TextBrowser(needles.on_circuit(server.connect)))
        assert server.ask_admin(b"status\n")["failures"] == 0
        assert server.stop() == (0, '{"event": "ready"}\n', "")
