"""Raises the limit of open files as far as the system allows, and warns if it is too low.

Each connection is an open file. A process at its limit accepts no connection, not even from
visitors that it has capacity for. Most systems give a new process 1,024, and allow it far more.
"""

from __future__ import annotations

import contextlib
import resource
import sys

RESERVED_FILES = 1_024
"""Files for connections that are not streams, and for the process itself (8 were counted): as many
as may wait to be accepted at once (`listener.BACKLOG`), so that a full server still answers."""

OWN_FILES = 24
"""Files that visitors never get, however few there are: for the process itself, and for the
operator's questions on the admin socket."""


def allow_open_files(streams: int) -> int:
    """Raise this process's limit as far as possible; warn on stderr if that is not enough.

    Args:
        streams: the configured maximum number of simultaneous streams.

    Returns:
        How many connections of visitors may be open at once.

    Source: getrlimit(2), RLIMIT_NOFILE: any process may raise its soft limit to the hard one.
    """
    _soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    # Refused if the hard limit itself exceeds fs.nr_open by now; then the old limit stays.
    with contextlib.suppress(OSError, ValueError):
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    allowed, _hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if allowed != resource.RLIM_INFINITY and allowed < streams + RESERVED_FILES:
        with contextlib.suppress(OSError):
            sys.stderr.write(_warning(allowed, streams))
            sys.stderr.flush()
    if allowed == resource.RLIM_INFINITY:
        return streams + RESERVED_FILES
    return max(1, min(allowed - OWN_FILES, streams + RESERVED_FILES))


def _warning(allowed: int, streams: int) -> str:
    """Return the warning: a sentence and a hint."""
    max_streams = max(1, allowed - RESERVED_FILES)
    return (
        f"sottovoce: {streams} streams need {streams + RESERVED_FILES} open files,"
        f" and this process may have {allowed}\n"
        f"hint: raise the hard limit (ulimit -Hn, or LimitNOFILE= in a systemd unit),"
        f" or set capacity.streams to {max_streams}\n"
    )
