"""What tor says is explained in one plain sentence; the time tells one failure from another."""

from __future__ import annotations

import pytest

from onion.diagnosis.explain import GONE, NO_ROUTE, SILENT, Diagnosis, diagnose, explain
from onion.diagnosis.route import ANYWHERE, has_route

pytestmark = pytest.mark.checklist(31)

BRIDGE = ["192.0.2.7:443"]
START = 'Dec 01 23:59:29.000 [notice] Starting with guard context "bridges"'


def failure(time: str, address: str = BRIDGE[0]) -> str:
    return (
        f"Dec 01 {time}.000 [warn] Proxy Client: unable to connect OR connection (handshaking"
        f" (proxy)) with {address} ID=<none> RSA_ID={'A' * 40}"
        ' ("general SOCKS server failure")'
    )


def meaning_of(*lines: str, tag: str = "", routed: bool = True, skew_s: int | None = None) -> str:
    found = diagnose(lines, tag=tag, bridges=BRIDGE, skew_s=skew_s, routed=lambda _: routed)
    assert found.hint
    return found.meaning


def test_failure_at_once_is_a_bridge_that_is_gone() -> None:
    assert meaning_of(START, failure("23:59:30")) == GONE.meaning
    assert meaning_of(failure("23:59:59"), failure("00:00:03")) == GONE.meaning


def test_failure_after_a_long_silence_is_a_bridge_that_answers_otherwise() -> None:
    assert meaning_of(START, failure("00:00:08")) == SILENT.meaning
    assert meaning_of(failure("10:00:00"), failure("10:00:39")) == SILENT.meaning
    assert meaning_of(START, tag="conn_done_pt") == SILENT.meaning


def test_two_bridges_that_fail_together_are_not_one_that_fails_at_once() -> None:
    other = "192.0.2.8:443"
    lines = [failure("10:00:39"), failure("10:00:40", other), failure("10:01:18")]
    assert meaning_of(*lines, failure("10:01:19", other)) == SILENT.meaning


def test_machine_without_a_way_there_is_named_first() -> None:
    assert meaning_of(START, failure("23:59:30"), routed=False) == NO_ROUTE.meaning
    assert meaning_of(START, routed=False) == NO_ROUTE.meaning


def test_address_that_is_only_a_placeholder_says_nothing_of_the_network() -> None:
    found = diagnose(
        [], tag="conn_done_pt", bridges=["[2001:db8::1]:443"], routed=lambda to: to == ANYWHERE
    )
    assert found.meaning == SILENT.meaning


@pytest.mark.parametrize(
    ("words", "meaning"),
    [
        (
            "Received NETINFO cell with skewed time (OR:192.0.2.7:443): It seems that our clock is"
            " behind by 2 days, 0 hours, 0 minutes, or that theirs is ahead. Tor requires an"
            " accurate clock to work: please check your time, timezone, and date settings.",
            "the clock of this machine is wrong",
        ),
        (
            "Problem bootstrapping. Stuck at 5% (conn): Connecting to a relay. (Network is"
            " unreachable; NOROUTE; count 1; recommendation warn; host A at 192.0.2.7:443)",
            NO_ROUTE.meaning,
        ),
        (
            "Managed proxy at '/usr/bin/obfs4proxy' died in state Completed",
            "the program of the bridge's transport ended, and tor starts it again",
        ),
        (
            "Managed proxy '/usr/bin/x' did not configure the specified outgoing proxy and will be"
            " terminated.",
            "the program of the bridge's transport cannot go through your proxy",
        ),
    ],
)
def test_known_words_are_explained_and_kept(words: str, meaning: str) -> None:
    found = explain(words)
    assert found is not None
    assert (found.meaning, found.words) == (meaning, words)
    assert found.hint
    assert meaning_of(f"Dec 01 10:00:00.000 [warn] {words}") == meaning


def test_clock_that_tor_measured_is_named_in_seconds() -> None:
    assert "off by -7200 s" in meaning_of(START, failure("23:59:30"), skew_s=-7200)


def test_directory_that_is_out_of_date_points_to_a_clock_that_is_ahead() -> None:
    line = (
        "Dec 03 02:16:33.000 [notice] I learned some more directory information, but not enough to"
        " build a circuit: We have no recent usable consensus."
    )
    found = diagnose([START, line], tag="loading_keys", bridges=BRIDGE, routed=lambda _: True)
    assert "out of date for this machine's clock" in found.meaning
    assert found.words.endswith("We have no recent usable consensus")
    assert "the clock is ahead" in found.hint


def test_last_known_warning_wins_over_a_later_unknown_one() -> None:
    lines = [START, failure("23:59:30"), "Dec 01 23:59:31.000 [warn] 3 connections have failed:"]
    assert meaning_of(*lines) == GONE.meaning


def test_unknown_words_are_kept_without_a_meaning() -> None:
    found = diagnose(["Dec 01 10:00:00.000 [warn] Something new."], routed=lambda _: True)
    assert (found.meaning, found.words) == ("", "Something new")
    assert "use bridges" in found.hint
    assert explain("Something new") is None
    assert diagnose([], warning="No luck", routed=lambda _: True).words == "No luck"
    assert diagnose([], routed=lambda _: True) == Diagnosis(hint=found.hint)


def test_way_is_asked_for_without_sending_anything() -> None:
    assert has_route("127.0.0.1:1")
    assert has_route("[::1]:1") in (True, False)
    assert has_route("no address"), "what cannot be found out is no reason to blame the network"
    assert ANYWHERE.startswith("192.0.2.")
