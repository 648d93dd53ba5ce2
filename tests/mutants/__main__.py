"""Plants one fault for each promise, and prints the test that detects it: `make mutants`.

Before that, all named tests have to pass on the unchanged sources.
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
def project_copy() -> Iterator[Path]:
    """Copy the files of the project into a folder that exists as long as the block runs."""
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


def judge_in_copy(mutant: Mutant) -> tuple[Mutant, Verdict]:
    """Judge one mutant in its own copy of the project."""
    with project_copy() as top:
        return mutant, judge(mutant, top)


def main() -> int:
    """Judge all mutants; return 0 if each was killed."""
    with project_copy() as top:
        if run_test(top, *sorted({mutant.test for mutant in MUTANTS})):
            print("the named tests do not pass on the unchanged sources")
            return 1
    survivors = 0
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as workers:
        for mutant, verdict in workers.map(judge_in_copy, MUTANTS):
            survivors += verdict is not Verdict.KILLED
            print(f"{verdict.value:10}  {mutant.promise}")
            print(f"{'':12}{mutant.file}\n{'':12}{mutant.test}")
            sys.stdout.flush()
    print(f"\n{len(MUTANTS) - survivors} of {len(MUTANTS)} were killed")
    return 1 if survivors else 0


if __name__ == "__main__":
    sys.exit(main())
