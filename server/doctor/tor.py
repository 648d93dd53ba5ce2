"""Checks tor as `sottovoce up` would run it: its version, its modules, its effective settings.

Nothing is started and nothing is written: tor is only asked to verify the configuration.

Source: tor(1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from onion import (
    OnionError,
    Option,
    ServiceSpec,
    TorProgram,
    defence_options,
    examine_tor,
    service_options,
    service_settings,
)
from server.supervisor.paths import Paths
from server.supervisor.up import lacks

from .findings import Finding, State

TOR, SETTINGS, DEFENCES, SANDBOX = "tor", "tor's settings", "tor's defences", "tor's sandbox"

INSTALL_HINT = "install tor from https://deb.torproject.org"
SANDBOX_HINT = "write the line `Sandbox 1` into a file, and start with: sottovoce up --torrc FILE"

SAFE_VALUES: Mapping[str, frozenset[str]] = {
    # Visitors come through the onion service only, and no traffic leaves through this tor.
    "SocksPort": frozenset({"0"}),
    "ORPort": frozenset({"0"}),
    **dict.fromkeys(
        ("DirPort", "DNSPort", "TransPort", "NATDPort", "HTTPTunnelPort", "ControlPort"),
        frozenset({"", "0"}),
    ),
    **dict.fromkeys(("ExtORPort", "MetricsPort"), frozenset({"", "0"})),
    "ClientOnly": frozenset({"1"}),
    "CookieAuthentication": frozenset({"1"}),
    # Nothing is written to disk.
    "SafeLogging": frozenset({"1"}),
    "AvoidDiskWrites": frozenset({"1"}),
    "Log": frozenset({"notice stdout"}),
    # The server's location stays hidden: three hops, and entry guards for the first.
    "HiddenServiceSingleHopMode": frozenset({"0"}),
    "HiddenServiceNonAnonymousMode": frozenset({"0"}),
    "UseEntryGuards": frozenset({"1"}),
    "VanguardsLiteEnabled": frozenset({"auto", "1"}),
}
"""Option -> its permitted values; empty stands for an option that is not set."""


@dataclass(frozen=True, slots=True)
class TorFacts:
    """What tor reported of itself and of the configuration."""

    program: TorProgram | None = None
    """`None` if no usable tor was found."""

    settings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Option -> its effective values in what `sottovoce up` would start."""

    own_socks: str = "0"
    """The one SOCKS port that is safe: a unix socket in the server's folder, for our own visits."""

    refused: str = ""
    """Why no tor was found, or why it rejects the configuration."""

    hint: str = ""


async def ask_tor(paths: Paths, own_lines: Sequence[Option]) -> TorFacts:
    """Ask the tor of this machine about itself and about our configuration."""
    program = None
    try:
        program = await examine_tor()
        settings = await service_settings(
            program, ServiceSpec(paths.web_socket), paths.tor, own_lines
        )
        own_socks = dict(service_options(paths.tor))["SocksPort"]
        return TorFacts(program, settings, own_socks)
    except OnionError as error:
        return TorFacts(program, refused=str(error), hint=error.hint)


def check_tor(facts: TorFacts) -> Finding:
    """Find whether there is a usable tor."""
    if facts.program is None:
        return Finding(TOR, State.FAILS, facts.refused, facts.hint)
    version = f"tor {facts.program.version}"
    return Finding(TOR, State.HOLDS, version)


def check_defences(facts: TorFacts) -> Finding:
    """Find whether tor's own defences against a flood of visitors would be on."""
    if facts.program is None or facts.refused:
        return Finding(DEFENCES, State.UNKNOWN, "no tor to ask")
    missing = facts.program.missing
    if missing:
        return Finding(DEFENCES, State.NOTED, lacks(missing), INSTALL_HINT)
    off = [
        f"{name} {facts.settings.get(name.lower(), ['(not set)'])[-1]}"
        for name, value in defence_options()
        if facts.settings.get(name.lower()) != [value]
    ]
    if off:
        sentence = f"defences against a flood of visitors are set otherwise: {', '.join(off)}"
        return Finding(DEFENCES, State.FAILS, sentence, "report it to the authors")
    sentence = "proof of work, a limit at introduction points, a limit of streams, circuit ids"
    return Finding(DEFENCES, State.HOLDS, sentence)


def check_settings(facts: TorFacts, own_lines: Path | None) -> Finding:
    """Find whether tor accepts the configuration, and whether the effective settings are safe.

    Args:
        facts: what tor reported.
        own_lines: the operator's file, for the hint.
    """
    if facts.program is None:
        return Finding(SETTINGS, State.UNKNOWN, "no tor to ask")
    hint = (
        f"check each line of {own_lines}"
        if own_lines
        else "the line comes from the program itself: report it to the authors"
    )
    if facts.refused:
        sentence = f"tor rejects the configuration: {facts.refused}"
        return Finding(SETTINGS, State.FAILS, sentence, hint if own_lines else facts.hint or hint)
    wrong = [
        f"{name} {value or '(not set)'}"
        for name, allowed in SAFE_VALUES.items()
        for value in facts.settings.get(name.lower(), [""])
        if value not in allowed and (name, value) != ("SocksPort", facts.own_socks)
    ]
    if wrong:
        sentence = f"these settings break a promise: {', '.join(wrong)}"
        return Finding(SETTINGS, State.FAILS, sentence, hint)
    sentence = "three hops with guards and vanguards-lite, no TCP port, no log on disk"
    return Finding(SETTINGS, State.HOLDS, sentence)


def check_sandbox(facts: TorFacts) -> Finding:
    """Find whether tor would run in its own sandbox."""
    if facts.program is None or facts.refused:
        return Finding(SANDBOX, State.UNKNOWN, "no tor to ask")
    if facts.settings.get("sandbox") == ["1"]:
        return Finding(SANDBOX, State.HOLDS, "tor runs in its own sandbox")
    if any(" exec " in plugin for plugin in facts.settings.get("clienttransportplugin", ())):
        sentence = "tor cannot run in its own sandbox with the program of a bridge's transport"
        return Finding(SANDBOX, State.NOTED, sentence)
    if not facts.program.has_sandbox:
        sentence = "this tor seems to be built without its own sandbox"
        return Finding(SANDBOX, State.NOTED, sentence, INSTALL_HINT)
    sentence = "tor does not run in its own sandbox, although it could"
    return Finding(SANDBOX, State.NOTED, sentence, SANDBOX_HINT)
