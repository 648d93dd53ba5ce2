"""What the web process is told of the configuration: of the file as it was when it last was valid.

A web process that ends by itself must be replaced at any time, also while the operator is in the
middle of a change.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from server.config.environment import NO_VARIABLES, Variables
from server.config.handover import for_web_process
from server.config.load import parse_config, read_text
from server.core.errors import OperatorError


class LastGood:
    """Reads the configuration file for one web process after the other.

    Args:
        file: the operator's configuration file; `None` if there is none.
        variables: of the environment, in force in place of what the file says.
    """

    def __init__(self, file: Path | None, variables: Variables = NO_VARIABLES) -> None:
        self._file, self._variables = file, variables
        self._text: str | None = None

    def read(self, notify: Callable[[str], None]) -> str | None:
        """Return what the next web process may know; `None` if nothing is configured.

        Args:
            notify: is told what is wrong, if an earlier version of the file has to serve.

        Raises:
            OperatorError: if the file is not valid, and never was.
        """
        if self._file is None and not self._variables:
            return None
        try:
            text = read_text(self._file)
            parse_config(text, self._variables)
        except OperatorError as error:
            if self._text is None:
                raise
            notify(f"{error}; the web process goes on with the configuration as it was before")
            if error.hint:
                notify(f"hint: {error.hint}")
        else:
            self._text = for_web_process(text, self._variables)
        return self._text
