"""Run as `sottovoce` is, with three seconds of patience where the real server has 30 to 120.

    python -m tests.process.impatient serve --socket PATH

So a test sees how a wait ends, and does not wait as long as a visitor would.
"""

from __future__ import annotations

from server.core import limits

PATIENCE_S = 3.0
"""Far more than an honest request takes, on a loaded machine too."""

if __name__ == "__main__":
    # Before anything is imported that takes one of them over under a name of its own.
    limits.REQUEST_S = limits.HEARTBEAT_S = limits.WRITE_S = PATIENCE_S

    from server import cli

    cli.main()
