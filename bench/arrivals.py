"""What one arrival costs the matchmaker while N people wait: to enter, and the draw after it.

Measured in processor time, so that other load on the machine does not count. Five scenarios. After
each measured arrival a visitor joins or leaves the queue, unmeasured, so that N stays N. Nobody is
left out, so each draw has one search. A draw of many arrivals is made in slices
(`DRAW_SLICE_TICKETS`); here it costs the same for each.

uniform   all waiting visitors want to talk; every second arrival listens and is matched at once
mixed     one to four languages and topics of many for everybody; four in five arrivals wait
apart     one language for all, but no topic fits the arrival's, and nobody has waited for long
absent    all waiting visitors are gone, and the matchmaker has not noticed yet
worst     the arrivals name as much as they may, so they are in as many indexes as possible and
          search as many; and the limits of all waiting visitors rule out what the arrivals name
"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, islice

from server.core.ids import Handle
from server.core.matching.chance import SystemChance
from server.core.matching.matchmaker import FOREVER, Matchmaker
from server.core.matching.preferences import Intent, Preferences

from .table import print_table

SIZES = (100, 1_000, 10_000, 100_000)
BASE = 1_000
"""Growth is counted from here: a shorter queue cannot fill what one search looks at."""

ROUNDS = 300
SETTLING_DRAWS = 2
BARE_REQUESTS = 4
"""Design, section 10: at most as long as so many requests of a bare Hypercorn, in the same run."""

TOPICS = tuple(f"topic {number}" for number in range(12))
LANGUAGES = tuple(f"language {number}" for number in range(25))


@dataclass(frozen=True)
class Scenario:
    """Who is waiting, and who arrives."""

    name: str
    waits: Callable[[int], Preferences]
    """Preferences by number; no two of them fit each other."""

    comes: Callable[[int], Preferences]
    waited_s: float = 30
    """How long all have waited. At 30 s topics are waived, and two talkers are not matched yet."""

    present_until_s: float = FOREVER


@dataclass(frozen=True, slots=True)
class Arrivals:
    """The worst of all scenarios, with the longest queue."""

    longest_us: float
    """Mean or p99, whichever is longer."""

    growth: float
    """Growth of the mean, as a multiple of a logarithm's."""


def run() -> Arrivals:
    """Measure and print."""
    longest, growths = [], []
    for scenario in SCENARIOS:
        spent_us = {waiting: sorted(_measure(scenario, waiting)) for waiting in SIZES}
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
            f"One arrival and its draw, scenario '{scenario.name}' (bar: mean and p99 at most "
            f"{BARE_REQUESTS} bare requests; growth no worse than a logarithm's)",
            ("people waiting", "mean µs", "p99 µs", "longest µs", "growth", "log would be"),
            rows,
        )
    return Arrivals(max(longest), max(growths))


def _measure(scenario: Scenario, waiting: int) -> list[float]:
    """Microseconds of each arrival."""
    matchmaker = Matchmaker(max_tickets=waiting + 1, chance=SystemChance(), left_out=0)
    numbers = count()
    for number in islice(numbers, waiting):
        matchmaker.enter(_handle(number), scenario.waits(number), 0, scenario.present_until_s)
    _settle(matchmaker, scenario.waited_s)
    spent_us = []
    for number in islice(numbers, ROUNDS):
        preferences = scenario.comes(number)
        began = time.thread_time_ns()
        matchmaker.enter(_handle(number), preferences, scenario.waited_s, FOREVER)
        pairs = list(matchmaker.draw(scenario.waited_s))
        spent_us.append((time.thread_time_ns() - began) / 1_000)
        matched = [older for slices in pairs for older, _ in slices]
        matchmaker.withdraw(_handle(number))
        for ticket in matched:
            matchmaker.enter(ticket.handle, ticket.preferences, scenario.waited_s, FOREVER)
        if scenario.present_until_s < scenario.waited_s:
            # The search hid the absent visitors that it met: show them again.
            tickets = matchmaker._waiting
            for gone in [tickets.at(order).handle for order in tickets._hidden]:
                matchmaker.set_presence(gone, scenario.present_until_s)
        _settle(matchmaker, scenario.waited_s)
        assert len(matchmaker) == waiting
    return spent_us


def _settle(matchmaker: Matchmaker, now_s: float) -> None:
    """Let everybody who waits search in vain, so that only the next arrival is due."""
    for _ in range(SETTLING_DRAWS):
        if any(matchmaker.draw(now_s)):
            raise AssertionError("two who wait fit each other")


def _handle(number: int) -> Handle:
    return Handle(number.to_bytes(16, "big"))


def _some(codes: tuple[str, ...], number: int) -> frozenset[str]:
    """Choose one to four of the codes, always the same for the same number, spread evenly."""
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
    # As many different visitors in as many of the arrival's indexes as possible.
    one = frozenset({LANGUAGES[number % 8]})
    speak, practise = (frozenset(LANGUAGES[8:9]), one) if number % 12 < 4 else (one, frozenset())
    return Preferences(
        Intent.LISTEN, frozenset(TOPICS[:4]), speak, practise, frozenset(TOPICS[4:6])
    )


def _has_four_of_everything(_: int) -> Preferences:
    sets = (TOPICS[4:6], LANGUAGES[:4], LANGUAGES[4:8], TOPICS[8:10])
    return Preferences(Intent.ANY, *map(frozenset, sets))


SCENARIOS = (
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
