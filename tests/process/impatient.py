"""Run `sottovoce` with timeouts of three seconds instead of half a minute or two minutes.

    python -m tests.process.impatient serve --socket PATH

A test then sees a timeout expire without waiting as long as a visitor would.
"""

from __future__ import annotations

from server.core import limits

SHORT_TIMEOUT_S = 3.0
"""Far longer than an honest request takes, even on a loaded machine."""

if __name__ == "__main__":
    # Must come before the import of any module that copies one of these limits.
    limits.REQUEST_S = limits.HEARTBEAT_S = limits.WRITE_S = SHORT_TIMEOUT_S

    from server import cli

    cli.main()
