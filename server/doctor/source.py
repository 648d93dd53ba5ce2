"""Checks the program's own folders: what lies there beside the program, and what it lacks."""

from __future__ import annotations

from server.process.source_archive import ROOT, SourceTree, listed

from .findings import Finding, State

SOURCE = "source"


def check_source(tree: SourceTree | None = None) -> Finding:
    """Find files beside the program that are not its source, and source that is missing."""
    tree = tree or SourceTree(ROOT)
    strays, missing = tree.strays(), tree.missing()
    if strays:
        return Finding(
            SOURCE,
            State.NOTED,
            f"beside the program lie files that the source archive leaves out: {listed(strays)}",
            "move away what is yours, keys and notes above all; if they are source, add them to"
            " git and run `make manifest`",
        )
    if missing:
        return Finding(
            SOURCE,
            State.NOTED,
            f"the source archive on the page About lacks {listed(missing)}",
            "restore these files: visitors have a right to the source that runs (AGPL, section 13)",
        )
    return Finding(SOURCE, State.HOLDS, "the program's folders contain its source, and no more")
