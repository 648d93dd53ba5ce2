"""Runs `sottovoce` with Python's garbage collector off, so that nothing may wait for it.

python -m tests.process.uncollected serve --socket PATH ...
"""

from __future__ import annotations

import gc

from server.cli import main

if __name__ == "__main__":
    gc.disable()
    main()
