"""The server without the pace of rooms, which lets nobody write as fast as a measurement does.

python -m bench.unpaced_server serve --socket PATH ...
"""

from __future__ import annotations

from server.core import limits

UNREACHABLE_CELLS = 10**9

if __name__ == "__main__":
    # Must come before the import of any module that copies the limit.
    limits.ROOM_BURST_CELLS = UNREACHABLE_CELLS

    from server.cli import main

    main()
