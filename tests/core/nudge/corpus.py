"""The corpus that the finders are measured on: made-up lines, in two pairs of files.

The finders were made with the first pair in view. The second pair, `later_`, was
written when they were done, and no rule was changed for it: it says more about what people meet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from server.core.nudge.find import find_personal
from server.core.nudge.kind import PersonalKind

FOLDER = Path(__file__).parent
CORPUS, LATER = "corpus", "later"


@dataclass(frozen=True, slots=True)
class Line:
    """One message."""

    language: str
    text: str
    kind: PersonalKind | None
    """What it contains; `None` if it is harmless."""

    @property
    def found(self) -> tuple[PersonalKind, ...]:
        """What the finders see in it."""
        return find_personal(self.text)


@dataclass(frozen=True, slots=True)
class Score:
    """How often the finders were right about some lines."""

    lines: int
    hits: int
    """Lines in which what they contain was found."""

    wrong: int
    """Other lines in which the same was found."""

    @property
    def recall(self) -> float:
        """Share of the lines that were found."""
        return self.hits / self.lines

    @property
    def precision(self) -> float:
        """Share of what was found that was right."""
        return self.hits / max(1, self.hits + self.wrong)


def personal_lines(which: str = CORPUS) -> Sequence[Line]:
    """Read the lines that contain something: of `CORPUS` or `LATER`."""
    rows = [row.split("\t") for row in _rows(f"{which}_personal.txt")]
    return [Line(language, text, PersonalKind(kind)) for kind, language, text in rows]


def harmless_lines(which: str = CORPUS) -> Sequence[Line]:
    """Read the lines that contain nothing."""
    rows = [row.split("\t") for row in _rows(f"{which}_harmless.txt")]
    return [Line(language, text, None) for language, text in rows]


def score_of(kind: PersonalKind, which: str = CORPUS) -> Score:
    """Count how often one kind was found, and where it is not."""
    lines = [*personal_lines(which), *harmless_lines(which)]
    own = [line for line in lines if line.kind is kind]
    wrong = sum(kind in line.found for line in lines if line.kind is not kind)
    return Score(len(own), sum(kind in line.found for line in own), wrong)


def question_score(language: str = "", which: str = CORPUS) -> Score:
    """Count how often somebody is asked, rightly and wrongly, whatever the kind.

    Args:
        language: of the lines; empty for all.
        which: the pair of files.
    """
    own, others = (
        [line for line in lines if language in ("", line.language)]
        for lines in (personal_lines(which), harmless_lines(which))
    )
    hits = sum(bool(line.found) for line in own)
    return Score(len(own), hits, sum(bool(line.found) for line in others))


def _rows(name: str) -> list[str]:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith("# ")]
