"""The server without the pace of rooms, so that members join and write as fast as is measured.

python -m bench.unpaced_server serve --socket PATH ...
"""

from __future__ import annotations

import bench.unpaced  # noqa: F401  isort: skip
from server.cli import main

if __name__ == "__main__":
    main()
