"""What somebody with many tickets can do to the matching: `python -m bench.matching_attack`.

Nothing is timed here: people come at random seconds, and the real `Matchmaker` draws. Beside it
stands a model of the rule before it, first come, first served (`FirstCome`). Three questions:

taken       an attacker keeps some tickets waiting that never fit each other, and asks again at once
            after each match: how many of the others meet somebody who is no attacker?
recognised  a ticket of the attacker has just met V and blocked them, another one has not: how often
            is the person whom the second one meets V?
waits       how long people wait without an attacker, for several chances of being left out

The attacker wants to listen with all tickets: two who listen never fit. In the first two questions
everybody else takes either, and so fits the attacker and each other. The seeds are fixed, so that
two runs print the same.
"""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from server.core.errors import CooldownError
from server.core.ids import CircuitKey, Handle
from server.core.limits import DRAW_EVERY_S, LEFT_OUT_CHANCE
from server.core.matching.matchmaker import FOREVER, Matchmaker
from server.core.matching.preferences import Intent, Preferences
from server.core.matching.ticket import Ticket, may_match
from server.core.session.backoff import MATCHES, Backoff
from tests.fakes import SeededChance

from .table import print_table

HOURS = {
    "quiet, 1 a minute": 1 / 60,
    "1 in 5 s": 1 / 5,
    "busy, 1 a second": 1.0,
    "10 a second": 10.0,
}
"""Arrivals a second."""

PEOPLE = 1_000
TICKETS = (1, 5, 20)
CHANCES = (0.0, 0.25, 0.5, 0.75)
CROWDS = (1, 4, 19, 99)
"""People beside V who come in the same minute."""

RESERVES_S = (1, 3)
"""Seconds after V asked for the next talk at which the attacker's second ticket enters."""

TRIALS = 1_000
WINDOW_S = 60
INTENTS = {Intent.TALK: 40, Intent.LISTEN: 20, Intent.ANY: 40}
"""What people want, in percent, where waiting is simulated. Assumed: nobody has counted it."""

EITHER = {Intent.ANY: 100}

LISTENS = Preferences(Intent.LISTEN)
MAX_TICKETS = 100_000

Match = tuple[str, str, float]
"""Two names, and when they were matched."""


@dataclass(slots=True)
class Rule:
    """How matches are made: a name for a visitor, the time, and who may not meet whom."""

    left_out: float | None = LEFT_OUT_CHANCE
    """The chance of being left out; `None` for first come, first served."""

    def make(self, seed: int) -> Queue:
        """Make an empty queue."""
        return FirstCome() if self.left_out is None else Drawn(self.left_out, seed)


class Queue(Protocol):
    """A queue of waiting visitors."""

    def enter(
        self, name: str, preferences: Preferences, now_s: float, never: str, circuit: str
    ) -> None:
        """Let a visitor wait."""

    def withdraw(self, name: str) -> None:
        """Let a visitor cancel."""

    def waits(self, name: str) -> bool:
        """Whether a visitor waits."""

    def draw(self, now_s: float) -> list[Match]:
        """Return the matches of this round."""


class Drawn:
    """The rule of the server.

    Args:
        left_out: the chance of being left out of the first draw.
        seed: of the chance.
    """

    def __init__(self, left_out: float, seed: int) -> None:
        self._matchmaker = Matchmaker(
            max_tickets=MAX_TICKETS, chance=SeededChance(seed), left_out=left_out
        )

    def enter(
        self, name: str, preferences: Preferences, now_s: float, never: str, circuit: str
    ) -> None:
        """See `Queue`."""
        key = CircuitKey(circuit.encode()) if circuit else None
        blocked = frozenset({_handle(never)} if never else ())
        self._matchmaker.enter(
            _handle(name), preferences, now_s, FOREVER, circuit=key, never=blocked
        )

    def withdraw(self, name: str) -> None:
        """See `Queue`."""
        self._matchmaker.withdraw(_handle(name))

    def waits(self, name: str) -> bool:
        """See `Queue`."""
        return self._matchmaker.ticket(_handle(name)) is not None

    def draw(self, now_s: float) -> list[Match]:
        """See `Queue`."""
        pairs = (pair for pairs in self._matchmaker.draw(now_s) for pair in pairs)
        return [(one.handle.decode(), other.handle.decode(), now_s) for one, other in pairs]


