"""As many open files as the system allows this process; and a word, if those are too few.

Each connection is an open file. A process that has no file left accepts nobody, not even those
for whom there is a place; most systems give a new process 1,024, and allow it far more.
"""

from __future__ import annotations

import contextlib
import resource
import sys

BESIDE_STREAMS = 1_024
"""Connections that are no stream, and the few files of the process itself (8 were counted): as
many as may wait at the door at once (`listener.BACKLOG`), so that a full house still answers."""


def allow_open_files(streams: int) -> None:
    """Raise this process's limit as far as it goes; say on stderr if that is not enough.

    Args:
        streams: how many there may be at once, by configuration.

    Source: getrlimit(2), RLIMIT_NOFILE: anybody may raise the soft limit up to the hard one.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Refused where the hard limit itself is over fs.nr_open by now; then the old one stands.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    allowed, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed != resource.RLIM_INFINITY and allowed < streams + BESIDE_STREAMS:
        with contextlib.suppress(OSError):
            sys.stderr.write(_too_few(allowed, streams))
            sys.stderr.flush()


def _too_few(allowed: int, streams: int) -> str:
    """What is said: a sentence, and what to do."""
    fitting = max(1, allowed - BESIDE_STREAMS)
    return (
        f"sottovoce: {streams} streams need {streams + BESIDE_STREAMS} open files,"
        f" and this process may have {allowed}\n"
        f"hint: raise the hard limit (ulimit -Hn; LimitNOFILE= of a unit),"
        f" or set capacity.streams to {fitting}\n"
    )
