"""Values on the command line: paths, and the onion address. Each is checked once, here."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import click

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
