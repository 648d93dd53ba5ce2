"""What one arrival costs the matchmaker while N people wait: to enter, and the draw after it.

    python -m bench.arrivals

Five scenarios, each measured in three ways:

steps   the instructions that the interpreter executes, the same in each run: the work grows no
        faster than a logarithm. A function written in C counts as one. Those on this path work on a
        block of `SortedInts`, add up the lengths of its blocks, or bisect.
µs      processor time, so that other load on the machine does not count. It shows what those
        functions take as well.
again   the same arrival is undone and measured a second time, with the same random choices: the
        same work, on memory that has just been used. The difference between the two is the price
        of the memory: the tickets of a longer queue do not fit into the processor's caches.

Each measured arrival is undone, unmeasured, so that N stays N. Nobody is left out, so each draw has
one search. A draw of many arrivals is made in slices (`DRAW_SLICE_TICKETS`); here it costs the same
for each.

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
from functools import partial
from itertools import count

from server.core.ids import Handle
from server.core.matching.chance import Chance, SystemChance
from server.core.matching.matchmaker import FOREVER, Matchmaker, Pair
from server.core.matching.preferences import Intent, Preferences
from tests.fakes import SeededChance

from .steps import steps_of
from .table import print_table

SIZES = (100, 1_000, 10_000, 100_000)
BASE = 1_000
"""Growth is counted from here: a shorter queue cannot fill what one search looks at."""

ROUNDS = 300
STEP_ROUNDS = 60
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

    steps_growth: float
    """Growth of the executed steps, as a multiple of a logarithm's."""

    us_growth: float
    """Growth of the mean time, as a multiple of a logarithm's."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What the arrivals at one queue took."""

    steps: float
    """Mean."""

    us: list[float]
    """Ascending."""

    again_us: list[float]
    """Ascending."""

    @property
    def mean_us(self) -> float:
        """Mean of the first time."""
        return sum(self.us) / len(self.us)

    @property
    def p99_us(self) -> float:
        """The 99th percentile of the first time."""
        return self.us[len(self.us) * 99 // 100]

    @property
    def again_mean_us(self) -> float:
        """Mean of the second time."""
        return sum(self.again_us) / len(self.again_us)


def run() -> Arrivals:
    """Measure and print."""
    longest, steps_growths, us_growths = [], [], []
    for scenario in SCENARIOS:
        spent = {waiting: _measure(scenario, waiting) for waiting in SIZES}
        base = spent[BASE]
        print_table(
            f"One arrival and its draw, scenario '{scenario.name}' (bars: mean and p99 at most "
            f"{BARE_REQUESTS} bare requests; steps and mean grow no faster than a logarithm)",
            (
                *("waiting", "log", "steps", "growth", "mean µs", "growth", "again µs", "growth"),
                *("p99 µs", "longest µs"),
            ),
            [
                (
                    f"{waiting:,}",
                    logarithm(waiting),
                    round(one.steps),
                    one.steps / base.steps,
                    one.mean_us,
                    one.mean_us / base.mean_us,
                    one.again_mean_us,
                    one.again_mean_us / base.again_mean_us,
                    one.p99_us,
                    one.us[-1],
                )
                for waiting, one in spent.items()
            ],
        )
        last = spent[SIZES[-1]]
        longest.append(max(last.mean_us, last.p99_us))
        steps_growths.append(last.steps / base.steps / logarithm(SIZES[-1]))
        us_growths.append(last.mean_us / base.mean_us / logarithm(SIZES[-1]))
    return Arrivals(max(longest), max(steps_growths), max(us_growths))


def logarithm(waiting: int) -> float:
    """Return how far a logarithm has grown since `BASE`."""
    return math.log(waiting) / math.log(BASE)


def mean_steps(queue: Queue, rounds: int = STEP_ROUNDS) -> float:
    """Return the steps of one arrival. They depend on nothing but the arguments."""
    queue.chance.source = SeededChance()
    steps = 0
    for _ in range(rounds):
        arrival = queue.next_arrival()
        steps += steps_of(arrival.happen)
        arrival.undo()
    return steps / rounds


def _measure(scenario: Scenario, waiting: int) -> Spent:
    queue = Queue(scenario, waiting)
    steps = mean_steps(queue)
    queue.chance.source = SystemChance()
    spent = list(zip(*(_time_twice(queue) for _ in range(ROUNDS)), strict=True))
    return Spent(steps, sorted(spent[0]), sorted(spent[1]))


def _time_twice(queue: Queue) -> tuple[float, float]:
    """Return the microseconds of one arrival, and those of the same one again."""
    arrival, taken = queue.next_arrival(), list[int]()
    queue.chance.taken = taken
    first_us = _time_us(arrival.happen)
    arrival.undo()
    queue.chance.repeated = taken[::-1]
    again_us = _time_us(arrival.happen)
    arrival.undo()
    return first_us, again_us


def _time_us(call: Callable[[], object]) -> float:
    began_ns = time.thread_time_ns()
    call()
    return (time.thread_time_ns() - began_ns) / 1_000


class _RepeatedChance:
    """Lets another source decide, takes note of it, and decides the same again when asked to.

    The other source is asked in any case, so that it costs the same.
    """

    def __init__(self, source: Chance) -> None:
        self.source = source
        self.taken: list[int] = []
        self.repeated: list[int] = []
        """Decisions to repeat, the next one last."""

    def below(self, stop: int, /) -> int:
        """See `Chance`."""
        number = self.source.below(stop)
        if self.repeated:
            number = self.repeated.pop()
            assert number < stop
        self.taken.append(number)
        return number

    def happens(self, probability: float, /) -> bool:
        """See `Chance`."""
        return self.source.happens(probability)


class Queue:
    """So many people who wait, none of whom fits another."""

    def __init__(self, scenario: Scenario, waiting: int) -> None:
        self.scenario, self.waiting = scenario, waiting
        self.chance = _RepeatedChance(SeededChance())
        self.matchmaker = Matchmaker(max_tickets=waiting + 1, chance=self.chance, left_out=0)
        self._numbers = count()
        for _ in range(waiting):
            number = next(self._numbers)
            self.matchmaker.enter(
                _handle(number), scenario.waits(number), 0, scenario.present_until_s
            )
        self.settle()

    def next_arrival(self) -> Arrival:
        """Return the arrival of somebody new."""
        return Arrival(self, next(self._numbers))

    def settle(self) -> None:
        """Let everybody who waits search in vain, so that only the next arrival is due."""
        for _ in range(SETTLING_DRAWS):
            if any(self.matchmaker.draw(self.scenario.waited_s)):
                raise AssertionError("two who wait fit each other")
        assert len(self.matchmaker) == self.waiting


class Arrival:
    """Somebody who comes to a queue; can be undone and happen again."""

    def __init__(self, queue: Queue, number: int) -> None:
        self._queue, self._handle = queue, _handle(number)
        self._enter = partial(
            queue.matchmaker.enter,
            self._handle,
            queue.scenario.comes(number),
            present_until_s=FOREVER,
        )
        self._pairs: list[list[Pair]] = []

    def happen(self) -> None:
        """Enter, and make the draw."""
        now_s = self._queue.scenario.waited_s
        self._enter(now_s=now_s)
        self._pairs = list(self._queue.matchmaker.draw(now_s))

    def undo(self) -> None:
        """Restore the queue."""
        scenario, matchmaker = self._queue.scenario, self._queue.matchmaker
        matchmaker.withdraw(self._handle)
        for older, _ in (pair for pairs in self._pairs for pair in pairs):
            matchmaker.requeue(older)
        if scenario.present_until_s < scenario.waited_s:
            # The search hid the absent visitors that it met: show them again.
            tickets = matchmaker._waiting
            for gone in [tickets.at(order).handle for order in tickets._hidden]:
                matchmaker.set_presence(gone, scenario.present_until_s)
        self._queue.settle()


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

if __name__ == "__main__":
    run()
