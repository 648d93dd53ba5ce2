"""Each defence is switched on by options that tor accepts; what a tor lacks is left out."""

from __future__ import annotations

from pathlib import Path

import pytest

from onion.defences import (
    INTRODUCTIONS_PER_S,
    OPTIONS,
    QUEUE_RATE_PER_S,
    Defence,
    defence_options,
    missing_defences,
)
from onion.launch.process import run_owned
from onion.launch.program import find_tor
from onion.probe import defences_missing_in

EXAMPLE = Path(__file__).parents[2] / "torrc.example"

KNOWN = {name.lower() for options in OPTIONS.values() for name, _ in options}


@pytest.mark.checklist(30)
def test_defences_of_a_full_tor_are_all_on_and_close_no_circuit() -> None:
    assert missing_defences(KNOWN, {"pow"}) == frozenset()
    options = dict(defence_options())
    for name in ("HiddenServicePoWDefensesEnabled", "HiddenServiceEnableIntroDoSDefense"):
        assert options[name] == "1"
    assert options["HiddenServiceMaxStreamsCloseCircuit"] == "0"
    assert options["HiddenServiceExportCircuitID"] == "haproxy"


def test_introduction_points_pass_on_more_than_the_queue_serves() -> None:
    by_default_three = 3
    assert by_default_three * INTRODUCTIONS_PER_S > QUEUE_RATE_PER_S


@pytest.mark.parametrize("defence", Defence)
def test_unknown_option_leaves_out_its_whole_defence(defence: Defence) -> None:
    for name, _ in OPTIONS[defence]:
        missing = missing_defences(KNOWN - {name.lower()}, {"pow"})
        assert missing == {defence}
        assert not {*OPTIONS[defence]} & {*defence_options(missing)}
        assert len(defence_options(missing)) + len(OPTIONS[defence]) == len(defence_options())


def test_tor_built_without_the_module_has_no_proof_of_work() -> None:
    assert missing_defences(KNOWN, {"relay", "dirauth"}) == {Defence.PROOF_OF_WORK}


@pytest.mark.tor
async def test_missing_defences_are_read_from_tors_own_lists(tmp_path: Path) -> None:
    assert await defences_missing_in(find_tor()) == frozenset()
    lacking = make_lacking_tor(tmp_path, "HiddenServiceMaxStreams", "pow")
    assert await defences_missing_in(lacking) == {Defence.STREAM_LIMIT, Defence.PROOF_OF_WORK}


@pytest.mark.tor
@pytest.mark.checklist(29)
async def test_example_for_operators_has_every_defence_and_tor_accepts_it(tmp_path: Path) -> None:
    text = EXAMPLE.read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    assert {f"{name} {value}" for name, value in defence_options()} <= set(lines)
    torrc = tmp_path / "torrc"
    torrc.write_text(text.replace("/var/lib/tor", str(tmp_path)), encoding="utf-8")
    argv = [str(find_tor()), "--defaults-torrc", "/dev/null", "-f", str(torrc), "--verify-config"]
    assert "Configuration was valid" in await run_owned(argv)


def make_lacking_tor(folder: Path, *words: str) -> Path:
    """Make a program that runs tor, and leaves out of its output lines that begin with a word."""
    path, tor = folder / "tor", find_tor()
    removed = " ".join(f"-e '^{word}'" for word in words)
    path.write_text(
        f'#!/bin/sh\ncase "$1" in --list-*) "{tor}" "$@" | grep -v {removed};;'
        f' *) exec "{tor}" "$@";; esac\n'
    )
    path.chmod(0o755)
    return path
