"""Runs `sottovoce` as if Hypercorn had an unknown version: no connection is handed over.

python -m tests.process.unknownserver serve --socket PATH ...
"""

from __future__ import annotations

from server.http import connection

if __name__ == "__main__":
    connection.VERSION = "0.0.1"
    from server.cli import main

    main()
