"""A command in its own terminal, whose output a test reads and whose keys it presses."""

from __future__ import annotations

import codecs
import os
import select
import subprocess
import termios
import time
from contextlib import suppress
from types import TracebackType
from typing import Self

from .nest import TOP, Nest, command

ROWS_AND_COLUMNS = (50, 100)


class Terminal:
    """A running command; leaving the context kills it.

    Args:
        nest: where it runs.
        words: after `sottovoce`.
        changes: to the environment.
    """

    def __init__(self, nest: Nest, *words: str, **changes: str) -> None:
        self._person, self._program = os.openpty()
        termios.tcsetwinsize(self._program, ROWS_AND_COLUMNS)
        self.mode_before = self.mode
        self.said = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._read_to = 0
        # As its controlling terminal, as under a shell: only then is Ctrl-C a signal.
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command(*words)],
            cwd=TOP,
            env=nest.environment(TERM="xterm", **changes),
            stdin=self._program,
            stdout=self._program,
            stderr=self._program,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.process.kill()
        self.process.wait()
        self.hang_up()

    @property
    def mode(self) -> list[object]:
        """The settings of the terminal."""
        return termios.tcgetattr(self._program)

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._person, keys.encode())

    def wait_for(self, *texts: str, bound_s: float = 30.0) -> None:
        """Read until all these texts were printed, in any order, after the last ones waited for.

        Raises:
            AssertionError: if they were not printed in time.
        """
        end_s = time.monotonic() + bound_s
        while -1 in (found := [self.said.find(text, self._read_to) for text in texts]):
            left_s = end_s - time.monotonic()
            if left_s <= 0 or not select.select([self._person], [], [], left_s)[0]:
                raise AssertionError(f"{texts} were not printed; {self.said[-1000:]!r} was")
            self.said += self._decode(os.read(self._person, 2**16))
        self._read_to = max(at + len(text) for at, text in zip(found, texts, strict=True))

    def hang_up(self) -> None:
        """Close the window. Calling it again does nothing."""
        for number in (self._person, self._program):
            with suppress(OSError):
                os.close(number)
        self._person = self._program = -1
