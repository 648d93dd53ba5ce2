"""The numbered checklist of an onion web application, and the table of tests for each line.

A test that proves a line carries its number: `@pytest.mark.checklist(4, 21)`.
`pytest -m checklist` runs these tests and prints the table at the end.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

PROPERTY = "checklist"
"""The property of a test report that holds the numbers of its lines."""

LINES: Mapping[int, str] = {
    1: "the exact Content-Security-Policy",
    2: "every header has a defined value",
    3: "pages are no-store, without ETag or Last-Modified",
    4: "no Server, Date, Via, HSTS, Onion-Location, X-Powered-By",
    5: "pages and stylesheet load no resource and run no script",
    6: "other methods answered 405, upgrades refused",
    7: "a foreign Host gets 4xx, an empty body, no redirect",
    8: "web gateways refused, by header fields and by a canary",
    9: "no host, port or file path in redirects and errors",
    10: "static 500 page; no exception text in any output",
    11: "the cookie is random and opaque, with strict attributes",
    12: "only a hash is stored; leaving, panic and expiry delete",
    13: "no secret in a URL; a replayed GET changes nothing",
    14: "foreign or expired forms refused, the text kept",
    15: "a form sent twice counts once",
    16: "names and codes are random; no confusable words",
    17: "a foreign id is answered like an unknown one",
    18: "right and wrong secrets take the same code path",
    19: "messages of 1 and 200 characters have the same wire size",
    20: "budgets in bytes and cells are kept",
    21: "nothing is compressed",
    22: "no exact time in any output; ids are random",
    23: "a thousand chats leave no trace in any output or folder",
    24: "no file is opened for writing under load",
    25: "no core dump; the process is not dumpable",
    26: "nothing of an ended chat in a memory image",
    27: "after a restart only the onion service key is left",
    28: "no TCP listener; no new socket or connection possible",
    29: "the effective settings of tor are the safe ones",
    30: "proof of work in the descriptor; streams over the limit refused",
    31: "tor is controlled by socket and cookie; its failures named",
    32: "only their owner can read the key file and its folder",
    34: "bridge lines are checked before tor sees them",
    35: "tor killed: the same address, chats go on, none lost or doubled",
    37: "a flooding session is limited; others are not affected",
    38: "huge, slow, idle or unread: bounded memory, no 500, closed",
    40: "after a simulated day every count returns to zero",
    42: "WCAG 2.2 AA by axe; keyboard alone; no meaning by colour alone",
    46: "a byte of the worst text costs what one of ASCII costs",
    47: "matches drawn by chance; tickets of one circuit meet first",
    48: "what is for one leaves no gap in the numbers others see",
    49: "the source archive holds what its manifest names",
    50: "no token, beat or page tells the machine's uptime or clock",
    51: "nothing goes out beside a configured bridge",
    55: "published was fetched through tor; what hangs is replaced",
}
"""Number of a line -> its requirement, in short."""

REQUIRED = frozenset({*range(1, 33), 34, 35, 37, 38, 40, 42, *range(46, 52), 55})
"""The lines that need a test; the others may have one."""

OUTCOMES = ("passed", "failed", "error", "skipped")


def table(outcomes: Mapping[str, Iterable[tuple[int, ...]]]) -> list[str]:
    """Format the table of a run.

    Args:
        outcomes: for each of `OUTCOMES`, the lines of every test with that outcome.
    """
    counts = {
        name: Counter(line for lines in outcomes[name] for line in lines) for name in OUTCOMES
    }
    rows = [f"{'line':>4}  {'requirement':<60}{'tests':>7}" + "".join(f"{n:>9}" for n in OUTCOMES)]
    for line, requirement in LINES.items():
        tests = [counts[name][line] for name in OUTCOMES]
        if line in REQUIRED or any(tests):
            cells = "".join(f"{number:>9}" for number in tests)
            rows.append(f"{line:>4}  {requirement:<60}{sum(tests):>7}{cells}")
    return rows
