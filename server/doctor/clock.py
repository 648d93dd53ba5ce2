"""Whether the clock is right, as far as a machine can tell without asking anybody.

Tor takes no consensus that is a day too old or too new, and an onion service changes its place
with the time: with a clock that is off by hours nobody finds it.

Source: adjtimex(2); dir-spec, "valid-after".
"""

from __future__ import annotations

import ctypes
import re
import struct
from datetime import UTC, datetime
from pathlib import Path

from server.sandbox.libc import libc

from .findings import Finding, State

NAME = "clock"
STA_UNSYNC = 0x40
TIMEX_BYTES = 512
"""More than any kernel's `struct timex`: 208 on 64-bit machines."""

HEAD_BYTES = 4096
"""A consensus begins with its dates."""

KEEP_HINT = (
    "sudo apt-get install systemd-timesyncd && sudo timedatectl set-ntp true; and compare with"
    " another clock: date -u"
)
_TIMEX_HEAD = struct.Struct("@I4li")
"""Modes, offset, frequency, two errors, and status, as C aligns them."""

_VALID_AFTER = re.compile(r"^valid-after (?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$", re.MULTILINE)


def is_synchronised() -> bool | None:
    """Whether something keeps the kernel's clock right; `None` if the kernel does not tell."""
    # Zeroed: no mode is asked for, so nothing is set.
    timex = ctypes.create_string_buffer(TIMEX_BYTES)
    return None if libc.adjtimex(timex) < 0 else is_kept(timex.raw)


def is_kept(timex: bytes) -> bool:
    """Read from a `struct timex` whether the clock is kept right."""
    *_, status = _TIMEX_HEAD.unpack_from(timex)
    return not status & STA_UNSYNC


def earliest(program: Path, consensus: Path) -> datetime:
    """A time that is over for certain.

    Args:
        program: a folder of the program, which was put here at some time.
        consensus: what the Tor network said last, where tor keeps it; may be missing.
    """
    known = [datetime.fromtimestamp(program.stat().st_mtime, UTC)]
    try:
        with consensus.open(encoding="ascii", errors="replace") as file:
            found = _VALID_AFTER.search(file.read(HEAD_BYTES))
    except OSError:
        found = None
    if found:
        known.append(datetime.fromisoformat(found["at"]).replace(tzinfo=UTC))
    return max(known)


def check_clock(*, now: datetime, over: datetime, synchronised: bool | None) -> Finding:
    """Find whether the clock can be trusted.

    Args:
        now: what it says.
        over: a time that is over for certain.
        synchronised: what the kernel says of it.
    """
    says = f"it says {now:%Y-%m-%d %H:%M} utc"
    if now < over:
        sentence = f"the clock is wrong: {says}, and {over:%Y-%m-%d %H:%M} is over"
        return Finding(NAME, State.FAILS, sentence, KEEP_HINT)
    if synchronised:
        return Finding(NAME, State.HOLDS, f"the clock is kept right; {says}")
    sentence = f"nothing is known to keep the clock right; {says}, and tor needs it within hours"
    return Finding(NAME, State.UNKNOWN, sentence, KEEP_HINT)
