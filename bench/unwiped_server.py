"""The server without overwriting of freed memory and without the pace of rooms: a yardstick.

python -m bench.unwiped_server serve --socket PATH ...
"""

from __future__ import annotations

import os

import bench.unpaced  # noqa: F401  isort: skip
from server.cli import main
from server.sandbox.allocator import AGAIN

if __name__ == "__main__":
    # Marked as started again already, so it keeps the usual allocator settings.
    os.environ[AGAIN] = "1"
    main()
