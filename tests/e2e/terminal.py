"""Runs a command in its own terminal; the test reads its output and presses keys."""

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

from .workspace import TOP, Workspace, command

ROWS_AND_COLUMNS = (50, 100)


class Terminal:
    """A running command; leaving the context kills it.

    Args:
        workspace: its folders are the command's TMPDIR and HOME.
        arguments: what follows `sottovoce` on the command line.
        variables: environment variables to set.
    """

    def __init__(self, workspace: Workspace, *arguments: str, **variables: str) -> None:
        self._outer_fd, self._inner_fd = os.openpty()
        termios.tcsetwinsize(self._inner_fd, ROWS_AND_COLUMNS)
        self.initial_mode = self.mode
        self.output = ""
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._read_to = 0
        # As under a shell, this is its controlling terminal: only then does Ctrl-C send a signal.
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *command(*arguments)],
            cwd=TOP,
            env=workspace.environment(TERM="xterm", **variables),
            stdin=self._inner_fd,
            stdout=self._inner_fd,
            stderr=self._inner_fd,
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
        """The current settings of the terminal (termios)."""
        return termios.tcgetattr(self._inner_fd)

    def press(self, keys: str) -> None:
        """Send keys to the command."""
        os.write(self._outer_fd, keys.encode())

    def wait_for(self, *texts: str, bound_s: float = 30.0) -> None:
        """Read until all these texts were printed, in any order.

        Only output counts that follows the texts of the previous call.

        Raises:
            AssertionError: if they were not printed in time.
        """
        end_s = time.monotonic() + bound_s
        while -1 in (found := [self.output.find(text, self._read_to) for text in texts]):
            left_s = end_s - time.monotonic()
            if left_s <= 0 or not select.select([self._outer_fd], [], [], left_s)[0]:
                raise AssertionError(f"{texts} not printed; output: {self.output[-1000:]!r}")
            self.output += self._decode(os.read(self._outer_fd, 2**16))
        self._read_to = max(at + len(text) for at, text in zip(found, texts, strict=True))

    def hang_up(self) -> None:
        """Close the terminal, as when its window is closed. Calling it again does nothing."""
        for number in (self._outer_fd, self._inner_fd):
            with suppress(OSError):
                os.close(number)
        self._outer_fd = self._inner_fd = -1
