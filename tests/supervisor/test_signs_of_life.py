"""A component that does not answer is given up; sleep of our own is no silence of it."""

from __future__ import annotations

import asyncio

import pytest

from onion import ControlClosedError
from server.supervisor.signs_of_life import until_silent
from tests.fakes import FakeClock

from .fakes import BOUND_S

SILENT_S, STEP_S = 0.05, 0.01


class Component:
    """Answers as long as it is told to."""

    def __init__(self) -> None:
        self.asked = 0
        self.answers = asyncio.Event()
        self.answers.set()

    async def answer(self) -> None:
        """Answer, or wait until it may."""
        self.asked += 1
        await self.answers.wait()


async def test_silent_component_is_given_up_and_the_answering_one_is_not() -> None:
    component, signs = Component(), list[int]()

    def note() -> None:
        signs.append(component.asked)
        if len(signs) == 3:
            component.answers.clear()

    async with asyncio.timeout(BOUND_S):
        reason = await until_silent(
            component.answer, on_sign=note, silent_s=SILENT_S, every_s=0.0, step_s=STEP_S
        )
    assert signs == [1, 2, 3], "three answers, then none"
    assert reason.startswith("gave no sign of life")


@pytest.mark.parametrize("error", [ControlClosedError(), ConnectionRefusedError(), TimeoutError()])
async def test_component_that_only_fails_is_given_up(error: Exception) -> None:
    tries = 0

    async def fail() -> None:
        nonlocal tries
        tries += 1
        raise error

    async with asyncio.timeout(BOUND_S):
        await until_silent(fail, silent_s=SILENT_S, step_s=STEP_S)
    assert tries > 1, "one failure is not enough"


async def test_silence_that_was_slept_through_is_not_counted() -> None:
    clock, component = FakeClock(), Component()
    component.answers.clear()
    waiting = asyncio.ensure_future(
        until_silent(component.answer, silent_s=3.0, step_s=STEP_S, clock=clock)
    )
    # The machine was suspended for an hour, twice: each time counts as one step.
    for _ in range(2):
        clock.advance(3600)
        await asyncio.sleep(2 * STEP_S)
    assert not waiting.done()
    waiting.cancel()
