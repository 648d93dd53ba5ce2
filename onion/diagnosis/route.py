"""Finds out whether this machine has a way to an address, without sending anything there.

The program of a transport reports every failure in the same words, whether the cable is out or the
bridge is gone. So the kernel is asked for the way: a datagram socket that is connected looks it up,
and no packet leaves before something is written to it.

Source: connect(2), ENETUNREACH; ip(7).
"""

from __future__ import annotations

import socket
from contextlib import suppress
from ipaddress import ip_address

ANYWHERE = "192.0.2.1:9"
"""An address of no network (RFC 5737): the way there is the way to every other network."""


def has_route(address: str) -> bool:
    """Return whether there is a way to `ADDRESS:PORT`; also if that cannot be found out."""
    host, _, port = address.rpartition(":")
    host = host.removeprefix("[").removesuffix("]")
    with suppress(ValueError):
        family = socket.AF_INET6 if ":" in str(ip_address(host)) else socket.AF_INET
        try:
            with socket.socket(family, socket.SOCK_DGRAM) as probe:
                probe.connect((host, int(port)))
        except OSError:
            return False
    return True
