"""The server without the pace of rooms, so that members join and write as fast as is measured.

python -m bench.unpaced_server serve --socket PATH ...
"""

from __future__ import annotations

from server.core import limits

UNREACHABLE = 10**9

if __name__ == "__main__":
    # Must come before the import of any module that copies the limit.
    limits.ROOM_BURST_CELLS = UNREACHABLE
    limits.ROOM_JOIN_BURST = UNREACHABLE

    from server.cli import main

    main()
