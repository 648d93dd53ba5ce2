"""Says in one plain sentence what tor's log means for somebody who cannot connect.

Tor's words are those of tor 0.4.9; the tests cause the failures of bridges again, with the real
programs.

The program of a transport (obfs4proxy 0.0.14) answers every failure with "general SOCKS server
failure". The time tells them apart: where nobody listens, or where there is no way, it took 1 to 2
seconds; where another key answered, or nobody at all, 39 to 61 seconds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from onion.launch.exit_reason import warning_in

from .route import ANYWHERE, has_route

_BRIDGES = "https://bridges.torproject.org"
_SET_CLOCK = "set the clock and the time zone, for instance: timedatectl set-ntp true"
AT_ONCE_S = 15
"""A failure after fewer seconds is one at once."""

_DAY_S = 24 * 3600


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """Why tor cannot connect, as far as it is known."""

    meaning: str = ""
    """One plain sentence, in lower case without a full stop; empty if tor's words are not known."""

    words: str = ""
    """Tor's own last words about it; empty if it said nothing."""

    hint: str = ""
    """What the operator can do."""


NO_ROUTE = Diagnosis(
    "this machine has no way into the network",
    hint="check its cable, its address and its gateway: ip route",
)
GONE = Diagnosis(
    "nobody answers at the bridge's address",
    hint=f"the bridge is gone or blocked: ask for others: {_BRIDGES}",
)
SILENT = Diagnosis(
    "the bridge does not answer as its line says",
    # obfs4-spec, "Key Establishment Phase": the hour is part of what is compared.
    hint="compare cert= with the line that you were given, and check the clock: an hour is too"
    f" much; or the bridge is blocked: ask for others: {_BRIDGES}",
)
OUT_OF_DATE = Diagnosis(
    "the directory that tor was given is out of date for this machine's clock",
    hint=f"most likely the clock is ahead: {_SET_CLOCK}",
)
_OUT_OF_DATE = re.compile(r"We have no recent usable consensus")
REFUSED = Diagnosis("nobody listens at the address that tor connects to")
_MAY_BE_THE_NETWORK = ("", GONE.meaning, SILENT.meaning)
_TIME = re.compile(r"^\w{3} \d+ (?P<h>\d\d):(?P<m>\d\d):(?P<s>\d\d)")
_SOCKS = re.compile(r"with (?P<address>\S+) ID=.*general SOCKS server failure")
_KNOWN = (
    (
        re.compile(r"died in state Completed"),
        Diagnosis(
            "the program of the bridge's transport ended, and tor starts it again",
            hint="if this is said often, install the program again, or use another transport",
        ),
    ),
    (
        re.compile(
            r"Could not launch managed proxy|failed at launch|failed the configuration protocol"
            r"|no configured transport called|can't find a pluggable transport proxy"
            r"|Managed proxy .* (?:terminated with status|died in state)"
            r"|didn't launch any pluggable transport listeners"
        ),
        Diagnosis(
            "the program of the bridge's transport does not run",
            hint="run `sottovoce doctor`: it tries the program and says what is wrong with it",
        ),
    ),
    (
        re.compile(r"did not configure the specified outgoing proxy|failed to configure the plug"),
        Diagnosis(
            "the program of the bridge's transport cannot go through your proxy",
            hint="use another transport, or no HTTPSProxy, Socks4Proxy or Socks5Proxy",
        ),
    ),
    (
        re.compile(r"identity keys were not as expected|Unexpected identity in router certificate"),
        Diagnosis(
            "the bridge's address answers with another fingerprint than the one in its line",
            hint="compare its 40 digits with the line that you were given, or ask for others",
        ),
    ),
    (
        re.compile(r"skewed time|[Oo]ur clock is|Tor requires an accurate clock"),
        Diagnosis("the clock of this machine is wrong", hint=_SET_CLOCK),
    ),
    (re.compile(r"[Nn]etwork is unreachable|NOROUTE|No route to host"), NO_ROUTE),
    (re.compile(r"[Cc]onnection refused|CONNECTREFUSED"), REFUSED),
    (re.compile(r"general SOCKS server failure"), SILENT),
    (
        re.compile(r"[Cc]onnection timed out|; TIMEOUT;"),
        Diagnosis("the address that tor connects to does not answer"),
    ),
)


def explain(words: str) -> Diagnosis | None:
    """Return what one warning of tor means; None if it is not known."""
    found = (replace(known, words=words) for pattern, known in _KNOWN if pattern.search(words))
    return next(found, None)


def diagnose(
    lines: Sequence[str],
    *,
    tag: str = "",
    warning: str = "",
    skew_s: int | None = None,
    bridges: Sequence[str] = (),
    routed: Callable[[str], bool] = has_route,
) -> Diagnosis:
    """Find out from tor's last lines why it does not connect.

    Args:
        lines: of tor's log, oldest first.
        tag: the step at which it stands.
        warning: the problem that tor reported with that step, if there was one.
        skew_s: by how much the clock is off, if tor reported it.
        bridges: the addresses of the bridges; none if tor connects directly.
        routed: whether this machine has a way to an address.
    """
    texts = [text for text in map(warning_in, lines) if text]
    known = [found for found in map(explain, [*filter(None, [warning]), *texts]) if found]
    found = known[-1] if known else Diagnosis(words=(texts or [warning])[-1])
    stale = [line.partition("] ")[2] for line in lines if _OUT_OF_DATE.search(line)]
    if stale and not known:
        # Tor does not warn of a clock that is ahead; this is a mere notice.
        found = replace(OUT_OF_DATE, words=stale[-1].rstrip("."))
    if skew_s is not None:
        meaning = f"the clock of this machine seems to be off by {skew_s} s"
        return Diagnosis(meaning, found.words, _SET_CLOCK)
    if not known and tag == "conn_done_pt":
        # The program of the transport runs, and waits for the bridge.
        found = replace(SILENT, words=found.words)
    if found.meaning == SILENT.meaning and _fails_at_once(lines):
        found = replace(GONE, words=found.words)
    if found.meaning in _MAY_BE_THE_NETWORK and not any(map(routed, (*bridges, ANYWHERE))):
        found = replace(NO_ROUTE, words=found.words)
    return replace(found, hint=found.hint or _general_hint(bridges))


def _general_hint(bridges: Sequence[str]) -> str:
    if bridges:
        return (
            "check the clock, and compare the bridge's line with the one that you were given; or"
            f" ask for others: {_BRIDGES}"
        )
    return (
        "check that the network works and the clock is right; where tor is blocked, use bridges:"
        f" {_BRIDGES}"
    )


def _fails_at_once(lines: Sequence[str]) -> bool:
    """Whether two failures of one bridge, or the start and the first, are close together."""
    last_s: dict[str, int] = {}
    start_s = None
    for line in lines:
        time_s = _second_of_day(line)
        if time_s is None:
            continue
        if "guard context" in line:
            start_s = time_s
        failed = _SOCKS.search(line)
        if failed is None:
            continue
        before_s = last_s.get(failed["address"], start_s)
        last_s[failed["address"]] = time_s
        if before_s is not None and (time_s - before_s) % _DAY_S < AT_ONCE_S:
            return True
    return False


def _second_of_day(line: str) -> int | None:
    found = _TIME.match(line)
    return int(found["h"]) * 3600 + int(found["m"]) * 60 + int(found["s"]) if found else None
