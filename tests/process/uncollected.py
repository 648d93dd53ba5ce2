"""Run `sottovoce` without Python's garbage collector, so that no object depends on it.

python -m tests.process.uncollected serve --socket PATH ...
"""

from __future__ import annotations

import gc

from server.cli import main

if __name__ == "__main__":
    gc.disable()
    main()
