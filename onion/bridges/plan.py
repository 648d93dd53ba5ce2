"""Combines the operator's bridges and torrc lines, so that nothing goes out beside the bridges.

Tor uses a bridge only if `UseBridges` is 1, which is not its default: with the line `Bridge …`
alone it connects to the public network directly, and says nothing. So the two are never apart here.

    Bridge without UseBridges       UseBridges 1 is added, and said
    Bridge with UseBridges 0        refused
    UseBridges 1 without a Bridge   refused
    a transport without a plugin    the plugin is added, or its package named
    a plugin and Sandbox 1          Sandbox is left out, and said: tor cannot do both
    options that would go around    refused

Source: tor(1), UseBridges, Bridge, ClientTransportPlugin, Sandbox; options_validate in tor.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from onion.errors import BridgesUnusableError
from onion.launch.torrc import Option

from .host import is_ip_address
from .line import Bridge, parse_bridge
from .plugin import Plugin, parse_plugin
from .program import check_plugin, find_plugin

USE, BRIDGE, PLUGIN, SANDBOX = "usebridges", "bridge", "clienttransportplugin", "sandbox"


def _names_no_host(value: str) -> bool:
    # TCPProxy has the word "haproxy" in front of the address.
    address = value.split()[-1]
    return is_ip_address(address.rpartition(":")[0] or address)


_A_HOST = "its host would be looked up beside the bridges: write an IP address"
_REFUSED: Mapping[str, tuple[Callable[[str], bool], str]] = {
    "updatebridgesfromauthority": ("0".__eq__, "it asks an authority about the bridges"),
    "entrynodes": (lambda _: False, "tor enters through the bridges only"),
    "noexec": ("0".__eq__, "tor could not start the program of a transport"),
    **dict.fromkeys(
        ("httpsproxy", "socks4proxy", "socks5proxy", "tcpproxy"), (_names_no_host, _A_HOST)
    ),
}
"""Option -> whether a value is harmless beside bridges, and what is wrong with any other."""

ADDED = (
    "a bridge without UseBridges 1: it is set, so that tor connects through the bridges only;"
    " write that line into the file, too"
)
NO_SANDBOX = (
    "Sandbox 1 is left out: tor cannot start the program of a bridge's transport inside its sandbox"
)


@dataclass(frozen=True, slots=True)
class BridgedLines:
    """Torrc lines that are safe to use, and what was changed in them."""

    options: tuple[Option, ...]
    notes: tuple[str, ...] = ()
    """What the operator should know: sentences without a full stop."""

    transports: tuple[str, ...] = ()
    """The transports of the bridges; none without bridges, or if no bridge needs one."""

    has_bridges: bool = False


@dataclass(slots=True)
class _Lines:
    """What the operator's lines say, sorted by what it is about."""

    bridges: list[Bridge] = field(default_factory=list)
    uses: list[str] = field(default_factory=list)
    """The values of UseBridges."""

    plugins: list[Plugin] = field(default_factory=list)
    other: list[Option] = field(default_factory=list)
    """All other options, and the plugins."""


async def with_bridges(bridges: Sequence[Bridge], lines: Sequence[Option]) -> BridgedLines:
    """Combine bridges with torrc lines; find and check the programs of their transports.

    Args:
        bridges: from the configuration, already parsed.
        lines: from the operator's torrc file; may hold bridges as well.

    Raises:
        BridgesUnusableError: if the lines contradict each other, or one cannot be used.
        TransportMissingError, TransportFailedError: if the program of a transport is missing, or
            does not answer.
        FolderError, DiskFullError: if there is no folder for temporary files.
    """
    found = _sort_out(lines)
    every = _without_copies([*bridges, *found.bridges])
    _check_use(found, every)
    needed = tuple(dict.fromkeys(bridge.transport for bridge in every if bridge.transport))
    plugins = await _find_plugins(needed, found.plugins)
    other, notes = _without_sandbox(found, plugins)
    if not every:
        return BridgedLines(tuple(other), tuple(notes))
    if found.bridges and not found.uses:
        notes.append(ADDED)
    options = (
        ("UseBridges", "1"),
        *(("Bridge", bridge.value) for bridge in every),
        *(("ClientTransportPlugin", plugin.value) for plugin in plugins),
        *other,
    )
    return BridgedLines(options, tuple(notes), needed, has_bridges=True)


def _sort_out(lines: Sequence[Option]) -> _Lines:
    found = _Lines()
    try:
        for name, value in lines:
            if name.lower() == BRIDGE:
                found.bridges.append(parse_bridge(value))
            elif name.lower() == USE:
                found.uses.append(value)
            else:
                found.other.append((name, value))
                if name.lower() == PLUGIN:
                    found.plugins.append(parse_plugin(value))
    except ValueError as reason:
        raise BridgesUnusableError(f"a line with {name} {reason}") from None
    return found


def _without_copies(bridges: Sequence[Bridge]) -> list[Bridge]:
    by_address: dict[str, Bridge] = {}
    for bridge in bridges:
        known = by_address.setdefault(bridge.address, bridge)
        if known.value != bridge.value:
            raise BridgesUnusableError(
                "two bridges have the same address and differ otherwise: tor would use only one"
            )
    return list(by_address.values())


def _check_use(found: _Lines, bridges: Sequence[Bridge]) -> None:
    if not bridges:
        if any(value != "0" for value in found.uses):
            raise BridgesUnusableError("UseBridges 1 without any bridge: tor could not connect")
        return
    if any(value != "1" for value in found.uses):
        raise BridgesUnusableError("UseBridges 0 beside a bridge: tor would go around the bridge")
    for name, value in found.other:
        is_harmless, reason = _REFUSED.get(name.lower(), (lambda _: True, ""))
        if not is_harmless(value):
            raise BridgesUnusableError(f"{name} does not go together with bridges: {reason}")


async def _find_plugins(needed: Sequence[str], own: Sequence[Plugin]) -> list[Plugin]:
    """Check the operator's plugins, and return those that are missing beside them."""
    for plugin in own:
        # Tor, too, asks a program only for what a bridge needs.
        used = tuple(transport for transport in plugin.transports if transport in needed)
        if plugin.argv and used:
            await check_plugin(Plugin(used, plugin.argv))
    covered = {transport for plugin in own for transport in plugin.transports}
    return [await find_plugin(transport) for transport in needed if transport not in covered]


def _without_sandbox(found: _Lines, plugins: Sequence[Plugin]) -> tuple[list[Option], list[str]]:
    """Leave `Sandbox` out if tor has to start a program; return a note if it was on."""
    if not any(plugin.argv for plugin in (*plugins, *found.plugins)):
        return found.other, []
    kept = [option for option in found.other if option[0].lower() != SANDBOX]
    was_on = any(name.lower() == SANDBOX and value != "0" for name, value in found.other)
    return kept, [NO_SANDBOX] if was_on else []
