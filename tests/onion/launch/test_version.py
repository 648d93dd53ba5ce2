"""A program that is too old, or is not a tor at all, is refused before it is used."""

from __future__ import annotations

from pathlib import Path

import pytest

from onion.errors import TorTooOldError
from onion.launch.version import check_version, is_old, parse_version


def make_tor(folder: Path, script: str) -> Path:
    path = folder / "tor"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def test_version_is_parsed_from_the_output_of_tor() -> None:
    assert parse_version("Tor version 0.4.9.11.\nThis build of Tor is covered by") == "0.4.9.11"
    assert parse_version("Tor version 0.4.8.4 (git-ab).") == "0.4.8.4"
    assert parse_version("Tor version 0.5.0.1-alpha-dev.") == "0.5.0.1"
    assert parse_version("tor: not found") is None


@pytest.mark.parametrize("version", ["0.4.8", "0.4.8.4", "0.4.10.1", "0.5.0.1", "1.0.0"])
def test_version_is_compared_number_by_number(version: str) -> None:
    assert not is_old(version)


@pytest.mark.parametrize("version", ["0.4.7.16", "0.4.7", "0.3.99.1", "0.2.9.17"])
def test_earlier_version_is_old(version: str) -> None:
    assert is_old(version)


async def test_tor_that_is_new_enough_is_accepted(tmp_path: Path) -> None:
    tor = make_tor(tmp_path, "echo 'Tor version 0.4.8.12.'")
    assert await check_version(tor) == tor


async def test_old_tor_is_refused_with_both_versions(tmp_path: Path) -> None:
    tor = make_tor(tmp_path, "echo 'Tor version 0.4.7.16.'")
    with pytest.raises(TorTooOldError, match=r"0\.4\.7\.16.*0\.4\.8"):
        await check_version(tor)


@pytest.mark.parametrize("script", ["echo hello", "exit 1", "exec /nowhere"])
async def test_program_that_is_only_named_tor_is_refused(tmp_path: Path, script: str) -> None:
    with pytest.raises(TorTooOldError, match="unknown"):
        await check_version(make_tor(tmp_path, script))
