"""Values on the command line: paths, durations, the onion address. Each is checked once, here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

_DURATION = re.compile(r"([0-9]{1,6})([smh])", re.A)
UNITS_S = {"s": 1, "m": 60, "h": 3_600}
DURATION_HINT = "write a number and a unit, such as 90s, 30m or 2h"

_ADDRESS = re.compile(r"([a-z0-9-]+\.)*[a-z0-9]+\.onion")
ADDRESS_HINT = "an address ends in .onion and has no http://, no slash and no port"


class PathValue(click.ParamType[Path]):
    """A path. `~` is the home directory, also after `=`, where no shell expands it."""

    name = "path"

    def convert(
        self,
        value: Any,  # noqa: ANN401 (as click has it)
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> Path:
        """Return the path.

        Raises:
            click.BadParameter: if it is empty, holds a zero byte, or begins with the home
                directory of a user who has none.
        """
        text = str(value)
        if not text:
            self.fail("the path is empty", param, ctx)
        if "\0" in text:
            self.fail("no path holds a zero byte", param, ctx)
        try:
            return Path(text).expanduser()
        except RuntimeError:
            self.fail("there is no home directory: set HOME, or give a whole path", param, ctx)


class Duration(click.ParamType[int]):
    """A duration such as `30m`, in seconds.

    Args:
        bounds: the shortest and the longest, in seconds: minutes, and hours.
    """

    name = "duration"

    def __init__(self, bounds: tuple[int, int]) -> None:
        self._bounds = bounds

    def convert(
        self,
        value: Any,  # noqa: ANN401 (as click has it)
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> int:
        """Return the seconds.

        Raises:
            click.BadParameter: if it has another form, or is too short or too long.
        """
        found = _DURATION.fullmatch(str(value).strip().lower())
        if found is None:
            self.fail(f"{str(value)[:20]!r} is no duration: {DURATION_HINT}", param, ctx)
        seconds, (least, most) = int(found[1]) * UNITS_S[found[2]], self._bounds
        if not least <= seconds <= most:
            self.fail(f"it must be from {least // 60}m to {most // 3_600}h", param, ctx)
        return seconds


class OnionAddress(click.ParamType[str]):
    """The onion address that a server answers to, as it stands in the `Host` of a request."""

    name = "address"

    def convert(
        self,
        value: Any,  # noqa: ANN401 (as click has it)
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> str:
        """Return the address.

        Raises:
            click.BadParameter: if no request could have it as its `Host`.
        """
        text = str(value).lower()
        if not _ADDRESS.fullmatch(text):
            self.fail(f"{text!r} is no onion address: {ADDRESS_HINT}", param, ctx)
        return text
