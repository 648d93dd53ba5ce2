"""Unexpected exceptions are counted by type and contained; cancellation and exit propagate."""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from server.stream.error_counter import ErrorCounter


def test_exception_is_counted_by_its_type_and_contained() -> None:
    failures: Counter[str] = Counter()
    counter = ErrorCounter(failures)
    for error in (ValueError("words"), KeyError("words"), ValueError("others")):
        with counter:
            raise error
    assert failures == {"ValueError": 2, "KeyError": 1}


def test_block_without_an_exception_is_not_counted() -> None:
    failures: Counter[str] = Counter()
    with ErrorCounter(failures):
        pass
    assert not failures


@pytest.mark.parametrize("exception", [asyncio.CancelledError, KeyboardInterrupt, SystemExit])
def test_cancellation_and_exit_propagate_uncounted(exception: type[BaseException]) -> None:
    failures: Counter[str] = Counter()
    with pytest.raises(exception), ErrorCounter(failures):
        raise exception
    assert not failures
