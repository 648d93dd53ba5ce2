"""Tor reports its effective settings; each setting that breaks a promise is named."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from onion import (
    Option,
    ServiceSpec,
    TorProgram,
    defence_options,
    examine_tor,
    find_tor,
    service_settings,
)
from onion.probe import parse_modules, parse_settings
from server.doctor.findings import State
from server.doctor.tor import (
    SAFE_VALUES,
    TorFacts,
    ask_tor,
    check_defences,
    check_sandbox,
    check_settings,
    check_tor,
)
from server.supervisor.paths import Paths
from tests.onion.test_defences import make_lacking_tor

PROGRAM = TorProgram(
    Path("/usr/bin/tor"), "0.4.9.11", frozenset({"pow"}), frozenset(), has_sandbox=True
)
GOOD = {name.lower(): [min(allowed)] for name, allowed in SAFE_VALUES.items() if "" not in allowed}


async def ask(folder: Path, *own_lines: Option) -> TorFacts:
    return await ask_tor(Paths(folder / "server"), own_lines)


@pytest.mark.tor
@pytest.mark.checklist(29)
async def test_our_configuration_is_accepted_and_keeps_promises(tmp_path: Path) -> None:
    facts = await ask(tmp_path)
    assert check_tor(facts).state is not State.FAILS
    assert check_settings(facts, None).state is State.HOLDS
    assert not (tmp_path / "server").exists(), "asking tor has created a folder"


DANGEROUS = {
    "VanguardsLiteEnabled": "0",
    "UseEntryGuards": "0",
    "DNSPort": "9053",
    "TransPort": "9040",
    "NATDPort": "9041",
    "HTTPTunnelPort": "9080",
    "ControlPort": "9051",
    "MetricsPort": "127.0.0.1:9035",
    "DirPort": "9030",
    "Log": "info file /nowhere/log",
}
"""Lines that tor would accept in an operator's file, if we did not reject them before."""


@pytest.mark.tor
@pytest.mark.checklist(29)
@pytest.mark.parametrize("name", DANGEROUS)
async def test_dangerous_setting_is_found_in_tors_own_output(tmp_path: Path, name: str) -> None:
    found = check_settings(await ask(tmp_path, (name, DANGEROUS[name])), Path("mine.torrc"))
    assert found.state is State.FAILS
    assert name in found.sentence
    assert "mine.torrc" in found.hint


@pytest.mark.checklist(29)
def test_each_checked_setting_must_have_a_safe_value() -> None:
    assert check_settings(TorFacts(PROGRAM, GOOD), None).state is State.HOLDS
    for name in SAFE_VALUES:
        for value in ("2", "anything"):
            facts = TorFacts(PROGRAM, {**GOOD, name.lower(): [value]})
            found = check_settings(facts, None)
            assert (found.state, f"{name} {value}" in found.sentence) == (State.FAILS, True)
    for name in GOOD:
        without = {other: value for other, value in GOOD.items() if other != name}
        assert "(not set)" in check_settings(TorFacts(PROGRAM, without), None).sentence


@pytest.mark.checklist(29)
def test_second_value_of_a_setting_is_checked_too() -> None:
    facts = TorFacts(PROGRAM, {**GOOD, "log": ["notice stdout", "notice file /nowhere/log"]})
    assert "notice file" in check_settings(facts, None).sentence


@pytest.mark.tor
async def test_line_that_tor_rejects_is_reported_with_its_reason(tmp_path: Path) -> None:
    facts = await ask(tmp_path, ("Bridge", "nothing"))
    found = check_settings(facts, Path("mine.torrc"))
    assert found.state is State.FAILS
    assert "Bridge" in found.sentence
    assert "mine.torrc" in found.hint
    assert check_sandbox(facts).state is State.UNKNOWN
    assert check_tor(facts).state is not State.FAILS


