"""Collects the failures of one rule that is tried on many cases, so that one test lists them all.

    with Failures() as failures:
        for route in ROUTES:
            with failures.of(route):
                assert ...

An error in one case does not end the loop. Leaving the outer block raises one `AssertionError`
that has a paragraph for each case that failed.
"""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

TESTS = Path(__file__).parent
MAX_DETAIL_LINES = 8
"""Lines of one failure's own message; the comparison of two long pages takes hundreds."""


class Failures:
    """The cases that failed so far."""

    def __init__(self) -> None:
        self._failed: list[str] = []
        self._tried = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if error is not None:
            return
        # A rule that was tried on nothing holds nothing.
        assert self._tried, "there were no cases"
        if self._failed:
            listed = "\n\n".join(self._failed)
            raise AssertionError(f"{len(self._failed)} of {self._tried} failed\n\n{listed}")

    @contextmanager
    def of(self, case: object) -> Iterator[None]:
        """Try one case: note an exception under its name instead of raising it."""
        self._tried += 1
        try:
            yield
        except Exception as error:
            self._failed.append(f"{case}\n{_described(error)}")


def _described(error: Exception) -> str:
    """The line of the tests in which an error arose, and its message."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [frame for frame in frames if Path(frame.filename).is_relative_to(TESTS)]
    frame = (ours or frames)[-1]
    details = f"{type(error).__name__}: {error}".splitlines()[:MAX_DETAIL_LINES]
    place = f"{Path(frame.filename).name}:{frame.lineno}: {frame.line}"
    return "\n".join(f"    {line}" for line in [place, *details])
