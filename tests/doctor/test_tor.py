"""Tor is asked what it would run with; each setting that would break a promise is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from onion import Option, TorProgram, examine_tor, find_tor, service_settings
from onion.probe import parse_modules, parse_settings
from server.doctor.findings import State
from server.doctor.tor import WANTED, TorFacts, ask_tor, check_sandbox, check_settings, check_tor
from server.supervisor.paths import Paths

PROGRAM = TorProgram(Path("/usr/bin/tor"), "0.4.9.11", frozenset({"pow"}), has_sandbox=True)
GOOD = {name.lower(): [min(allowed)] for name, allowed in WANTED.items() if "" not in allowed}


async def asked(folder: Path, *own_lines: Option) -> TorFacts:
    return await ask_tor(Paths(folder / "server"), own_lines)


@pytest.mark.tor
@pytest.mark.checklist(29)
async def test_our_own_configuration_is_taken_and_keeps_every_promise(tmp_path: Path) -> None:
    facts = await asked(tmp_path)
    assert check_tor(facts).state is not State.FAILS
    assert check_settings(facts, None).state is State.HOLDS
    assert not (tmp_path / "server").exists(), "nothing is made by asking"


BREAKS = {
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
"""What an operator's file could say if it were not looked at before, and tor would take."""


@pytest.mark.tor
@pytest.mark.checklist(29)
@pytest.mark.parametrize("name", BREAKS)
async def test_setting_that_breaks_a_promise_is_seen_in_what_tor_itself_says(
    tmp_path: Path, name: str
) -> None:
    found = check_settings(await asked(tmp_path, (name, BREAKS[name])), Path("mine.torrc"))
    assert found.state is State.FAILS
    assert name in found.sentence
    assert "mine.torrc" in found.hint


@pytest.mark.checklist(29)
def test_each_wanted_setting_is_held_to_what_it_may_say() -> None:
    assert check_settings(TorFacts(PROGRAM, GOOD), None).state is State.HOLDS
    for name in WANTED:
        for value in ("2", "anything"):
            facts = TorFacts(PROGRAM, {**GOOD, name.lower(): [value]})
            found = check_settings(facts, None)
            assert (found.state, f"{name} {value}" in found.sentence) == (State.FAILS, True)
    for name in GOOD:
        without = {other: value for other, value in GOOD.items() if other != name}
        assert "(not set)" in check_settings(TorFacts(PROGRAM, without), None).sentence


@pytest.mark.checklist(29)
def test_second_value_of_a_setting_does_not_hide_behind_the_first() -> None:
    facts = TorFacts(PROGRAM, {**GOOD, "log": ["notice stdout", "notice file /nowhere/log"]})
    assert "notice file" in check_settings(facts, None).sentence


@pytest.mark.tor
async def test_line_that_tor_does_not_take_is_told_with_its_reason(tmp_path: Path) -> None:
    facts = await asked(tmp_path, ("Bridge", "nothing"))
    found = check_settings(facts, Path("mine.torrc"))
    assert found.state is State.FAILS
    assert "Bridge" in found.sentence
    assert "mine.torrc" in found.hint
    assert check_sandbox(facts).state is State.UNKNOWN
    assert check_tor(facts).state is not State.FAILS


@pytest.mark.tor
@pytest.mark.checklist(29)
async def test_sandbox_of_tor_is_told_and_the_hint_settles_it(tmp_path: Path) -> None:
    found = check_sandbox(await asked(tmp_path))
    assert found.state is State.NOTED
    assert "`Sandbox 1`" in found.hint
    assert check_sandbox(await asked(tmp_path, ("Sandbox", "1"))).state is State.HOLDS


def test_missing_tor_fails_once_and_leaves_the_rest_open() -> None:
    facts = TorFacts(refused="tor is not installed", hint="apt-get install tor")
    found = check_tor(facts)
    assert (found.state, found.hint) == (State.FAILS, "apt-get install tor")
    assert {check_settings(facts, None).state, check_sandbox(facts).state} == {State.UNKNOWN}


def test_tor_without_proof_of_work_or_sandbox_is_worth_knowing() -> None:
    plain = TorProgram(PROGRAM.path, "0.4.9.11", frozenset({"relay"}), has_sandbox=False)
    assert check_tor(TorFacts(plain, GOOD)).state is State.NOTED
    assert check_sandbox(TorFacts(plain, GOOD)).state is State.NOTED


@pytest.mark.tor
async def test_tor_of_this_machine_says_what_it_is() -> None:
    program = await examine_tor()
    assert program.path == find_tor()
    assert program.version.count(".") >= 2
    assert program.modules


def test_what_tor_prints_is_read() -> None:
    assert parse_modules("relay: yes\ndirauth: no\npow: yes\n") == {"relay", "pow"}
    printed = ["SocksPort 0", "HSLayer2Nodes ", "Log notice stdout", "Log warn stderr"]
    assert parse_settings(printed) == {
        "socksport": ["0"],
        "hslayer2nodes": [""],
        "log": ["notice stdout", "warn stderr"],
    }


@pytest.mark.tor
async def test_every_setting_is_heard_and_not_only_the_last_that_are_kept(tmp_path: Path) -> None:
    settings = await service_settings(find_tor(), tmp_path / "tor", [("NumEntryGuards", "3")])
    assert settings["accountingmax"] == ["0"]
    assert settings["numentryguards"] == ["3"]
    assert settings["datadirectory"] == [str(tmp_path / "tor" / "data")]
