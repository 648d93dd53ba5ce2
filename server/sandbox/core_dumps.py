"""Leaves no core file: what a process had in its memory is not written down when it breaks.

A kernel that hands cores to a program instead (`kernel.core_pattern` with a `|`) does so whatever
the limit; `sottovoce doctor` looks for that. The web process cannot be dumped at all.
"""

from __future__ import annotations

import resource


def disable_core_dumps() -> None:
    """Let neither this process nor any that it starts leave a file when it breaks."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
