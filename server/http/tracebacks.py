"""Drops the tracebacks of an exception: the frames that it passed through, with all their locals.

An exception that something keeps, and a frame that keeps this something, form a reference cycle.
Only the garbage collector breaks it, and on a quiet server it does not run for a long time. Until
then, what a visitor typed or sent would stay in memory, with the cookie beside it.
"""

from __future__ import annotations


def drop_tracebacks(error: BaseException | None) -> None:
    """Drop the frames of an exception that was answered, and of those that led to it."""
    while error is not None:
        error.__traceback__ = None
        error = error.__context__
