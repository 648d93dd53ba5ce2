"""The operator's commands: parse, call, print. The only file that prints.

Rules, after age's: what was asked for goes to stdout; everything else goes to stderr, one
lower-case sentence without a full stop, and a `hint:` line when there is one. Exit codes: 0 done,
1 failed, 2 wrong usage.
"""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any, NoReturn

import click

from server import __version__
from server.core.errors import OperatorError

PathArgument = click.Path(path_type=Path)


def print_event(**event: object) -> None:
    """Print one JSON object on a line of its own, at once."""
    click.echo(json.dumps(event))
    sys.stdout.flush()


def fail(sentence: str, hint: str = "") -> NoReturn:
    """Say why it failed, and what to do, and end with 1."""
    click.echo(f"sottovoce: {sentence}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
    sys.exit(1)


def run_or_explain(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a command to its end; an error that an operator can mend is told, not thrown."""
    try:
        asyncio.run(main())
    except OperatorError as error:
        fail(str(error), error.hint)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="sottovoce %(version)s")
def main() -> None:
    """Anonymous chat that exists only as a Tor onion service."""


@main.command()
@click.option("--socket", "socket_path", type=PathArgument, required=True, help="Unix socket.")
@click.option("--admin-socket", type=PathArgument, help="Unix socket that answers `status`.")
@click.option("--onion", metavar="ADDRESS", help="Refuse every other Host.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def serve(
    socket_path: Path, admin_socket: Path | None, onion: str | None, *, as_json: bool
) -> None:
    """Serve the chat on a Unix socket. There is no TCP."""
    from server.serve import ServeConfig, run

    def on_ready() -> None:
        if as_json:
            print_event(event="ready")
        else:
            click.echo(f"listening on {socket_path}", err=True)

    run_or_explain(lambda: run(ServeConfig(socket_path, admin_socket, onion), on_ready))
