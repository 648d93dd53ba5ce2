"""Plants one fault for each promise and prints whether its test notices: `make mutants`.

First all the named tests have to pass on the sources as they are.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from .mutant import Mutant, Verdict, judge, run_test
from .planted import MUTANTS

TOP = Path(__file__).parents[2]


@contextmanager
def copied() -> Iterator[Path]:
    """Copy the project's files to a temporary folder for the time of the block."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=TOP,
        capture_output=True,
        check=True,
    ).stdout
    with tempfile.TemporaryDirectory(prefix="sottovoce-mutant-") as folder:
        for name in filter(None, listed.decode().split("\0")):
            if (TOP / name).is_file():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(TOP / name, Path(folder) / name)
        yield Path(folder)


def judged(mutant: Mutant) -> tuple[Mutant, Verdict]:
    """Judge one mutant in its own copy."""
    with copied() as top:
        return mutant, judge(mutant, top)


def main() -> int:
    """Judge all mutants; 0 if every one was killed."""
    with copied() as top:
        if run_test(top, *sorted({mutant.test for mutant in MUTANTS})):
            print("the named tests do not pass on the sources as they are")
            return 1
    survivors = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        for mutant, verdict in workers.map(judged, MUTANTS):
            survivors += verdict is not Verdict.KILLED
            print(f"{verdict.value:10}  {mutant.promise}")
            print(f"{'':12}{mutant.file}\n{'':12}{mutant.test}")
            sys.stdout.flush()
    print(f"\n{len(MUTANTS) - survivors} of {len(MUTANTS)} were killed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
