"""Tor, as `sottovoce up` would run it: its version, what it is built with, what would be in force.

Nothing is started and nothing is written: tor is asked what it would make of the configuration.

Source: tor(1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from onion import OnionError, Option, TorProgram, examine_tor, service_settings
from server.supervisor.paths import Paths

from .findings import Finding, State

TOR, SETTINGS, SANDBOX = "tor", "tor's settings", "tor's sandbox"

INSTALL_HINT = "install tor from https://deb.torproject.org"
SANDBOX_HINT = (
    "write the line `Sandbox 1` into a file and start with: sottovoce up --torrc FILE; bridges"
    " that need a program of their own do not work with it"
)

WANTED: Mapping[str, frozenset[str]] = {
    # Nobody comes in but through the onion, and nobody goes out through this tor.
    "SocksPort": frozenset({"0"}),
    "ORPort": frozenset({"0"}),
    **dict.fromkeys(
        ("DirPort", "DNSPort", "TransPort", "NATDPort", "HTTPTunnelPort", "ControlPort"),
        frozenset({"", "0"}),
    ),
    **dict.fromkeys(("ExtORPort", "MetricsPort"), frozenset({"", "0"})),
    "ClientOnly": frozenset({"1"}),
    "CookieAuthentication": frozenset({"1"}),
    # Nothing is written down.
    "SafeLogging": frozenset({"1"}),
    "AvoidDiskWrites": frozenset({"1"}),
    "Log": frozenset({"notice stdout"}),
    # Where the house is stays hidden: three hops, and guards on the first of them.
    "HiddenServiceSingleHopMode": frozenset({"0"}),
    "HiddenServiceNonAnonymousMode": frozenset({"0"}),
    "UseEntryGuards": frozenset({"1"}),
    "VanguardsLiteEnabled": frozenset({"auto", "1"}),
}
"""Option -> what it may say; empty stands for an option that is not set."""


@dataclass(frozen=True, slots=True)
class TorFacts:
    """What a tor said of itself and of the configuration."""

    program: TorProgram | None = None
    """`None` if there is none that can be used."""

    settings: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """Option -> its values, in force for what `sottovoce up` would start."""

    refused: str = ""
    """Why there is no program, or why it does not take the configuration."""

    hint: str = ""


async def ask_tor(paths: Paths, own_lines: Sequence[Option]) -> TorFacts:
    """Ask the tor of this machine about itself and about our configuration."""
    program = None
    try:
        program = await examine_tor()
        settings = await service_settings(program.path, paths.tor, own_lines)
        return TorFacts(program, settings)
    except OnionError as error:
        return TorFacts(program, refused=str(error), hint=error.hint)


def check_tor(facts: TorFacts) -> Finding:
    """Find whether there is a tor that can be used."""
    if facts.program is None:
        return Finding(TOR, State.FAILS, facts.refused, facts.hint)
    said = f"tor {facts.program.version}"
    if "pow" not in facts.program.modules:
        sentence = f"{said} is built without proof of work; the house does without it so far"
        return Finding(TOR, State.NOTED, sentence, INSTALL_HINT)
    return Finding(TOR, State.HOLDS, f"{said}, built with proof of work")


def check_settings(facts: TorFacts, own_lines: Path | None) -> Finding:
    """Find whether tor takes the configuration, and whether what is in force keeps the promises.

    Args:
        facts: what tor said.
        own_lines: the operator's file, for the hint.
    """
    if facts.program is None:
        return Finding(SETTINGS, State.UNKNOWN, "tor could not be asked")
    mend = (
        f"is each line of {own_lines} right?"
        if own_lines
        else "the line is the program's own: tell its authors"
    )
    if facts.refused:
        sentence = f"tor does not take the configuration: {facts.refused}"
        return Finding(SETTINGS, State.FAILS, sentence, mend if own_lines else facts.hint or mend)
    wrong = [
        f"{name} {value or '(not set)'}"
        for name, allowed in WANTED.items()
        for value in facts.settings.get(name.lower(), [""])
        if value not in allowed
    ]
    if wrong:
        sentence = f"in force is what breaks a promise: {', '.join(wrong)}"
        return Finding(SETTINGS, State.FAILS, sentence, mend)
    sentence = "three hops with guards and vanguards-lite, no port, no log on disk"
    return Finding(SETTINGS, State.HOLDS, sentence)


def check_sandbox(facts: TorFacts) -> Finding:
    """Find whether tor would run in its own sandbox."""
    if facts.program is None or facts.refused:
        return Finding(SANDBOX, State.UNKNOWN, "tor could not be asked")
    if facts.settings.get("sandbox") == ["1"]:
        return Finding(SANDBOX, State.HOLDS, "tor runs in its own sandbox")
    if not facts.program.has_sandbox:
        sentence = "this tor is not seen to be built with its own sandbox"
        return Finding(SANDBOX, State.NOTED, sentence, INSTALL_HINT)
    sentence = "tor could run in its own sandbox, and does not"
    return Finding(SANDBOX, State.NOTED, sentence, SANDBOX_HINT)
