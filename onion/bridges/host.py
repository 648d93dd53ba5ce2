"""Tells an IP address from the name of a host, which tor would look up beside the bridges."""

from __future__ import annotations

from ipaddress import ip_address


def is_ip_address(host: str) -> bool:
    """Whether a host is an IP address; one of version 6 may be in brackets."""
    try:
        ip_address(host.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True
