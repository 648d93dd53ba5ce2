"""Ports stay reserved until the end, and the tor that they are for can still listen on them."""

from __future__ import annotations

import socket

import pytest

from onion.errors import NoFreePortError
from onion.private.ports import ReservedPorts


def listen_as_tor_does(port: int) -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


def test_tor_can_listen_on_a_reserved_port_repeatedly() -> None:
    with ReservedPorts(1) as reserved:
        for _ in range(2):
            with (
                listen_as_tor_does(reserved.ports[0]) as listener,
                socket.create_connection(("127.0.0.1", reserved.ports[0])),
            ):
                listener.accept()[0].close()


def test_reserved_port_cannot_be_reserved_again() -> None:
    with ReservedPorts(1) as reserved, pytest.raises(NoFreePortError):
        ReservedPorts(1, within=range(reserved.ports[0], reserved.ports[0] + 1)).__enter__()


def test_two_networks_have_no_port_in_common() -> None:
    with ReservedPorts(11) as one, ReservedPorts(11) as two:
        assert len({*one.ports, *two.ports}) == 22


def test_ports_are_released_afterwards() -> None:
    with ReservedPorts(1) as reserved:
        port = reserved.ports[0]
    with ReservedPorts(1, within=range(port, port + 1)) as reserved:
        assert reserved.ports == [port]


def test_used_ports_of_a_range_are_skipped() -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with ReservedPorts(1, within=range(port, min(port + 50, 65536))) as reserved:
            assert port not in reserved.ports


def test_too_few_ports_are_reported_and_none_stays_reserved() -> None:
    with ReservedPorts(1) as reserved:
        free = reserved.ports[0]
    with pytest.raises(NoFreePortError, match=f"found 1 of 2 free ports in {free}-{free}"):
        ReservedPorts(2, within=range(free, free + 1)).__enter__()
    listen_as_tor_does(free).close()


def test_children_do_not_inherit_a_reserved_port() -> None:
    with ReservedPorts(1, within=None) as reserved:
        assert reserved.ports
        assert not any(s.get_inheritable() for s in reserved.sockets)
