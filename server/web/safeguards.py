"""What this very process has done for its visitors' safety; the privacy page says it as it is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Safeguards:
    """What holds here, and may not hold on another machine."""

    no_way_out: bool = True
    """Whether it can make no socket, no connection and no other program, and write no file."""

    reads_itself: bool = True
    """Whether, beside that, it can read nothing but itself: where the kernel has Landlock."""

    overwrites: bool = True
    """Whether it overwrites memory that it frees: where the C library is glibc."""


ALL_HOLD = Safeguards()
"""As on the machines that this is made for."""
