"""Protections that are in force in this process, and what it knows.

The privacy page reports them as they are.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Safeguards:
    """Protections that depend on the machine, and what depends on tor."""

    is_locked_down: bool = True
    """Whether the process cannot create a socket, connect, start a program or open a file."""

    removes_own_files_only: bool = True
    """Whether it also can remove no files but its own: only where the kernel has Landlock."""

    overwrites_freed_memory: bool = True
    """Whether it overwrites memory that it frees: only where the C library is glibc."""

    knows_circuits: bool = False
    """Whether tor names the circuit of each connection, so that it counts what each one takes."""


ALL_HOLD = Safeguards()
"""The state on the platforms that this program is made for."""
