"""Counts that an operator may see, blurred before they leave the process."""

from __future__ import annotations


def blur(count: int) -> int:
    """Round up to a multiple of 10; beyond 100, to two digits.

    A blurred count moves rarely, so that whoever watches it cannot tell when one person came
    or went (the transit relay of Magic Wormhole rounds what it keeps for the same reason).
    """
    if count <= 0:
        return 0
    step = 10
    while count > step * 100:
        step *= 10
    return -(-count // step) * step
