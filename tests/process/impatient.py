"""Runs `sottovoce` with timeouts of three seconds instead of half a minute or two.

    python -m tests.process.impatient serve --socket PATH

So a test sees the end of a timeout without waiting as long as a visitor would.
"""

from __future__ import annotations

from server.core import limits

PATIENCE_S = 3.0
"""Far longer than an honest request takes, on a loaded machine, too."""

if __name__ == "__main__":
    # Before the import of any module that copies one of these limits to a name of its own.
    limits.REQUEST_S = limits.HEARTBEAT_S = limits.WRITE_S = PATIENCE_S

    from server import cli

    cli.main()
