"""Run `sottovoce` with the short timeouts of `impatient.py`, and without the pace of rooms.

    python -m tests.process.unpaced serve --socket PATH

A test then sees what readers cost who take nothing, when far more is written to them than the pace
of a room allows.
"""

from __future__ import annotations

from server.core import limits

from .impatient import SHORT_TIMEOUT_S

UNREACHABLE = 10**9

if __name__ == "__main__":
    # Must come before the import of any module that copies one of these limits.
    limits.REQUEST_S = limits.HEARTBEAT_S = limits.WRITE_S = SHORT_TIMEOUT_S
    limits.ROOM_BURST_CELLS = UNREACHABLE
    limits.ROOM_JOIN_BURST = UNREACHABLE

    from server import cli

    cli.main()
