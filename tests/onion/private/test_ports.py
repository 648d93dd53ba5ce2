"""Ports are ours from the choice to the end, and still free for the tor they are for."""

from __future__ import annotations

import socket

import pytest

from onion.errors import NoFreePortError
from onion.private.ports import HeldPorts


def listen_as_tor_does(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


def test_tor_can_listen_on_a_held_port_and_again_after_its_death() -> None:
    with HeldPorts(1) as held:
        for _ in range(2):
            with (
                listen_as_tor_does(held.ports[0]) as listener,
                socket.create_connection(("127.0.0.1", held.ports[0])),
            ):
                listener.accept()[0].close()


def test_held_port_is_given_to_nobody_else() -> None:
    with HeldPorts(1) as held, pytest.raises(NoFreePortError):
        HeldPorts(1, within=range(held.ports[0], held.ports[0] + 1)).__enter__()


def test_networks_side_by_side_have_no_port_in_common() -> None:
    with HeldPorts(11) as one, HeldPorts(11) as two:
        assert len({*one.ports, *two.ports}) == 22


def test_ports_are_free_again_afterwards() -> None:
    with HeldPorts(1) as held:
        port = held.ports[0]
    with HeldPorts(1, within=range(port, port + 1)) as held:
        assert held.ports == [port]


def test_taken_ports_of_a_range_are_passed_over() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with HeldPorts(1, within=range(port, min(port + 50, 65536))) as held:
            assert port not in held.ports


def test_want_of_ports_is_told_and_none_stays_held() -> None:
    with HeldPorts(1) as held:
        free = held.ports[0]
    with pytest.raises(NoFreePortError, match=f"found 1 of 2 free ports in {free}-{free}"):
        HeldPorts(2, within=range(free, free + 1)).__enter__()
    listen_as_tor_does(free).close()


def test_no_child_inherits_a_held_port() -> None:
    with HeldPorts(1, within=None) as held:
        assert held.ports
        assert not any(s.get_inheritable() for s in held.sockets)
