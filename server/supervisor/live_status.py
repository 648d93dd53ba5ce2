"""Shows the status again and again, in place, until Ctrl-C; nothing is kept.

The view is drawn on the terminal's second screen: when it ends, the terminal and its scrollback are
as they were.
"""

from __future__ import annotations

import time
from collections.abc import Callable

from rich.console import Console
from rich.live import Live
from rich.table import Table
from rich.text import Text

from server.core.errors import OperatorError

from .status_text import Lines

EVERY_S = 2.0


def watch_status(
    ask: Callable[[], Lines], console: Console | None = None, every_s: float = EVERY_S
) -> None:
    """Show what `ask` returns until `KeyboardInterrupt`.

    Args:
        ask: returns pairs of a label and a text; an `OperatorError` is shown in their place.
        console: where to draw; by default the terminal.
        every_s: pause between two questions.
    """
    console = console or Console()
    with Live(console=console, screen=console.is_terminal, auto_refresh=False) as live:
        while True:
            live.update(_table(ask), refresh=True)
            time.sleep(every_s)


def _table(ask: Callable[[], Lines]) -> Table:
    table = Table.grid(padding=(0, 2))
    try:
        lines = ask()
    except OperatorError as error:
        lines = [("state", str(error))]
    for label, text in lines:
        # As `Text`: square brackets in it are no markup.
        table.add_row(Text(label, style="bold"), Text(text, overflow="fold"))
    return table
