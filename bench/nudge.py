"""How often the question before sending is right, and how often it bothers: by kind and language.

    python -m bench.nudge

reads the two corpora of `tests/core/nudge/`: the one that the finders were made with, and the one
that was written when they were done. Then it prints what looking takes, for an ordinary message and
for the most expensive texts that are known.
"""

from __future__ import annotations

import time

from server.core.limits import MAX_MESSAGE_CHARS
from server.core.nudge.find import find_personal
from server.core.nudge.kind import PersonalKind
from tests.core.nudge.corpus import CORPUS, LATER, harmless_lines, question_score, score_of

from .table import print_table

NAMES = {CORPUS: "lines that the finders were made with", LATER: "lines written afterwards"}
ORDINARY = "Hello, how are you today? I was thinking about it"
UNITS = (
    "01 ",
    "1.1.",
    "1 1",
    "ab12 ",
    "\u06f1",
    "ssn 1 2 3 ",
    "12 oak oak ",
    "@",
    "a.",
    "tg:aaaa ",
)
REPEATED = 20


def run() -> None:
    """Print the tables."""
    for which in (CORPUS, LATER):
        print_table(
            f"The question before sending, by kind: {NAMES[which]}",
            ("kind", "lines", "found", "found where it is not", "recall", "precision"),
            [
                (kind.value, score.lines, score.hits, score.wrong, score.recall, score.precision)
                for kind in PersonalKind
                for score in (score_of(kind, which),)
            ],
        )
        _print_languages(which)
    texts = [(unit * MAX_MESSAGE_CHARS)[:MAX_MESSAGE_CHARS] for unit in UNITS]
    worst = max(texts, key=_microseconds)
    print_table(
        "Processor time of looking, microseconds",
        ("text", "time"),
        [
            (f"an ordinary message of {len(ORDINARY)} characters", _microseconds(ORDINARY)),
            (f"{worst[:6]!a} again and again, 2,000 characters", _microseconds(worst)),
        ],
    )


def _print_languages(which: str) -> None:
    languages = sorted({line.language for line in harmless_lines(which)})
    print_table(
        f"The question before sending, by language: {NAMES[which]}",
        ("language", "personal lines", "asked", "harmless lines", "asked"),
        [
            (
                *(language or "all", score.lines, score.hits),
                sum(language in ("", line.language) for line in harmless_lines(which)),
                score.wrong,
            )
            for language in (*languages, "")
            for score in (question_score(language, which),)
        ],
    )


def _microseconds(text: str) -> float:
    """Return the shortest of some measurements."""
    return min(_once(text) for _ in range(REPEATED))


def _once(text: str) -> float:
    began_s = time.process_time()
    for _ in range(10):
        find_personal(text)
    return 1e5 * (time.process_time() - began_s)


if __name__ == "__main__":
    run()
