"""The options of a private network are consistent, and the output of tor's tools is parsed."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onion.private.plan import (
    VOTING_INTERVAL_S,
    Authority,
    authority_options,
    client_options,
    joining_options,
    parse_consensus,
    parse_fingerprint,
    parse_identity,
    voting_offset_s,
)

ONE = Authority("authority0", 5001, 5002, "A" * 40, "B" * 40)
TWO = Authority("authority1", 5003, 5004, "C" * 40, "D" * 40)


def test_options_list_every_authority() -> None:
    lines = [value for name, value in joining_options([ONE, TWO]) if name == "DirAuthority"]
    assert lines == [
        f"authority0 orport=5001 no-v2 v3ident={'A' * 40} 127.0.0.1:5002 {'B' * 40}",
        f"authority1 orport=5003 no-v2 v3ident={'C' * 40} 127.0.0.1:5004 {'D' * 40}",
    ]


def test_options_mark_the_network_as_a_testing_network() -> None:
    assert joining_options([ONE])[0] == ("TestingTorNetwork", "1")


def test_authority_listens_on_loopback_only_and_is_no_exit() -> None:
    options = dict(authority_options(ONE, offset_s=3))
    assert options["ORPort"] == "127.0.0.1:5001"
    assert options["DirPort"] == "127.0.0.1:5002"
    assert options["ExitPolicy"] == "reject *:*"
    assert options["TestingV3AuthVotingStartOffset"] == "3"


def test_authority_votes_always_what_a_second_layer_guard_needs() -> None:
    options = dict(authority_options(ONE, offset_s=3))
    assert options["AuthDirFastGuarantee"] == "1 bytes"
    assert options["AuthDirVoteStableGuaranteeMinUptime"] == "0"
    assert options["AuthDirVoteStableGuaranteeMTBF"] == "0"
    assert options["AuthDirTestReachability"] == "0"


def test_client_listens_on_loopback_only() -> None:
    assert ("SocksPort", "127.0.0.1:5011") in client_options(5011)


@given(st.floats(0, 4e9))
def test_first_round_begins_eight_to_nine_seconds_after_the_start(now_s: float) -> None:
    offset_s = voting_offset_s(now_s)
    assert 0 <= offset_s < VOTING_INTERVAL_S
    wait_s = (offset_s - now_s) % VOTING_INTERVAL_S
    assert 7.99 < wait_s < 9.01


def test_identity_is_parsed_from_a_certificate() -> None:
    certificate = (
        "dir-key-certificate-version 3\ndir-address 127.0.0.1:5002\n"
        "fingerprint 0123456789ABCDEF0123456789ABCDEF01234567\ndir-key-published 2026-11-21\n"
    )
    assert parse_identity(certificate) == "0123456789ABCDEF0123456789ABCDEF01234567"
    with pytest.raises(ValueError, match="fingerprint"):
        parse_identity("dir-key-certificate-version 3\n")


def test_fingerprint_is_parsed_from_the_output_of_tor() -> None:
    printed = (
        "Nov 21 03:49:54.360 [notice] Your Tor server's identity key fingerprint is 'x 40F2'\n"
        "x 40F2 ACD9 84E4 E07D 6663 0A24 BC88 073D 40A8 D06C\n"
    )
    assert parse_fingerprint(printed) == "40F2ACD984E4E07D66630A24BC88073D40A8D06C"
    with pytest.raises(ValueError, match="fingerprint"):
        parse_fingerprint("nothing here")


def test_relays_are_parsed_from_a_consensus() -> None:
    ns_all = (
        "ns/all=\n"
        "r authority0 u7u7u7u7u7u7u7u7u7u7u7u7u7s abc 2026-11-21 03:00:00 127.0.0.1 5001 5002\n"
        "s Authority Fast\nw Bandwidth=0\n"
        "r authority1 AAAAAAAAAAAAAAAAAAAAAAAAAAA abc 2026-11-21 03:00:00 127.0.0.1 5003 5004\n"
        "OK"
    )
    assert parse_consensus(ns_all) == {"B" * 40, "0" * 40}
    assert parse_consensus("ns/all=") == frozenset()
