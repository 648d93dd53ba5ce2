"""The house that leaves what it frees as it is: what overwriting is measured against.

python -m bench.unwiped_server serve --socket PATH ...
"""

from __future__ import annotations

import os

from server.cli import main
from server.sandbox.allocator import AGAIN

if __name__ == "__main__":
    # It believes that it has started again already.
    os.environ[AGAIN] = "1"
    main()
