"""The configuration of a private Tor network: its members and the options of each tor.

The network consists of five directory authorities that are also relays; a rendezvous needs at
least four relays. All of them are on 127.0.0.1. They share one clock, so they can vote every 20
seconds with delays of 2 seconds, and hold the first vote just after their start.

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
# The time from their start that five tors on two busy cores need until the consensus of the first
# round, both delays included.
_HEAD_START_S = 8

# The line `fingerprint` with 40 hexadecimal digits of a key certificate (dir-spec).
_IDENTITY = re.compile(r"^fingerprint (?P<hex>[0-9A-F]{40})$", re.MULTILINE)
_LISTED = re.compile(r"^\S+ (?P<groups>(?:[0-9A-F]{4} ){9}[0-9A-F]{4})$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Authority:
    """The public data of one directory authority, which is also a relay."""

    nickname: str
    or_port: int
    dir_port: int
    identity: str
    """Fingerprint of its v3 identity key, which certifies its signing key: 40 hex digits."""

    fingerprint: str
    """Fingerprint of its relay identity key: 40 hex digits, upper case."""

    @property
    def dir_authority(self) -> str:
        """The value of its DirAuthority option."""
        return (
            f"{self.nickname} orport={self.or_port} no-v2 v3ident={self.identity} "
            f"127.0.0.1:{self.dir_port} {self.fingerprint}"
        )


def voting_offset_s(now_s: float) -> int:
    """Return the offset of the voting rounds such that the first follows a start at `now_s`.

    Args:
        now_s: wall-clock seconds since 1970. This does not affect privacy: the value is used
            modulo 20, only by tors that are not reachable from outside this machine.
    """
    return (int(now_s) + 1 + _HEAD_START_S) % VOTING_INTERVAL_S


def joining_options(authorities: Sequence[Authority]) -> list[Option]:
    """Return the options with which a tor uses this network instead of the public one."""
    return [
        ("TestingTorNetwork", "1"),
        *(("DirAuthority", authority.dir_authority) for authority in authorities),
        # The GeoIP tables would take 43 MiB in each tor, and every address here is loopback.
        ("GeoIPFile", "/dev/null"),
        ("GeoIPv6File", "/dev/null"),
        # KIST batches cells for 10 ms at each hop; that only pays off on a real network.
        ("Schedulers", "Vanilla"),
    ]


def authority_options(own: Authority, *, offset_s: int) -> list[Option]:
    """Return the options of one authority, in addition to `joining_options`.

    Args:
        own: the authority that gets these options.
        offset_s: from `voting_offset_s`, the same for all authorities.
    """
    interval, delay = str(VOTING_INTERVAL_S), str(_DELAY_S)
    return [
        ("Nickname", own.nickname),
        ("Address", "127.0.0.1"),
        ("ORPort", f"127.0.0.1:{own.or_port}"),
        ("DirPort", f"127.0.0.1:{own.dir_port}"),
        ("SocksPort", "0"),
        ("ContactInfo", "nobody"),
        # No exits: an onion service does not need them.
        ("ExitPolicy", "reject *:*"),
        ("AssumeReachable", "1"),
        ("AuthoritativeDirectory", "1"),
        ("V3AuthoritativeDirectory", "1"),
        ("TestingDirAuthVoteGuard", "*"),
        ("TestingDirAuthVoteHSDir", "*"),
        ("MinUptimeHidServDirectoryV2", "0"),
        # Otherwise a relay that is slower than others for a moment loses Fast, Stable or Running.
        # tor takes second-layer guards only from relays that have them. Without enough of these a
        # new tor stays at 95 % for ever.
        ("AuthDirFastGuarantee", "1 bytes"),
        ("AuthDirVoteStableGuaranteeMinUptime", "0"),
        ("AuthDirVoteStableGuaranteeMTBF", "0"),
        ("AuthDirTestReachability", "0"),
        ("TestingV3AuthInitialVotingInterval", interval),
        ("V3AuthVotingInterval", interval),
        ("TestingV3AuthInitialVoteDelay", delay),
        ("V3AuthVoteDelay", delay),
        ("TestingV3AuthInitialDistDelay", delay),
        ("V3AuthDistDelay", delay),
        ("TestingV3AuthVotingStartOffset", str(offset_s)),
    ]


def client_options(socks_port: int) -> list[Option]:
    """Return the options of the client, in addition to `joining_options`: only a SOCKS port."""
    return [("SocksPort", f"127.0.0.1:{socks_port}"), ("ClientOnly", "1")]


def bandwidth_options(bytes_per_s: int | None) -> list[Option]:
    """Return the options that limit the client's bandwidth in each direction; None for no limit.

    Source: tor(1), BandwidthRate. It does not apply to loopback unless CountPrivateBandwidth is
    set, which TestingTorNetwork does. The burst must not be below the rate; its default is 1 GiB.
    """
    if bytes_per_s is None:
        return []
    return [(name, f"{bytes_per_s} bytes") for name in ("BandwidthRate", "BandwidthBurst")]


def parse_identity(certificate: str) -> str:
    """Parse the fingerprint of the identity key from a certificate made by tor-gencert.

    Raises:
        ValueError: if it is not such a certificate.
    """
    found = _IDENTITY.search(certificate)
    if found is None:
        raise ValueError("no fingerprint line in the certificate")
    return found["hex"]


def parse_fingerprint(printed: str) -> str:
    """Parse the fingerprint, without spaces, from the output of `tor --list-fingerprint`.

    Raises:
        ValueError: if the output contains none.
    """
    found = _LISTED.search(printed)
    if found is None:
        raise ValueError("no fingerprint was listed")
    return found["groups"].replace(" ", "")


def parse_consensus(ns_all: str) -> frozenset[str]:
    """Parse the fingerprints of all relays in a consensus, from GETINFO ns/all."""
    identities = (line.split()[2] for line in ns_all.splitlines() if line.startswith("r "))
    return frozenset(b64decode(identity + "=").hex().upper() for identity in identities)
