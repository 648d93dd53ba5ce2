"""Lets go of what an exception holds: the frames that it passed through, with all their locals.

An exception that something keeps, and a frame that keeps this something, hold each other. Only
the garbage collector ends that, and in a quiet house it does not come by for a long time; what
somebody typed or sent, and the cookie beside it, would lie there until then.
"""

from __future__ import annotations


def drop_tracebacks(error: BaseException | None) -> None:
    """Take its frames from an exception that was answered, and from those that it came of."""
    while error is not None:
        error.__traceback__ = None
        error = error.__context__
