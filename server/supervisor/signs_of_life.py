"""Asks a component for a sign of life, again and again, and returns when it has been silent.

A component can be alive for the kernel and dead for everybody else: stopped, or stuck in a loop.

The silence is measured in small steps, each counted at most once. If the machine was suspended, or
this program itself was stopped, the component gets its chance to answer first: a silence that we
have slept through is none.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable

from onion import OnionError
from server.core.durations import drawn_between
from server.core.errors import OperatorError

SILENT_S = 30.0
"""A component that has not answered for this long is replaced."""

ASKED_WHILE_SILENT = 3
"""Questions in that time: one every ten seconds."""

STEP_S = 1.0

Ask = Callable[[], Awaitable[object]]


async def until_silent(
    ask: Ask,
    *,
    on_sign: Callable[[], None] = lambda: None,
    silent_s: float = SILENT_S,
    every_s: float = SILENT_S / ASKED_WHILE_SILENT,
    step_s: float = STEP_S,
    clock: Callable[[], float] = time.monotonic,
) -> str:
    """Return, as the rest of a sentence, when a component has not answered for `silent_s`.

    Args:
        ask: returns when the component answered; an error counts as no answer.
        on_sign: called with each answer.
        silent_s: how long it may be silent.
        every_s: pause after an answer; it is drawn, between half of this and one and a half.
        step_s: length of one step.
        clock: monotonic seconds.
    """
    silence_s = 0.0
    while True:
        asked = asyncio.ensure_future(ask())
        try:
            while not asked.done() and silence_s < silent_s:
                since_s = clock()
                await asyncio.wait([asked], timeout=step_s)
                silence_s += min(clock() - since_s, step_s)
            if not asked.done():
                break
        finally:
            asked.cancel()
        if _is_answer(asked):
            silence_s = 0.0
            on_sign()
            await asyncio.sleep(drawn_between(0.5 * every_s, 1.5 * every_s))
        elif silence_s >= silent_s:
            break
        else:
            await asyncio.sleep(step_s)
            silence_s += step_s
    return f"gave no sign of life for {silent_s:.0f} s"


def _is_answer(asked: asyncio.Future[object]) -> bool:
    try:
        asked.result()
    except (OnionError, OperatorError, OSError, TimeoutError, ValueError):
        return False
    return True
