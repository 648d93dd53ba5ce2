"""Single keys are read from a real terminal, whose settings are restored."""

from __future__ import annotations

import asyncio
import os
import select
import termios
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper

import pytest

from server.demo.keyboard import MAX_UNREAD_KEYS, Keyboard
from tests.supervisor.fakes import BOUND_S


@dataclass
class Terminal:
    """A pseudo-terminal: the program's side, and the descriptor of the person's side."""

    program: TextIOWrapper
    person: int

    def press(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self.person, keys)

    def hang_up(self) -> None:
        """Close the terminal, as closing its window does."""
        os.close(self.person)
        self.person = -1

    @property
    def mode(self) -> list[object]:
        """Return the terminal's settings."""
        return termios.tcgetattr(self.program.fileno())


@pytest.fixture
def terminal() -> Iterator[Terminal]:
    person, program = os.openpty()
    with open(program, encoding="utf-8") as side:
        pty = Terminal(side, person)
        yield pty
        if pty.person >= 0:
            pty.hang_up()


async def next_keys(keyboard: Keyboard, count: int) -> str:
    keys = keyboard.keys()
    async with asyncio.timeout(BOUND_S):
        return "".join([await anext(keys) for _ in range(count)])


async def test_key_is_read_without_enter_and_without_echo(terminal: Terminal) -> None:
    keyboard = Keyboard(terminal.program, terminal.program)
    keyboard.open()
    assert keyboard.is_open
    terminal.press(b"g")
    assert await next_keys(keyboard, 1) == "g"
    terminal.press(b"tw\r")
    assert await next_keys(keyboard, 3) in {"tw\r", "tw\n"}
    keyboard.close()
    os.set_blocking(terminal.person, False)
    with pytest.raises(BlockingIOError):
        os.read(terminal.person, 1)


async def test_terminal_settings_are_restored(terminal: Terminal) -> None:
    settings_before = terminal.mode
    keyboard = Keyboard(terminal.program, terminal.program)
    keyboard.open()
    assert terminal.mode != settings_before
    keyboard.close()
    assert terminal.mode == settings_before
    assert not keyboard.is_open
    keyboard.close()


async def test_keys_typed_before_opening_are_dropped(terminal: Terminal) -> None:
    keyboard = Keyboard(terminal.program, terminal.program)
    terminal.press(b"impatient\n")
    assert select.select([terminal.program], [], [], BOUND_S)[0], "the keys did not arrive"
    keyboard.open()
    terminal.press(b"g")
    assert await next_keys(keyboard, 1) == "g"
    keyboard.close()


async def test_ctrl_c_stays_a_signal(terminal: Terminal) -> None:
    keyboard = Keyboard(terminal.program, terminal.program)
    keyboard.open()
    terminal.press(b"\x03g")
    assert await next_keys(keyboard, 1) == "g"
    keyboard.close()


async def test_keys_above_the_limit_are_dropped(terminal: Terminal) -> None:
    keyboard = Keyboard(terminal.program, terminal.program)
    keyboard.open()
    terminal.press(b"t" * 2 * MAX_UNREAD_KEYS)
    assert await next_keys(keyboard, MAX_UNREAD_KEYS) == "t" * MAX_UNREAD_KEYS
    keyboard.close()


async def test_terminal_that_hangs_up_causes_no_error(terminal: Terminal) -> None:
    faults: list[dict[str, object]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    keyboard = Keyboard(terminal.program, terminal.program)
    keyboard.open()
    terminal.hang_up()
    for _ in range(5):  # turns of the loop, in which the hang-up is noticed
        await asyncio.sleep(0)
    keyboard.close()
    assert not keyboard.is_open
    assert not faults


@pytest.fixture
def pipe() -> Iterator[TextIOWrapper]:
    reading, writing = os.pipe()
    with open(reading, encoding="utf-8") as side:
        yield side
    os.close(writing)


@pytest.mark.parametrize("is_pipe", ["keys", "screen", "both"])
async def test_without_terminal_it_stays_closed(
    terminal: Terminal, pipe: TextIOWrapper, is_pipe: str
) -> None:
    keys = terminal.program if is_pipe == "screen" else pipe
    screen = terminal.program if is_pipe == "keys" else pipe
    settings_before = terminal.mode
    keyboard = Keyboard(keys, screen)
    keyboard.open()
    assert not keyboard.is_open
    assert terminal.mode == settings_before
    keyboard.close()


async def test_line_is_read_with_echo_and_single_keys_resume(
    terminal: Terminal,
) -> None:
    keyboard = Keyboard(terminal.program, terminal.program)
    keyboard.open()
    single = terminal.mode
    async with asyncio.timeout(BOUND_S):
        typing = asyncio.ensure_future(keyboard.line())
        await asyncio.sleep(0)
        assert terminal.mode != single
        terminal.press("a wörd\n".encode())
        assert await typing == "a wörd"
    assert terminal.mode == single
    terminal.press(b"x")
    assert await next_keys(keyboard, 1) == "x"
    keyboard.close()


async def test_line_without_terminal_is_empty() -> None:
    assert await Keyboard().line() == ""
