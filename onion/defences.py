"""Tor's own defences against a flood of visitors, as options of an onion service.

    introduction point:  drops introductions beyond a rate      INTRODUCTION_LIMIT
    our tor, queue:      serves the highest effort first        PROOF_OF_WORK
    our tor, circuit:    refuses streams beyond a number        STREAM_LIMIT
    web process:         can tell one circuit from another      CIRCUIT_IDS

A tor may lack one: an older version does not know the option, and a build without the module `pow`
refuses to start with it. What a tor lacks is left out, and the operator is told.

Source: tor(1), "HIDDEN SERVICE OPTIONS"; hspow-spec, "Service AIMD conditions"; rend-spec-v3,
"Denial-of-Service defense extension".
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from enum import Enum

from .launch.torrc import Option

QUEUE_RATE_PER_S = 100
"""Rendezvous circuits that our tor builds each second while requests are waiting for one.

One costs our tor 1 to 3 ms of processor time, and its first page costs the web process 2 to 5 ms:
100 a second leave half of a core of each to those who are here. When more come for longer, tor asks
for work, and those who did most come first.
"""

QUEUE_BURST = 1000
"""Rendezvous circuits that may be built at once after a quiet time: ten seconds of the rate.

When tor was restarted, everybody comes back at once, and nobody should have to work for that.
"""

INTRODUCTIONS_PER_S = 200
"""Introductions that each introduction point passes on each second; by default there are three.

An introduction point drops at random, whatever work was done. So together they must pass on much
more than the queue serves: with tor's default of 25 a flood would keep out those who did work. One
that only waits in the queue costs our tor 0.3 ms, so 600 of them a fifth of a core.
"""

INTRODUCTION_BURST = 1000
"""Introductions that each introduction point passes on at once after a quiet time."""

MAX_STREAMS_PER_CIRCUIT = 32
"""Connections at once through one circuit; tor refuses one more, and the others go on.

A browser opens six to one address, and eight with those that are just closing. Four windows, or
four people behind one gateway that does not separate them, stay below.
"""


class Defence(Enum):
    """One of tor's defences; the value is its name in `sottovoce status`."""

    PROOF_OF_WORK = "proof_of_work"
    INTRODUCTION_LIMIT = "introduction_limit"
    STREAM_LIMIT = "stream_limit"
    CIRCUIT_IDS = "circuit_ids"

    @property
    def words(self) -> str:
        """Its name in a sentence."""
        return self.value.replace("_", " ")


OPTIONS: Mapping[Defence, tuple[Option, ...]] = {
    Defence.PROOF_OF_WORK: (
        ("HiddenServicePoWDefensesEnabled", "1"),
        ("HiddenServicePoWQueueRate", str(QUEUE_RATE_PER_S)),
        ("HiddenServicePoWQueueBurst", str(QUEUE_BURST)),
    ),
    Defence.INTRODUCTION_LIMIT: (
        ("HiddenServiceEnableIntroDoSDefense", "1"),
        ("HiddenServiceEnableIntroDoSRatePerSec", str(INTRODUCTIONS_PER_S)),
        ("HiddenServiceEnableIntroDoSBurstPerSec", str(INTRODUCTION_BURST)),
    ),
    Defence.STREAM_LIMIT: (
        ("HiddenServiceMaxStreams", str(MAX_STREAMS_PER_CIRCUIT)),
        # Closing the circuit would end the other streams too, a conversation among them.
        ("HiddenServiceMaxStreamsCloseCircuit", "0"),
    ),
    Defence.CIRCUIT_IDS: (("HiddenServiceExportCircuitID", "haproxy"),),
}
"""The options that switch each defence on; they follow a HiddenServiceDir."""

_MODULES = {Defence.PROOF_OF_WORK: "pow"}


def missing_defences(options: Collection[str], modules: Collection[str]) -> frozenset[Defence]:
    """Return the defences that a tor lacks.

    Args:
        options: every option that it knows, in lower case.
        modules: the modules that it was built with.
    """
    return frozenset(
        defence
        for defence in Defence
        if not all(name.lower() in options for name, _ in OPTIONS[defence])
        or _MODULES.get(defence, "") not in {"", *modules}
    )


def defence_options(missing: Collection[Defence] = ()) -> list[Option]:
    """Return the options of all defences but those that are missing."""
    return [option for defence in Defence if defence not in missing for option in OPTIONS[defence]]
