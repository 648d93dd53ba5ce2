"""The plan of a private Tor network: who is in it and how each tor is configured.

Five directory authorities that are relays as well are the whole network; four relays are the
fewest through which a rendezvous succeeds. All of it is on 127.0.0.1. Their clocks are one
clock, so they can vote every 20 seconds with delays of 2, and time the first vote to a moment
just after their start.

    |-- start          |-- vote     |-- fetch    |-- consensus, valid from the next round on
    0 s                about 5 s    about 7 s    about 9 s

Source: tor(1), "Testing network options"; dir-spec, "Voting timeline".
"""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Sequence
from dataclasses import dataclass

from onion.launch.torrc import Option

AUTHORITIES = 5
VOTING_INTERVAL_S = 20
# Tor's smallest: MIN_VOTE_SECONDS_TESTING and MIN_DIST_SECONDS_TESTING.
_DELAY_S = 2
# From their start, what five tors on two busy cores need before they can vote, with both delays.
_HEAD_START_S = 8

# The shape of a RELAY_CERT's line: `fingerprint` and 40 digits (dir-spec, key certificates).
_IDENTITY = re.compile(r"^fingerprint (?P<hex>[0-9A-F]{40})$", re.MULTILINE)
_LISTED = re.compile(r"^\S+ (?P<groups>(?:[0-9A-F]{4} ){9}[0-9A-F]{4})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Authority:
    """One directory authority, and relay, as the others know it."""

    nickname: str
    or_port: int
    dir_port: int
    identity: str
    """Fingerprint of the key that signs its votes: 40 hexadecimal digits."""

    fingerprint: str
    """Fingerprint of its relay key: 40 hexadecimal digits, upper case."""

    @property
    def line(self) -> str:
        """Its DirAuthority line, without the option's name."""
        return (
            f"{self.nickname} orport={self.or_port} no-v2 v3ident={self.identity} "
            f"127.0.0.1:{self.dir_port} {self.fingerprint}"
        )


def voting_offset_s(now_s: float) -> int:
    """Choose when a round of votes begins, so that the first is just after a start now.

    Args:
        now_s: wall-clock seconds since 1970. This is no privacy matter: it is only used
            modulo 20, by tors that nobody outside this machine can see.
    """
    return (int(now_s) + 1 + _HEAD_START_S) % VOTING_INTERVAL_S


def joining_options(authorities: Sequence[Authority]) -> list[Option]:
    """List what any tor needs to take this network, and no other, for the Tor network."""
    return [
        ("TestingTorNetwork", "1"),
        *(("DirAuthority", authority.line) for authority in authorities),
        # The country tables would be 43 MiB in each tor, and every address is our own.
        ("GeoIPFile", "/dev/null"),
        ("GeoIPv6File", "/dev/null"),
        # KIST batches cells for 10 ms at each hop, which only a real network rewards.
        ("Schedulers", "Vanilla"),
    ]


def authority_options(own: Authority, *, offset_s: int) -> list[Option]:
    """List what one authority has beside `joining_options`.

    Args:
        own: itself.
        offset_s: from `voting_offset_s`, the same for all.
    """
    interval, delay = str(VOTING_INTERVAL_S), str(_DELAY_S)
    return [
        ("Nickname", own.nickname),
        ("Address", "127.0.0.1"),
        ("ORPort", f"127.0.0.1:{own.or_port}"),
        ("DirPort", f"127.0.0.1:{own.dir_port}"),
        ("SocksPort", "0"),
        ("ContactInfo", "nobody"),
        # No way out of this network: an onion service needs no exit.
        ("ExitPolicy", "reject *:*"),
        ("AssumeReachable", "1"),
        ("AuthoritativeDirectory", "1"),
        ("V3AuthoritativeDirectory", "1"),
        ("TestingDirAuthVoteGuard", "*"),
        ("TestingDirAuthVoteHSDir", "*"),
        ("MinUptimeHidServDirectoryV2", "0"),
        ("TestingV3AuthInitialVotingInterval", interval),
        ("V3AuthVotingInterval", interval),
        ("TestingV3AuthInitialVoteDelay", delay),
        ("V3AuthVoteDelay", delay),
        ("TestingV3AuthInitialDistDelay", delay),
        ("V3AuthDistDelay", delay),
        ("TestingV3AuthVotingStartOffset", str(offset_s)),
    ]


def client_options(socks_port: int) -> list[Option]:
    """List what the client has beside `joining_options`: a SOCKS port and nothing else."""
    return [("SocksPort", f"127.0.0.1:{socks_port}"), ("ClientOnly", "1")]


def limiting_options(bytes_per_s: int | None) -> list[Option]:
    """List what limits the line of the client, each way; None for no limit.

    Source: tor(1), BandwidthRate. It leaves loopback alone unless CountPrivateBandwidth is set,
    which TestingTorNetwork does. The burst must not be below the rate, and is 1 GiB otherwise.
    """
    if bytes_per_s is None:
        return []
    return [(name, f"{bytes_per_s} bytes") for name in ("BandwidthRate", "BandwidthBurst")]


def parse_identity(certificate: str) -> str:
    """Read the fingerprint of the signing identity out of a certificate by tor-gencert.

    Raises:
        ValueError: if it is no such certificate.
    """
    found = _IDENTITY.search(certificate)
    if found is None:
        raise ValueError("no fingerprint line in the certificate")
    return found["hex"]


def parse_listed(printed: str) -> str:
    """Read the fingerprint out of what `tor --list-fingerprint` prints, without spaces.

    Raises:
        ValueError: if there is none.
    """
    found = _LISTED.search(printed)
    if found is None:
        raise ValueError("no fingerprint was listed")
    return found["groups"].replace(" ", "")


def parse_consensus(ns_all: str) -> frozenset[str]:
    """Read which relays a consensus lists, as fingerprints, from GETINFO ns/all."""
    identities = (line.split()[2] for line in ns_all.splitlines() if line.startswith("r "))
    return frozenset(b64decode(identity + "=").hex().upper() for identity in identities)
