"""Run `sottovoce` with a version of Hypercorn that it does not support.

python -m tests.process.unknown_hypercorn serve --socket PATH ...
"""

from __future__ import annotations

from server.http import connection

if __name__ == "__main__":
    connection.VERSION = "0.0.1"
    from server.cli import main

    main()
