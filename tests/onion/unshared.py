"""Runs a few lines of Python on a file system of their own: tiny, full or read-only.

In a user and mount namespace (`unshare -rm`), so that it needs no rights and touches nothing.
"""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def in_small_filesystem(
    folder: Path, code: str, *, full: bool = False, read_only: bool = False, size: str = "64k"
) -> list[str]:
    """Mount a tmpfs over `folder`, run `code` with `{folder}` filled in, give what it prints."""
    # Read-only from the start: to remount takes more rights than a user's namespace has.
    mode = "ro" if read_only else "rw"
    steps = [f"mount -t tmpfs -o {mode},mode=700,size={size} none {shlex.quote(str(folder))}"]
    if full:
        steps.append(f"mkdir -m 700 {shlex.quote(str(folder / 'keys'))}")
        steps.append(f"cat /dev/zero >{shlex.quote(str(folder / 'fill'))} 2>/dev/null || true")
    script = code.replace("{folder}", str(folder))
    steps.append(f"exec {shlex.quote(sys.executable)} -c {shlex.quote(script)}")
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-ec", "\n".join(steps)],
        capture_output=True,
        text=True,
        timeout=20,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
