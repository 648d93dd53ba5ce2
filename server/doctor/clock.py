"""Checks whether the clock is right, as far as that is possible without asking another machine.

Tor accepts no consensus that is a day too old or too new, and an onion service publishes its
descriptor at places that depend on the time. With a clock that is wrong by hours, nobody finds it.

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
"""A consensus contains its dates within this many bytes."""

SYNC_HINT = (
    "sudo apt-get install systemd-timesyncd && sudo timedatectl set-ntp true; and compare with"
    " another clock: date -u"
)
_TIMEX_HEAD = struct.Struct("@I4li")
"""Modes, offset, frequency, two error estimates, and status, aligned as in C."""

_VALID_AFTER = re.compile(r"^valid-after (?P<at>\d{4}-\d\d-\d\d \d\d:\d\d:\d\d)$", re.MULTILINE)


def is_synchronised() -> bool | None:
    """Whether something synchronises the kernel's clock; `None` if the kernel does not say."""
    # Zeroed: no mode is set, so the call changes nothing.
    timex = ctypes.create_string_buffer(TIMEX_BYTES)
    return None if libc.adjtimex(timex) < 0 else is_in_sync(timex.raw)


def is_in_sync(timex: bytes) -> bool:
    """Read from a `struct timex` whether the clock is synchronised."""
    *_, status = _TIMEX_HEAD.unpack_from(timex)
    return not status & STA_UNSYNC


def latest_known_time(program: Path, consensus: Path) -> datetime:
    """Return a time that has certainly passed.

    Args:
        program: a folder of the program. It was created before now.
        consensus: tor's copy of the latest consensus; may be missing.
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


def check_clock(*, now: datetime, not_before: datetime, synchronised: bool | None) -> Finding:
    """Find whether the clock can be trusted.

    Args:
        now: the time that the clock shows.
        not_before: a time that has certainly passed.
        synchronised: what the kernel says about the clock.
    """
    shows = f"it shows {now:%Y-%m-%d %H:%M} utc"
    if now < not_before:
        sentence = f"the clock is wrong: {shows}, but {not_before:%Y-%m-%d %H:%M} has passed"
        return Finding(NAME, State.FAILS, sentence, SYNC_HINT)
    if synchronised:
        return Finding(NAME, State.HOLDS, f"the clock is synchronised; {shows}")
    sentence = f"no time service seems to run; {shows}; tor needs a clock that is right to hours"
    return Finding(NAME, State.UNKNOWN, sentence, SYNC_HINT)
