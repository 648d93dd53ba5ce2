"""A program that serves pluggable transports, as tor's option `ClientTransportPlugin` names it.

Source: tor(1), ClientTransportPlugin; parse_transport_line in tor.
"""

from __future__ import annotations

from dataclasses import dataclass

from .host import is_ip_address

_NEITHER = "is neither NAME exec PROGRAM nor NAME socks5 ADDRESS:PORT"


@dataclass(frozen=True, slots=True)
class Plugin:
    """What serves some transports."""

    transports: tuple[str, ...]
    argv: tuple[str, ...] = ()
    """The program that tor starts: a path, then arguments. Tor splits the line at spaces, so none
    may hold one. Empty if tor starts none, but uses a port on which one listens."""

    @property
    def value(self) -> str:
        """The value of the option."""
        return f"{','.join(self.transports)} exec {' '.join(self.argv)}"


def parse_plugin(value: str) -> Plugin:
    """Parse the value of a ClientTransportPlugin.

    Raises:
        ValueError: if tor could not use it, or would look up a name to reach it. The text continues
            a sentence that begins with the place of the line.
    """
    names, *words = value.split()
    transports = tuple(names.split(","))
    kind, *rest = words or [""]
    if kind == "exec" and rest:
        return Plugin(transports, tuple(rest))
    if kind not in ("socks4", "socks5") or len(rest) != 1:
        raise ValueError(_NEITHER)
    host, _, port = rest[0].rpartition(":")
    if not is_ip_address(host):
        raise ValueError(
            "names a host, which tor would look up beside the bridge: write an IP address"
        )
    if not port.isdecimal():
        raise ValueError(_NEITHER)
    return Plugin(transports)
