"""The operator's commands: parse, call, print. The only file that prints.

Rules, after age's: what was asked for goes to stdout; everything else goes to stderr, one
lower-case sentence without a full stop, and a `hint:` line when there is one. Exit codes: 0 done,
1 failed, 2 wrong usage.
"""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any, NoReturn

import click

from onion import OnionError
from server import __version__
from server.core.errors import OperatorError
from server.supervisor.report import JsonReport, PersonReport

PathArgument = click.Path(path_type=Path)

config_option = click.option(
    "--config",
    "config_path",
    type=PathArgument,
    help="A TOML file: rooms, topics, meeting hours, capacity.",
)

folder_option = click.option(
    "--folder",
    type=PathArgument,
    default=Path("~/.local/state/sottovoce"),
    show_default=True,
    help="Keeps the onion's key, tor's state and the sockets.",
)

torrc_option = click.option(
    "--torrc", type=PathArgument, help="A file with torrc lines of yours: bridges."
)

unsealed_option = click.option(
    "--unsealed",
    is_flag=True,
    help="Let the web process keep its ways out, where it cannot give them up; pages say so.",
)


def print_event(**event: object) -> None:
    """Print one JSON object on a line of its own, at once."""
    click.echo(json.dumps(event))
    sys.stdout.flush()


def fail(sentence: str, hint: str = "", *, status: int = 1) -> NoReturn:
    """Say why it failed, and what to do, and end."""
    click.echo(f"sottovoce: {sentence}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
    sys.exit(status)


@contextmanager
def explained() -> Iterator[None]:
    """Tell an error that an operator can mend, and end with 1, instead of a traceback."""
    try:
        yield
    except (OperatorError, OnionError) as error:
        fail(str(error), error.hint)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fail(f"the system refused: {where}{(error.strerror or type(error).__name__).lower()}")


def run_or_explain(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a command to its end, see `explained`."""
    with explained():
        asyncio.run(main())


def run_until_told(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a command that goes on until SIGTERM, SIGHUP or Ctrl-C; then clean up, and end with 0."""

    async def cancellable() -> None:
        task = asyncio.ensure_future(main())
        loop = asyncio.get_running_loop()
        told = asyncio.Event()

        def tell() -> None:
            # Once: a second signal must not cut the cleaning short.
            if not told.is_set():
                told.set()
                task.cancel()

        numbers = [signal.SIGTERM, signal.SIGINT]
        # Who started us with nohup does not want us to end with the terminal.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            numbers.append(signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, tell)
        try:
            await task
        except asyncio.CancelledError:
            if not told.is_set():
                raise

    run_or_explain(cancellable)


class Commands(click.Group):
    """Says wrong usage as every other error is said, and ends with 2."""

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (as click has it)
        """Run the command that is named, and end."""
        try:
            sys.exit(super().main(*args, **{**kwargs, "standalone_mode": False}))
        except click.UsageError as error:
            sentence = error.format_message().rstrip(".")
            path = error.ctx.command_path if error.ctx else "sottovoce"
            if "\n" in sentence:  # no command at all: click answers with the whole help
                click.echo(sentence, err=True)
                sys.exit(2)
            fail(sentence[:1].lower() + sentence[1:], f"see {path} --help", status=2)
        except click.Abort:  # Ctrl-C before anything was begun
            sys.exit(1)


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, message="sottovoce %(version)s")
def main() -> None:
    """Anonymous chat that exists only as a Tor onion service."""


@main.command()
@config_option
@unsealed_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def demo(config_path: Path | None, *, unsealed: bool, as_json: bool) -> None:
    """Run it all on a private Tor network on this machine; no internet is used."""
    from server.demo.demo import demo as run_demo
    from server.supervisor.webprocess import WebOptions

    options = WebOptions(config_path, unsealed)
    report = JsonReport() if as_json else PersonReport()
    run_until_told(lambda: run_demo(report, options))


@main.command()
@folder_option
@torrc_option
@click.option(
    "--patience",
    type=click.IntRange(5, 3600),
    default=180,
    show_default=True,
    help="Seconds that tor may stay at one percentage before this gives up.",
)
@config_option
@unsealed_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def up(
    folder: Path,
    torrc: Path | None,
    patience: int,
    config_path: Path | None,
    *,
    unsealed: bool,
    as_json: bool,
) -> None:
    """Run it on the public Tor network."""
    from server.supervisor.up import up as run_up
    from server.supervisor.webprocess import WebOptions

    options = WebOptions(config_path, unsealed)
    report = JsonReport() if as_json else PersonReport()
    server = folder.expanduser().absolute()
    run_until_told(lambda: run_up(report, server, torrc, float(patience), options))


@main.command()
@click.option("--socket", "socket_path", type=PathArgument, required=True, help="Unix socket.")
@click.option("--admin-socket", type=PathArgument, help="Unix socket that answers `status`.")
@click.option("--onion", metavar="ADDRESS", help="Refuse every other Host.")
@config_option
@unsealed_option
@click.option("--show-store", "shows_store", is_flag=True, hidden=True, help="For the demo.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def serve(
    socket_path: Path,
    admin_socket: Path | None,
    onion: str | None,
    config_path: Path | None,
    *,
    unsealed: bool,
    shows_store: bool,
    as_json: bool,
) -> None:
    """Serve the chat alone, on a Unix socket. There is no TCP."""
    from server.sandbox.allocator import start_again

    with explained():
        start_again()

    from server.config.load import default_config, load_config
    from server.serve import ServeConfig, run

    def on_ready() -> None:
        if as_json:
            print_event(event="ready")
        else:
            click.echo(f"listening on {socket_path}", err=True)

    with explained():
        decided = default_config() if config_path is None else load_config(config_path)
    config = ServeConfig(
        socket_path,
        admin_socket,
        onion,
        capacity=decided.capacity,
        rooms=decided.rooms,
        topics=decided.topics,
        hours=decided.hours,
        unsealed=unsealed,
        shows_store=shows_store,
    )
    run_or_explain(lambda: run(config, on_ready))


@main.command()
@click.option(
    "--admin-socket",
    type=PathArgument,
    default=Path("~/.local/state/sottovoce/admin/admin.sock"),
    show_default=True,
    help="The admin socket of the running server.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(admin_socket: Path, *, as_json: bool) -> None:
    """Show how many there are of everything: blurred, and nothing about anybody."""
    from server.admin import ask_status

    with explained():
        answer = ask_status(admin_socket.expanduser())
    if as_json:
        print_event(**answer)
        return
    width = max(map(len, answer))
    for name, value in answer.items():
        click.echo(f"{name:{width}} {value}")


@main.command()
@folder_option
@torrc_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def doctor(folder: Path, torrc: Path | None, *, as_json: bool) -> None:
    """Check this machine for what would break a promise; end with 1 if something does."""
    from server.doctor.examine import examine
    from server.doctor.findings import State

    with explained():
        findings = asyncio.run(examine(folder.expanduser().absolute(), torrc))
    for finding in findings:
        if as_json:
            told = {**asdict(finding), "state": finding.state.value}
            print_event(event="finding", **told)
            continue
        click.echo(f"{finding.name:14}  {finding.state.value:13}  {finding.sentence}")
        if finding.hint:
            click.echo(f"{'':14}  hint: {finding.hint}")
    if any(finding.state is State.FAILS for finding in findings):
        sys.exit(1)
