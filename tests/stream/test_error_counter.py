"""What is unexpected is counted by its type and goes no further; an end goes on its way."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from server.stream.error_counter import ErrorCounter


def test_what_is_raised_is_counted_by_its_type_and_goes_no_further() -> None:
    failures: Counter[str] = Counter()
    counting = ErrorCounter(failures)
    for error in (ValueError("words"), KeyError("words"), ValueError("others")):
        with counting:
            raise error
    assert failures == {"ValueError": 2, "KeyError": 1}


def test_what_goes_well_is_not_counted() -> None:
    failures: Counter[str] = Counter()
    with ErrorCounter(failures):
        pass
    assert not failures


@pytest.mark.parametrize("end", [asyncio.CancelledError, KeyboardInterrupt, SystemExit])
def test_being_told_to_end_passes_uncounted(end: type[BaseException]) -> None:
    failures: Counter[str] = Counter()
    with pytest.raises(end), ErrorCounter(failures):
        raise end
    assert not failures
