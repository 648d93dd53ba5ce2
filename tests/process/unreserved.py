"""Run `sottovoce` so that it takes more connections than it has files for.

python -m tests.process.unreserved serve --socket PATH ...
"""

from __future__ import annotations

from server.process import open_files

if __name__ == "__main__":
    open_files.OWN_FILES = -1_000
    from server.cli import main

    main()
