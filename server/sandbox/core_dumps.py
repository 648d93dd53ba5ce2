"""Disables core files: a crash does not write a process's memory to disk.

A kernel that pipes cores to a program instead (`kernel.core_pattern` with a `|`) ignores the limit;
`sottovoce doctor` checks for that. The web process cannot be dumped at all.
"""

from __future__ import annotations

import resource


def disable_core_dumps() -> None:
    """Disable core files for this process and for every process that it starts."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
