"""How far the making of a private network is, as percentages that never fall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from onion.bootstrap import DONE_PERCENT, Progress

from .plan import AUTHORITIES


@dataclass(frozen=True, slots=True)
class _Phase:
    first: int
    """Percentage at its begin; its end is the next one's begin."""

    last: int
    units: int
    """How many equal steps it is counted in."""


# The shares are those of the time that each takes.
_PHASES = {
    "keys": _Phase(0, 15, AUTHORITIES),
    "launch": _Phase(15, 25, AUTHORITIES),
    "consensus": _Phase(25, 99, 4 * AUTHORITIES),
}
# What each authority logs, once a round, between its start and the consensus.
_ROUND = (
    "Time to vote.",
    "Time to fetch any votes that we're missing.",
    "Time to compute a consensus.",
    "Time to publish the consensus",
)


class Steps:
    """Counts what was done, and tells it as `Progress`."""

    def __init__(self, on_progress: Callable[[Progress], None] | None) -> None:
        self._tell = on_progress or (lambda progress: None)
        self._tag = ""
        self._summary = ""
        self._done = 0
        self.percent = 0
        """What was told last."""

    def begin(self, tag: str, summary: str) -> None:
        """Enter a phase: `keys`, `launch` or `consensus`."""
        self._tag, self._summary, self._done = tag, summary, 0
        self._say(_PHASES[tag].first)

    def advance(self) -> None:
        """Count one unit of the phase; more than it has are not counted."""
        phase = _PHASES[self._tag]
        self._done = min(self._done + 1, phase.units)
        self._say(phase.first + (phase.last - phase.first) * self._done // phase.units)

    def note(self, line: str) -> None:
        """Count a line of an authority's log, if it marks a step towards the consensus."""
        if self._tag == "consensus" and any(words in line for words in _ROUND):
            self.advance()

    def finish(self) -> None:
        """Tell that all is done."""
        self._tag, self._summary = "done", "The private network is up"
        self._say(DONE_PERCENT)

    def _say(self, percent: int) -> None:
        self.percent = max(self.percent, percent)
        self._tell(Progress(self.percent, self._tag, self._summary))
