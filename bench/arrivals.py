"""What one arrival costs the matchmaker while N people wait.

Processor time, so that what else the machine does falls on nobody. Five houses. After each measured
arrival somebody comes or goes, unmeasured, so that N stays N.

uniform   all who wait want to talk; every second arrival listens and is matched at once
mixed     one to four languages and topics of many for everybody; four in five arrivals wait
apart     one language for all, but nobody's topic is the arrival's, and nobody waited for long
absent    all who wait are gone, and nobody has noticed yet
worst     the arrivals have four of everything, stand in as many lines as there can be and look
          along as many; and the limits of all who wait rule out all that the arrivals name
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, islice

from server.core.ids import Handle
from server.core.limits import LOOK_PLACES
from server.core.matching.matchmaker import FOREVER, Matchmaker
from server.core.matching.preferences import Intent, Preferences

from .table import print_table

SIZES = (100, 1_000, 10_000, 100_000)
BASE = 1_000
"""Growth is counted from here: fewer cannot fill the places that one look takes in."""

ROUNDS = 500
BAR_US = 1_000
"""Design, section 10: under 1 ms per arrival."""

TOPICS = tuple(f"topic {number}" for number in range(12))
LANGUAGES = tuple(f"language {number}" for number in range(25))


@dataclass(frozen=True)
class Scenario:
    """Who waits, and who comes."""

    name: str
    waits: Callable[[int], Preferences]
    """By number; no two of them fit each other."""

    comes: Callable[[int], Preferences]
    waited_s: float = 30
    """How long everybody has waited. At 30: topics are open, two who talk are not together yet."""

    present_until_s: float = FOREVER


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The worst of all houses, with as many people waiting as are tried."""

    longest_us: float
    """Mean or p99, whichever is longer."""

    growth: float
    """Of the mean, as a multiple of a logarithm's."""


def run() -> Arrivals:
    """Measure and print."""
    longest, growths = [], []
    for server in SERVERS:
        spent_us = {waiting: sorted(_measure(server, waiting)) for waiting in SIZES}
        means = {waiting: sum(spent) / len(spent) for waiting, spent in spent_us.items()}
        rows = [
            (
                f"{waiting:,}",
                means[waiting],
                spent[len(spent) * 99 // 100],
                spent[-1],
                means[waiting] / means[BASE],
                math.log(waiting) / math.log(BASE),
            )
            for waiting, spent in spent_us.items()
        ]
        _, mean, p99, _, growth, log = rows[-1]
        longest.append(max(mean, p99))
        growths.append(growth / log)
        print_table(
            f"One arrival, house '{server.name}' (bar: mean and p99 under {BAR_US:,} µs; growth no "
            "worse than a logarithm's)",
            ("people waiting", "mean µs", "p99 µs", "longest µs", "growth", "log would be"),
            rows,
        )
    return Arrivals(max(longest), max(growths))


def _measure(server: Scenario, waiting: int) -> list[float]:
    """Microseconds of each arrival."""
    matchmaker = Matchmaker(max_tickets=waiting + 1)
    numbers = count()
    for number in islice(numbers, waiting):
        matchmaker.arrive(_handle(number), server.waits(number), 0, server.present_until_s)
    spent_us = []
    for number in islice(numbers, ROUNDS):
        preferences = server.comes(number)
        began = time.thread_time_ns()
        matched = matchmaker.arrive(_handle(number), preferences, server.waited_s, FOREVER)
        spent_us.append((time.thread_time_ns() - began) / 1_000)
        if matched is None:
            matchmaker.withdraw(_handle(number))
        else:
            matchmaker.arrive(matched.handle, server.waits(number), server.waited_s, FOREVER)
        if server.present_until_s < server.waited_s:
            # Whom the arrival found absent is gone from the lines; here they come and go again.
            for gone in range(min(waiting, LOOK_PLACES)):
                matchmaker.refresh(_handle(gone), server.present_until_s)
        assert len(matchmaker) == waiting
    return spent_us


def _handle(number: int) -> Handle:
    return Handle(number.to_bytes(16, "big"))


def _some(codes: tuple[str, ...], number: int) -> frozenset[str]:
    """One to four of the codes, the same for the same number, scattered like chance would."""
    scattered = number * 2_654_435_761 % 2**32 >> 8
    return frozenset(codes[scattered // 7**at % len(codes)] for at in range(1 + scattered % 4))


def _mixed(intent: Intent, number: int) -> Preferences:
    speak = _some(LANGUAGES, number)
    return Preferences(
        intent, _some(TOPICS, number + 1), speak, practise=_some(LANGUAGES, number + 2)
    )


def _talks_or_listens(number: int) -> Preferences:
    return Preferences((Intent.TALK, Intent.LISTEN)[number % 2])


def _rules_all_out(number: int) -> Preferences:
    # As many different people in as many of the arrival's lines as there can be.
    one = frozenset({LANGUAGES[number % 8]})
    speak, practise = (frozenset(LANGUAGES[8:9]), one) if number % 12 < 4 else (one, frozenset())
    return Preferences(
        Intent.LISTEN, frozenset(TOPICS[:4]), speak, practise, frozenset(TOPICS[4:8])
    )


def _has_four_of_everything(_: int) -> Preferences:
    sets = (TOPICS[4:8], LANGUAGES[:4], LANGUAGES[4:8], TOPICS[8:])
    return Preferences(Intent.ANY, *map(frozenset, sets))


SERVERS = (
    Scenario("uniform", lambda _: Preferences(Intent.TALK), _talks_or_listens),
    Scenario(
        "mixed",
        lambda number: _mixed(Intent.LISTEN, number),
        lambda number: _mixed(Intent.LISTEN if number % 5 else Intent.TALK, number),
    ),
    Scenario(
        "apart",
        lambda _: Preferences(Intent.LISTEN, frozenset(TOPICS[:4]), frozenset(LANGUAGES[:1])),
        lambda _: Preferences(Intent.TALK, frozenset(TOPICS[4:8]), frozenset(LANGUAGES[:1])),
        waited_s=10,
    ),
    Scenario(
        "absent",
        lambda _: Preferences(Intent.LISTEN),
        lambda _: Preferences(Intent.TALK),
        present_until_s=1,
    ),
    Scenario("worst", _rules_all_out, _has_four_of_everything),
)
