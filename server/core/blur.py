"""Blurs the counts that an operator may see, before they leave the process."""

from __future__ import annotations


def blur(count: int) -> int:
    """Round up to a multiple of 10; beyond 100, to two digits.

    A blurred count changes rarely, so that an observer cannot see a single arrival or departure.
    The transit relay of Magic Wormhole rounds what it stores for the same reason.
    """
    if count <= 0:
        return 0
    step = 10
    while count > step * 100:
        step *= 10
    return -(-count // step) * step
