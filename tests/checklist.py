"""The checklist of a perfect onion web app, by number, and the table of who holds which line.

A test that holds a line carries its number: `@pytest.mark.checklist(4, 21)`.
`pytest -m checklist` runs these tests and ends with the table.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

PROPERTY = "checklist"
"""Under which a test's report carries the numbers of its lines."""

LINES: Mapping[int, str] = {
    1: "the content policy, exact",
    2: "headers with values that are defined",
    3: "pages no-store, no ETag, no Last-Modified",
    4: "no Server, Date, Via, HSTS, Onion-Location, X-Powered-By",
    5: "pages and stylesheet load nothing and run nothing",
    6: "other methods 405, upgrades refused",
    7: "a foreign Host: 4xx, empty, no redirect",
    8: "gateways refused, by their fields and by a canary",
    9: "no host, port or path of a file in redirects and errors",
    10: "static 500 page; no word of an exception anywhere",
    11: "the cookie: random, opaque, as strict as can be",
    12: "only a hash is kept; leaving, panic and expiry delete",
    13: "no secret in a URL; a GET replayed changes nothing",
    14: "foreign or old forms refused, words kept",
    15: "one form sent twice counts once",
    16: "names and codes by chance; nothing confusable in words",
    17: "a foreign id answered as one that never was",
    18: "right and wrong secrets take the same path",
    19: "messages of 1 and 200 characters, equal on the wire",
    20: "budgets in bytes and cells",
    21: "nothing compressed",
    22: "no exact time anywhere; ids random",
    23: "a thousand chats leave no trace in any output or folder",
    24: "under load no file is opened for writing",
    25: "no core dump, not dumpable",
    26: "nothing of an ended chat in the memory's image",
    27: "after a restart only the onion's key is left",
    28: "no TCP listener; no socket and no connection can be made",
    29: "tor's settings in force are the safe ones",
    32: "the key's file and folder are for their owner alone",
    37: "one session that floods is held to its limit; others go on",
    38: "huge, slow, idle and unread: bounded memory, no 500, reaped",
    40: "after a simulated day everything returns to zero",
}
"""Number of a line -> what it says, in short."""

HELD = frozenset({*range(1, 19), *range(21, 27), 28})
"""The lines that must be held; others may be."""

OUTCOMES = ("passed", "failed", "error", "skipped")


def table(outcomes: Mapping[str, Iterable[tuple[int, ...]]]) -> list[str]:
    """Write the table of a run.

    Args:
        outcomes: for each of `OUTCOMES` the lines of every test that ended so.
    """
    counts = {
        name: Counter(line for lines in outcomes[name] for line in lines) for name in OUTCOMES
    }
    rows = [f"{'line':>4}  {'what it says':<60}{'tests':>7}" + "".join(f"{n:>9}" for n in OUTCOMES)]
    for line, words in LINES.items():
        ended = [counts[name][line] for name in OUTCOMES]
        if line in HELD or any(ended):
            cells = "".join(f"{number:>9}" for number in ended)
            rows.append(f"{line:>4}  {words:<60}{sum(ended):>7}{cells}")
    return rows