class FirstCome:
    """The rule before: whoever comes is matched with the oldest ticket that fits."""

    def __init__(self) -> None:
        self._waiting: dict[str, Ticket] = {}
        self._found: list[Match] = []
        self._order = 0

    def enter(
        self, name: str, preferences: Preferences, now_s: float, never: str, circuit: str
    ) -> None:
        """See `Queue`; it knows no circuits."""
        del circuit
        self._order += 1
        blocked = frozenset({_handle(never)} if never else ())
        ticket = Ticket(_handle(name), preferences, self._order, now_s, FOREVER, blocked=blocked)
        if not self._match(name, ticket, now_s):
            self._waiting[name] = ticket

    def _match(self, name: str, ticket: Ticket, now_s: float) -> bool:
        for other, waiting in self._waiting.items():
            if other != name and may_match(ticket, waiting, now_s):
                del self._waiting[other]
                self._found.append((other, name, now_s))
                return True
        return False

    def withdraw(self, name: str) -> None:
        """See `Queue`."""
        self._waiting.pop(name, None)

    def waits(self, name: str) -> bool:
        """See `Queue`."""
        return name in self._waiting

    def draw(self, now_s: float) -> list[Match]:
        """See `Queue`: the matches since the last time, and those who fit because they waited."""
        for name, ticket in list(self._waiting.items()):
            if name in self._waiting and self._match(name, ticket, now_s):
                del self._waiting[name]
        found, self._found = self._found, []
        return found


def _handle(name: str) -> Handle:
    return Handle(name.encode())


@dataclass(slots=True)
class Attacker:
    """Some tickets that wait all the time.

    Its circuits are slowed as the server slows them (`MATCHES`); where circuits are not known it
    uses a new session for each match, and nothing slows it.
    """

    tickets: int
    circuits: str
    """`unknown`, `own` for one circuit to each ticket, or `one` for all."""

    _pauses: dict[str, Backoff] = field(default_factory=dict)
    _free: deque[str] = field(default_factory=deque)
    _number: int = 0

    def __post_init__(self) -> None:
        self._free.extend(self._slots())

    def _slots(self) -> Iterator[str]:
        for number in range(self.tickets):
            yield {"unknown": f"-{number}", "own": f"c{number}", "one": "c"}[self.circuits]

    def enter(self, queue: Queue, now_s: float) -> None:
        """Let every ticket wait that may."""
        for _ in range(len(self._free)):
            slot = self._free.popleft()
            pause = self._pauses.get(slot)
            try:
                if pause is not None:
                    pause.check(now_s)
            except CooldownError:
                self._free.append(slot)
                continue
            self._number += 1
            circuit = "" if self.circuits == "unknown" else slot
            queue.enter(f"attacker {slot} {self._number}", LISTENS, now_s, "", circuit)

    def met(self, name: str, now_s: float) -> None:
        """A ticket was matched: use it again."""
        slot = name.split()[1]
        self._free.append(slot)
        if self.circuits != "unknown":
            self._pauses.setdefault(slot, Backoff(MATCHES, now_s)).count(now_s)


