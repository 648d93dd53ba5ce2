"""Reports the progress of starting a private network, as percentages that never fall."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from onion.bootstrap import DONE_PERCENT, Progress

from .plan import AUTHORITIES


@dataclass(frozen=True, slots=True)
class _Phase:
    first: int
    """The percentage at its start."""

    last: int
    """The percentage at its end, which is the start of the next phase."""
    steps: int
    """The number of equal steps in this phase."""


# The shares are proportional to the time that each phase takes.
_PHASES = {
    "keys": _Phase(0, 15, AUTHORITIES),
    "launch": _Phase(15, 25, AUTHORITIES),
    "consensus": _Phase(25, 99, 4 * AUTHORITIES),
}
# Each authority logs these lines once in every voting round.
_ROUND = (
    "Time to vote.",
    "Time to fetch any votes that we're missing.",
    "Time to compute a consensus.",
    "Time to publish the consensus",
)


class Steps:
    """Counts completed steps and reports them as `Progress`."""

    def __init__(self, on_progress: Callable[[Progress], None] | None) -> None:
        self._on_progress = on_progress or (lambda progress: None)
        self._tag = ""
        self._summary = ""
        self._done = 0
        self.percent = 0
        """The percentage that was reported last."""

    def begin(self, tag: str, summary: str) -> None:
        """Start a phase: `keys`, `launch` or `consensus`."""
        self._tag, self._summary, self._done = tag, summary, 0
        self._report(_PHASES[tag].first)

    def advance(self) -> None:
        """Count one step of the phase; steps beyond its number are ignored."""
        phase = _PHASES[self._tag]
        self._done = min(self._done + 1, phase.steps)
        self._report(phase.first + (phase.last - phase.first) * self._done // phase.steps)

    def note(self, line: str) -> None:
        """Count a line of an authority's log if it marks a step towards the consensus."""
        if self._tag == "consensus" and any(text in line for text in _ROUND):
            self.advance()

    def finish(self) -> None:
        """Report that the network is up."""
        self._tag, self._summary = "done", "The private network is up"
        self._report(DONE_PERCENT)

    def _report(self, percent: int) -> None:
        self.percent = max(self.percent, percent)
        self._on_progress(Progress(self.percent, self._tag, self._summary))
