"""Runs a short Python script on its own file system or network: tiny, full, read-only or empty.

It runs in namespaces of its own (`unshare`), so it needs no privileges and does not affect the
machine.
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
    """Mount a tmpfs over `folder`, run `code` with `{folder}` replaced, and return its output."""
    # Read-only from the start: a user namespace may not remount it.
    mode = "ro" if read_only else "rw"
    steps = [f"mount -t tmpfs -o {mode},mode=700,size={size} none {shlex.quote(str(folder))}"]
    if full:
        steps.append(f"mkdir -m 700 {shlex.quote(str(folder / 'keys'))}")
        steps.append(f"cat /dev/zero >{shlex.quote(str(folder / 'fill'))} 2>/dev/null || true")
    script = code.replace("{folder}", str(folder))
    return _run("-rm", steps, script, timeout_s=20)


def in_empty_network(code: str, *, timeout_s: float = 60) -> list[str]:
    """Run `code` where there is a loopback and nothing else, and return its output."""
    return _run("-rn", ["ip link set lo up"], code, timeout_s=timeout_s)


def _run(namespaces: str, steps: list[str], script: str, *, timeout_s: float) -> list[str]:
    steps = [*steps, f"exec {shlex.quote(sys.executable)} -c {shlex.quote(script)}"]
    done = subprocess.run(
        ["unshare", namespaces, "sh", "-ec", "\n".join(steps)],
        capture_output=True,
        text=True,
        timeout=timeout_s,
        cwd=ROOT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()