@dataclass(slots=True)
class Outcome:
    """What became of the people."""

    met_people: int = 0
    met_attacker: int = 0
    waits_s: list[float] = field(default_factory=list)

    @property
    def honest_percent(self) -> float:
        """Percent of the people who met somebody who is no attacker."""
        return 100 * self.met_people / (self.met_people + self.met_attacker)

    def wait_s(self, percent: int) -> float:
        """The waiting time that so many percent do not exceed."""
        return sorted(self.waits_s)[(len(self.waits_s) - 1) * percent // 100]


def simulate(
    rule: Rule, arrivals_a_second: float, attacker: Attacker, intents: Mapping[Intent, int]
) -> Outcome:
    """Let people come, with these intents in percent, until enough were matched."""
    chance, queue, outcome = random.Random(1), rule.make(2), Outcome()  # noqa: S311
    came_s: dict[str, float] = {}
    now_s, number, next_s = 0.0, 0, chance.expovariate(arrivals_a_second)
    while len(outcome.waits_s) < PEOPLE:
        attacker.enter(queue, now_s)
        now_s += DRAW_EVERY_S
        while next_s < now_s:
            number += 1
            name = f"person {number}"
            came_s[name] = next_s
            (intent,) = chance.choices([*intents], [*intents.values()])
            queue.enter(name, Preferences(intent), next_s, "", f"{name}'s")
            next_s += chance.expovariate(arrivals_a_second)
        for *pair, at_s in queue.draw(now_s):
            people = [name for name in pair if name in came_s]
            for name in pair:
                if name not in people:
                    attacker.met(name, now_s)
                    continue
                outcome.met_people += len(people) == 2
                outcome.met_attacker += len(people) == 1
                outcome.waits_s.append(at_s - came_s.pop(name))
    return outcome


def recognise(rule: Rule, crowd: int, reserve_s: float | None) -> float:
    """Let V and a crowd come in one minute, and see who lands on the attacker's second ticket.

    Args:
        rule: how matches are made.
        crowd: people beside V.
        reserve_s: seconds after V's request at which the second ticket enters; `None` if it waits
            from the beginning.

    Returns:
        Percent of the trials in which that person was V, of those in which there was one.
    """
    hits = meetings = 0
    chance = random.Random(3)  # noqa: S311
    for seed in range(TRIALS):
        met = _meet_second_ticket(rule.make(seed), chance, crowd, reserve_s)
        meetings += met is not None
        hits += met == "V"
    return 100 * hits / max(1, meetings)


def _meet_second_ticket(
    queue: Queue, chance: random.Random, crowd: int, reserve_s: float | None
) -> str | None:
    """Return whom the second ticket meets in its first match; `None` if nobody."""
    names = ["V", *(f"W{number}" for number in range(crowd))]
    coming = sorted((chance.uniform(5, WINDOW_S), name) for name in names)
    second_s, end_s, now_s = 0.0, WINDOW_S + 10.0, 0.0
    if reserve_s is not None:
        second_s = next(at_s for at_s, name in coming if name == "V") + reserve_s
        end_s = second_s + 3
    while now_s < end_s:
        if not queue.waits("A1"):
            _enter_first_ticket(queue, now_s)
        if second_s <= now_s and not queue.waits("A2"):
            queue.enter("A2", LISTENS, now_s, "", "A2's")
        now_s += DRAW_EVERY_S
        while coming and coming[0][0] < now_s:
            at_s, name = coming.pop(0)
            queue.enter(name, Preferences(Intent.ANY), at_s, "", f"{name}'s")
        for *pair, _ in queue.draw(now_s):
            if "A2" in pair:
                return next(name for name in pair if name != "A2")
    return None


def _enter_first_ticket(queue: Queue, now_s: float) -> None:
    """Enter the ticket that blocked V, in front of the other one."""
    has_second = queue.waits("A2")
    queue.withdraw("A2")
    queue.enter("A1", LISTENS, now_s, "V", "A1's")
    if has_second:
        queue.enter("A2", LISTENS, now_s, "", "A2's")


def _print_taken() -> None:
    rows = []
    for hour, rate in HOURS.items():
        for tickets in TICKETS:
            before = simulate(Rule(None), rate, Attacker(tickets, "unknown"), EITHER)
            after = [
                simulate(Rule(), rate, Attacker(tickets, circuits), EITHER)
                for circuits in ("unknown", "own", "one")
            ]
            rows.append((hour, tickets, *(o.honest_percent for o in (before, *after))))
    print_table(
        f"Percent of {PEOPLE:,} people who meet somebody honest",
        ("people come", "attacker's tickets", "before", "no circuit ids", "own circuits", "one"),
        rows,
    )


def _print_recognised() -> None:
    rules = {"before": Rule(None), **{f"{chance:.2f}": Rule(chance) for chance in CHANCES}}
    when = {"waits second": None, **{f"enters {s} s after V": float(s) for s in RESERVES_S}}
    for title, reserve_s in when.items():
        print_table(
            f"Percent of those who land on the attacker's second ticket that are V; it {title}",
            ("people beside V in a minute", "by chance", *rules),
            [
                (
                    crowd,
                    100 / (crowd + 1),
                    *(recognise(rule, crowd, reserve_s) for rule in rules.values()),
                )
                for crowd in CROWDS
            ],
        )


def _print_waits() -> None:
    rows: list[Sequence[object]] = []
    for hour, rate in HOURS.items():
        for name, rule in {
            "before": Rule(None),
            **{f"{chance:.2f}": Rule(chance) for chance in CHANCES},
        }.items():
            outcome = simulate(rule, rate, Attacker(0, "unknown"), INTENTS)
            waits = [outcome.wait_s(percent) for percent in (50, 90, 99)]
            rows.append((hour, name, *waits))
    print_table(
        "Seconds until a match, without an attacker",
        ("people come", "left out", "p50", "p90", "p99"),
        rows,
    )


def run() -> None:
    """Simulate and print."""
    _print_taken()
    _print_recognised()
    _print_waits()


if __name__ == "__main__":
    run()
