"""Leaves no core: what a process had in its memory is not written to a disk when it breaks."""

from __future__ import annotations

import resource


def leave_no_core() -> None:
    """Let neither this process nor any that it starts be written down when it breaks."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