@pytest.mark.tor
@pytest.mark.checklist(29)
async def test_missing_tor_sandbox_is_noted_and_the_hint_fixes_it(tmp_path: Path) -> None:
    found = check_sandbox(await ask(tmp_path))
    assert found.state is State.NOTED
    assert "`Sandbox 1`" in found.hint
    assert check_sandbox(await ask(tmp_path, ("Sandbox", "1"))).state is State.HOLDS


def test_sandbox_is_not_advised_beside_the_program_of_a_transport() -> None:
    settings = {**GOOD, "clienttransportplugin": ["obfs4 exec /usr/bin/obfs4proxy"]}
    found = check_sandbox(TorFacts(PROGRAM, settings))
    assert (found.state, found.hint) == (State.NOTED, "")
    assert "transport" in found.sentence


def test_missing_tor_fails_once_and_the_rest_is_unknown() -> None:
    facts = TorFacts(refused="tor is not installed", hint="apt-get install tor")
    found = check_tor(facts)
    assert (found.state, found.hint) == (State.FAILS, "apt-get install tor")
    others = (check_settings(facts, None), check_defences(facts), check_sandbox(facts))
    assert {other.state for other in others} == {State.UNKNOWN}


def test_tor_without_sandbox_is_noted() -> None:
    plain = replace(PROGRAM, has_sandbox=False)
    assert check_sandbox(TorFacts(plain, GOOD)).state is State.NOTED


@pytest.mark.tor
@pytest.mark.checklist(30)
async def test_defences_of_the_installed_tor_would_be_on(tmp_path: Path) -> None:
    facts = await ask(tmp_path)
    assert check_defences(facts).state is State.HOLDS
    for name, value in defence_options():
        assert facts.settings[name.lower()] == [value]
    assert not (tmp_path / "server").exists(), "asking tor has created a folder"


@pytest.mark.tor
@pytest.mark.checklist(30)
async def test_defences_that_tor_lacks_are_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_lacking_tor(tmp_path, "HiddenServiceMaxStreams", "pow")
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    facts = await ask(tmp_path)
    found = check_defences(facts)
    assert found.state is State.NOTED
    assert found.sentence.endswith(": proof of work, stream limit")
    assert check_settings(facts, None).state is State.HOLDS, "tor accepts what is left"
    assert "hiddenservicepowdefensesenabled" not in facts.settings
    assert facts.settings["hiddenserviceexportcircuitid"] == ["haproxy"]


@pytest.mark.checklist(30)
@pytest.mark.parametrize("name", [name for name, _ in defence_options()])
def test_defence_that_is_set_otherwise_is_named(name: str) -> None:
    settings = {option.lower(): [value] for option, value in defence_options()}
    assert check_defences(TorFacts(PROGRAM, settings)).state is State.HOLDS
    found = check_defences(TorFacts(PROGRAM, {**settings, name.lower(): ["7"]}))
    assert (found.state, f"{name} 7" in found.sentence) == (State.FAILS, True)


@pytest.mark.tor
async def test_installed_tor_reports_version_and_modules() -> None:
    program = await examine_tor()
    assert program.path == find_tor()
    assert program.version.count(".") >= 2
    assert program.modules


def test_output_of_tor_is_parsed() -> None:
    assert parse_modules("relay: yes\ndirauth: no\npow: yes\n") == {"relay", "pow"}
    printed = ["SocksPort 0", "HSLayer2Nodes ", "Log notice stdout", "Log warn stderr"]
    assert parse_settings(printed) == {
        "socksport": ["0"],
        "hslayer2nodes": [""],
        "log": ["notice stdout", "warn stderr"],
    }


@pytest.mark.tor
async def test_all_settings_are_read_not_only_the_last(tmp_path: Path) -> None:
    program, spec = await examine_tor(), ServiceSpec(tmp_path / "s")
    extra = [("NumEntryGuards", "3")]
    settings = await service_settings(program, spec, tmp_path / "tor", extra)
    assert settings["accountingmax"] == ["0"]
    assert settings["numentryguards"] == ["3"]
    assert settings["datadirectory"] == [str(tmp_path / "tor" / "data")]
