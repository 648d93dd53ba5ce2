"""The operator's commands: parse the options, call, print. Only this file prints.

Rules, after age's: the requested output goes to stdout. Everything else goes to stderr: one
lower-case sentence without a full stop, and a `hint:` line when there is one. Exit codes: 0 done,
1 failed, 2 wrong usage.

Each command imports what it needs: the web process, which is started for `serve`, loads nothing of
Tor's side.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import sys
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from io import TextIOWrapper
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

import click

from server import __version__
from server.config.arguments import Duration, OnionAddress, PathValue
from server.core.admission.closing import OPEN, Closing
from server.core.admission.order import CLOSED_S, DRAIN_S, read_words
from server.core.errors import OperatorError
from server.core.limits import DRAW_EVERY_S, MIN_DRAW_EVERY_S
from server.supervisor.terminal.printer import discard
from server.supervisor.terminal.standard_streams import open_standard_streams

if TYPE_CHECKING:
    from onion import OnionError, ServiceKey
    from server.supervisor.report import JsonReport, TextReport

PathArgument = PathValue()

config_option = click.option(
    "--config",
    "config_path",
    type=PathArgument,
    envvar="SOTTOVOCE_CONFIG",
    show_envvar=True,
    help="A TOML file with languages, rooms, topics, hours, capacity, bridges and more.",
)


def check_number(_context: click.Context, _option: click.Parameter, value: float) -> float:
    """Refuse "nan", which no range excludes.

    Raises:
        click.BadParameter: if it is that.
    """
    if math.isnan(value):
        raise click.BadParameter("not a number")
    return value


folder_option = click.option(
    "--folder",
    type=PathArgument,
    envvar="SOTTOVOCE_FOLDER",
    show_envvar=True,
    default=Path("~/.local/state/sottovoce"),
    show_default=True,
    help="The folder for the onion service's key, tor's state and the sockets.",
)

torrc_option = click.option(
    "--torrc", type=PathArgument, help="A file with torrc lines of your own, such as bridges."
)

unsealed_option = click.option(
    "--unsealed",
    is_flag=True,
    help="Run the web process without its sandbox, if it fails here; every page then says so.",
)


def print_event(**event: object) -> None:
    """Print one JSON object on its own line, and flush."""
    click.echo(json.dumps(event))
    sys.stdout.flush()


def print_ready() -> None:
    """Print that the web process listens; whether somebody reads it does not matter.

    Past the buffer: what a full disk leaves there could not be written at the end either, and then
    the sealed process cannot open /dev/null in its place.
    """
    with suppress(OSError):
        os.write(sys.stdout.fileno(), json.dumps({"event": "ready"}).encode() + b"\n")


def fail(sentence: str, hint: str = "", *, status: int = 1) -> NoReturn:
    """Print why the command failed and what to do, and exit."""
    click.echo(f"sottovoce: {sentence}", err=True)
    if hint:
        click.echo(f"hint: {hint}", err=True)
    sys.exit(status)


def key_variables() -> dict[str, str]:
    """Return the variables of the environment that set keys of the configuration."""
    from server.config.environment import own_variables

    return own_variables(os.environ)


def config_of(folder: Path, config_path: Path | None) -> Path | None:
    """Return the configuration file: the named one, else that in the folder, if there is one."""
    from server.supervisor.paths import Paths

    in_folder = Paths(folder.absolute()).config
    return config_path or (in_folder if os.path.lexists(in_folder) else None)


@contextmanager
def report_errors(*of_tor: type[OnionError]) -> Iterator[None]:
    """Print an error that the operator can fix and exit with 1, instead of a traceback.

    Args:
        of_tor: errors of Tor's side, for the commands that use it.
    """
    with_hint: tuple[type[OperatorError | OnionError], ...] = (OperatorError, *of_tor)
    try:
        yield
    except with_hint as error:
        fail(str(error), error.hint)
    except OSError as error:
        where = f"{error.filename}: " if error.filename else ""
        fail(f"the system refused: {where}{(error.strerror or type(error).__name__).lower()}")


def run_until_signal(main: Callable[[], Coroutine[Any, Any, None]]) -> None:
    """Run a command until SIGTERM, SIGHUP or Ctrl-C; then clean up and return."""
    from onion import OnionError

    async def cancellable() -> None:
        task = asyncio.ensure_future(main())
        loop = asyncio.get_running_loop()
        stopped = asyncio.Event()

        def stop() -> None:
            # Once: a second signal must not interrupt the clean-up.
            if not stopped.is_set():
                stopped.set()
                task.cancel()

        numbers = [signal.SIGTERM, signal.SIGINT]
        # Under nohup, SIGHUP is ignored: the operator wants us to outlive the terminal.
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            numbers.append(signal.SIGHUP)
        for number in numbers:
            loop.add_signal_handler(number, stop)
        try:
            await task
        except asyncio.CancelledError:
            if not stopped.is_set():
                raise

    with report_errors(OnionError):
        asyncio.run(cancellable())


def make_report(*, as_json: bool) -> JsonReport | TextReport:
    """Make the report of a command that runs until a signal."""
    from server.supervisor.report import JsonReport, TextReport

    return JsonReport() if as_json else TextReport()


class Commands(click.Group):
    """Prints wrong usage in the form of every other error, and exits with 2."""

    def main(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 (as click has it)
        """Run the given command, and exit."""
        open_standard_streams()
        if isinstance(sys.stdout, TextIOWrapper):
            # Not every terminal has the letters of every language.
            sys.stdout.reconfigure(errors="backslashreplace")
        try:
            status = super().main(*args, **{**kwargs, "standalone_mode": False})
            sys.stdout.flush()
            sys.exit(status)
        except OSError as error:
            # Of the output: what a command does is inside `report_errors`.
            discard(sys.stdout)
            if isinstance(error, BrokenPipeError):
                sys.exit(1)
            fail(f"the output cannot be written: {(error.strerror or 'unknown reason').lower()}")
        except click.UsageError as error:
            sentence = error.format_message().rstrip(".")
            path = error.ctx.command_path if error.ctx else "sottovoce"
            if "\n" in sentence:  # no command given: click answers with the whole help
                click.echo(sentence, err=True)
                sys.exit(2)
            fail(sentence[:1].lower() + sentence[1:], f"see {path} --help", status=2)
        except click.Abort:  # Ctrl-C before anything was started
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
    """Run everything on a private Tor network on this machine, without internet access."""
    from server.demo.demo import demo as run_demo
    from server.supervisor.webprocess import WebOptions

    options = WebOptions(config_path, key_variables(), unsealed)
    report = make_report(as_json=as_json)
    run_until_signal(lambda: run_demo(report, options))


@main.command()
@folder_option
@torrc_option
@click.option(
    "--patience",
    type=click.IntRange(5, 3600),
    default=180,
    show_default=True,
    help="Give up when tor stays at one percentage for this many seconds.",
)
@click.option(
    "--tor-log",
    "shows_tor_log",
    is_flag=True,
    help="Keep tor's last lines in memory; print them if the start fails, and on SIGUSR1.",
)
@click.option(
    "--passphrase-fd",
    type=click.IntRange(min=0),
    metavar="NUMBER",
    help="Read the passphrase of a sealed key from this open file, and ask nobody.",
)
@config_option
@unsealed_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def up(
    folder: Path,
    torrc: Path | None,
    patience: int,
    passphrase_fd: int | None,
    config_path: Path | None,
    *,
    shows_tor_log: bool,
    unsealed: bool,
    as_json: bool,
) -> None:
    """Run it on the public Tor network.

    Without --config it reads sottovoce.toml in its folder. The first start in a terminal asks five
    questions, and writes that file.
    """
    from server.supervisor.up import up as run_up
    from server.supervisor.webprocess import WebOptions

    absolute, variables = folder.absolute(), key_variables()
    is_asked = not as_json and not variables and sys.stdin.isatty() and sys.stdout.isatty()
    if is_asked and config_path is None:
        ask_at_first_start(absolute, torrc)
    options = WebOptions(config_of(absolute, config_path), variables, unsealed)
    with report_errors():
        options.check()
    sealed = open_sealed_key(absolute, passphrase_fd)
    report = make_report(as_json=as_json)
    run_until_signal(
        lambda: run_up(
            report,
            absolute,
            torrc,
            float(patience),
            options,
            shows_tor_log=shows_tor_log,
            sealed=sealed,
        )
    )


@contextmanager
def asking_for_a_passphrase(*of_tor: type[OnionError]) -> Iterator[None]:
    """Report errors; and whoever ends the question finds everything as it was."""
    try:
        with report_errors(*of_tor):
            yield
    except (KeyboardInterrupt, EOFError):
        click.echo(err=True)
        fail("ended without a passphrase; nothing was changed")


def print_note(text: str) -> None:
    """Print a line that is not the requested output."""
    click.echo(text, err=True)


def open_sealed_key(folder: Path, passphrase_fd: int | None) -> ServiceKey | None:
    """Open the key of this folder, if it is sealed; ask for the passphrase, or read it."""
    from onion import OnionError
    from server.supervisor.key.at_start import open_at_start
    from server.supervisor.key.passphrase import ask_terminal
    from server.supervisor.paths import Paths

    with asking_for_a_passphrase(OnionError):
        return open_at_start(Paths(folder), passphrase_fd, ask_terminal, print_note)


def ask_at_first_start(folder: Path, torrc: Path | None) -> None:
    """Ask the operator, write the answers and check the machine, if nothing is set up yet."""
    from onion import OnionError
    from server.first_start.questions import ask_operator, is_first_start
    from server.first_start.writing import write_first_start
    from server.supervisor.paths import Paths

    paths = Paths(folder)
    if not is_first_start(paths):
        return
    with report_errors(OnionError):
        try:
            first = ask_operator(
                paths, lambda question, default: click.prompt(question, default), click.echo
            )
        except click.Abort:
            click.echo()
            fail("ended before the last answer; nothing was written")
        write_first_start(paths, first, click.echo)
    click.echo()
    if not print_findings(folder, torrc, paths.config, as_json=False):
        click.echo()
        if not click.confirm("A check fails: see its hint. Start all the same?"):
            fail("not started; your answers are kept, so the next start asks nothing")


@main.command()
@click.option("--socket", "socket_path", type=PathArgument, required=True, help="Unix socket.")
@click.option(
    "--socket-fd",
    type=click.IntRange(min=3),
    hidden=True,
    metavar="NUMBER",
    help="For the supervisor: the descriptor of --socket, which is open already.",
)
@click.option("--admin-socket", type=PathArgument, help="Unix socket that answers `status`.")
@click.option(
    "--socket-group",
    metavar="GROUP",
    help="Let this group reach the socket: that of the user as whom the system runs tor.",
)
@click.option(
    "--onion",
    type=OnionAddress(),
    metavar="ADDRESS",
    help="Serve this Host only, and refuse all others.",
)
@config_option
@unsealed_option
@click.option(
    "--draw-every",
    "draw_every_s",
    type=click.FloatRange(MIN_DRAW_EVERY_S, DRAW_EVERY_S),
    callback=check_number,
    default=DRAW_EVERY_S,
    show_default=True,
    metavar="SECONDS",
    help="Time between two draws of the matching. Less is for tests: it is easier then to steer who"
    " is matched with whom.",
)
@click.option("--show-store", "shows_store", is_flag=True, hidden=True, help="For the demo.")
@click.option(
    "--trust-circuit-ids",
    "trusts_circuits",
    is_flag=True,
    hidden=True,
    help="For the supervisor: believe the PROXY lines of its tor.",
)
@click.option(
    "--closing",
    "closing_text",
    default="",
    hidden=True,
    metavar="JSON",
    help="For the supervisor: who may come in.",
)
@click.option(
    "--tor-defence",
    "tor_defences",
    multiple=True,
    hidden=True,
    metavar="NAME=0|1",
    help="For the supervisor: whether tor has it.",
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def serve(
    socket_path: Path,
    socket_fd: int | None,
    admin_socket: Path | None,
    socket_group: str | None,
    onion: str | None,
    config_path: Path | None,
    draw_every_s: float,
    *,
    unsealed: bool,
    shows_store: bool,
    trusts_circuits: bool,
    closing_text: str,
    tor_defences: tuple[str, ...],
    as_json: bool,
) -> None:
    """Run the web process alone, on a Unix socket. There is no TCP option."""
    from server.sandbox.allocator import reexec

    with report_errors():
        reexec()

    from server.config.load import load_config
    from server.serve import ServeConfig, run

    def on_ready() -> None:
        if as_json:
            print_ready()
        else:
            click.echo(f"listening on {socket_path}", err=True)

    with report_errors():
        loaded = load_config(config_path, key_variables())
    if loaded.tor.bridges:
        # The supervisor hands a configuration without them over: this one is given by hand.
        fail(
            "the configuration's tor.bridges has no effect here: this command starts no tor",
            "write the bridges into the torrc of that tor, with UseBridges 1, and not here",
        )
    try:
        closing = Closing.from_json(closing_text, time.monotonic()) if closing_text else OPEN
    except ValueError:
        raise click.UsageError("--closing is not of this form") from None
    split = (text.partition("=") for text in tor_defences)
    config = ServeConfig(
        socket_path,
        socket_fd,
        admin_socket,
        socket_group,
        onion,
        capacity=loaded.capacity,
        rooms=loaded.rooms,
        topics=loaded.topics,
        hours=loaded.hours,
        house=loaded.house,
        draw_every_s=draw_every_s,
        unsealed=unsealed,
        shows_store=shows_store,
        trusts_circuits=trusts_circuits or loaded.tor.circuit_ids,
        closing=closing,
        tor_defences={name: value == "1" for name, _, value in split},
    )
    with report_errors():
        asyncio.run(run(config, on_ready))


@main.command()
@folder_option
@click.option(
    "--admin-socket",
    type=PathArgument,
    help="Ask the web process behind this socket instead, which knows nothing of tor.",
)
@click.option("--watch", is_flag=True, help="Show it again and again, until Ctrl-C.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def status(folder: Path, admin_socket: Path | None, *, watch: bool, as_json: bool) -> None:
    """Show whether visitors can come in, and rounded counts; nothing about any person.

    The exit status is 1 if they cannot, or if nobody answers.
    """
    if watch and as_json:
        raise click.UsageError("--watch shows it to a person, --json to a program: choose one")

    def ask() -> dict[str, object]:
        return ask_service(folder, admin_socket)

    if watch:
        from server.supervisor.live_status import watch_status

        with suppress(KeyboardInterrupt), report_errors():
            watch_status(lambda: lines_of(ask()))
        return
    with report_errors():
        answer = ask()
    if as_json:
        print_event(**answer)
    else:
        lines = lines_of(answer)
        width = max(len(label) for label, _ in lines)
        for label, text in lines:
            click.echo(f"{label:{width}}  {text}")
    if not answer.get("lets_visitors_in", True):
        sys.exit(1)


def ask_service(folder: Path, admin_socket: Path | None) -> dict[str, object]:
    """Ask the supervisor of a folder; if there is none, the web process.

    Raises:
        OperatorError: if nobody answers.
    """
    from server.admin import ask_status
    from server.supervisor.operator_socket import ask
    from server.supervisor.paths import Paths

    paths = Paths(folder.absolute())
    if admin_socket is not None:
        return ask_status(admin_socket)
    if paths.operator_socket.is_socket():
        return ask(paths.operator_socket, "status")
    if paths.admin_socket.is_socket():
        return ask_status(paths.admin_socket)
    raise OperatorError(f"no server runs in {paths.folder}", "start it, or name another --folder")


@main.command()
@folder_option
@click.option(
    "--drain",
    "drain_s",
    type=Duration(DRAIN_S),
    metavar="TIME",
    help="Tell those inside, and let them talk until then, such as 15m.",
)
def restart(folder: Path, drain_s: int | None) -> None:
    """Replace the web process; tor and the address stay.

    Those inside are told, and their streams end whole. Every conversation is lost: they were only
    in the memory of the old process. The new one reads the configuration file, which is checked
    first: if it is wrong, nothing is ended.

    With --drain nobody new comes in and nothing new begins from now on; the web process is replaced
    when nobody talks any more, after TIME at the latest. The command returns at once; `status`
    shows how it stands, and `open` cancels it.
    """
    from server.supervisor import commands

    if drain_s is None:
        with report_errors():
            commands.restart(folder.absolute())
        click.echo("the web process was replaced", err=True)
        return
    with report_errors():
        commands.drain(folder.absolute(), drain_s)
    click.echo(
        "those inside were told; the web process is replaced when nobody talks any more, or in"
        f" {in_words(drain_s)}; `sottovoce open` cancels it",
        err=True,
    )


@main.command()
@folder_option
@click.option(
    "--for",
    "for_s",
    type=Duration(CLOSED_S),
    metavar="TIME",
    required=True,
    help="How long, such as 90s, 30m or 2h. Then it opens by itself.",
)
@click.option("--say", "words", metavar="TEXT", help="What those read who may not come in.")
def close(folder: Path, for_s: int, words: str | None) -> None:
    """Let nobody new in for some time; those inside stay, and may do all that they could.

    A second `close` replaces the first, words included. `open` ends it.
    """
    from server.supervisor import commands

    with report_errors():
        cleaned = "" if words is None else read_words(words)
        is_told = commands.close(folder.absolute(), for_s, cleaned)
    sentence = f"nobody new comes in for {in_words(for_s)}; those inside stay"
    later = "" if is_told else "; no web process runs at this moment: the next one is told"
    click.echo(sentence + later, err=True)


@main.command("open")
@folder_option
def open_again(folder: Path) -> None:
    """Let everybody in again, and cancel a restart that was to come."""
    from server.supervisor import commands

    with report_errors():
        was_open = commands.open_again(folder.absolute())
    click.echo("it was open" if was_open else "everybody may come in", err=True)


def in_words(seconds: int) -> str:
    """Return a duration as the operator could have written it."""
    for unit_s, unit in ((3_600, "hour"), (60, "minute"), (1, "second")):
        if seconds % unit_s == 0:
            count = seconds // unit_s
            return f"{count} {unit}{'' if count == 1 else 's'}"
    raise AssertionError("each duration has whole seconds")


@main.command()
@folder_option
@click.option("--yes", is_flag=True, help="Do not ask.")
def burn(folder: Path, *, yes: bool) -> None:
    """End the server of this folder, and with it every conversation.

    Those inside are told. Nothing of them was written anywhere. The key, and so the address, stays
    in the folder; so does what tor keeps for itself.
    """
    from server.supervisor import commands

    absolute = folder.absolute()
    with report_errors():
        commands.check_runs(absolute)
        if not yes:
            if not sys.stdin.isatty():
                fail("this ends every conversation", "add --yes if you want that", status=2)
            click.confirm("End the server and every conversation?", abort=True, err=True)
        commands.burn(absolute)
    click.echo("the server has ended; every conversation is gone", err=True)


def lines_of(answer: dict[str, object]) -> list[tuple[str, str]]:
    """Return an answer as pairs of a label and a text."""
    from server.supervisor.status_text import status_lines

    if "state" in answer:
        return status_lines(answer)
    return [(name, str(value)) for name, value in answer.items()]


@main.command()
@folder_option
@torrc_option
@config_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def doctor(folder: Path, torrc: Path | None, config_path: Path | None, *, as_json: bool) -> None:
    """Check whether this machine breaks a promise of the chat; exit with 1 if it does.

    Without --config it reads sottovoce.toml in the folder, as `up` does.
    """
    absolute = folder.absolute()
    if not print_findings(absolute, torrc, config_of(absolute, config_path), as_json=as_json):
        sys.exit(1)


def print_findings(
    folder: Path, torrc: Path | None, config_path: Path | None, *, as_json: bool
) -> bool:
    """Check the machine, print one line for each check, and return whether none fails."""
    from onion import OnionError
    from server.doctor.examine import examine
    from server.doctor.findings import State

    with report_errors(OnionError):
        findings = asyncio.run(examine(folder, torrc, config_path, key_variables()))
    for finding in findings:
        if as_json:
            fields = {**asdict(finding), "state": finding.state.value}
            print_event(event="finding", **fields)
            continue
        click.echo(f"{finding.name:14}  {finding.state.value:13}  {finding.sentence}")
        if finding.hint:
            click.echo(f"{'':14}  hint: {finding.hint}")
    return not any(finding.state is State.FAILS for finding in findings)


@main.group(cls=click.Group)
def config() -> None:
    """Look at the configuration; nothing is started."""


@config.command()
@click.argument("file", type=PathArgument, envvar="SOTTOVOCE_CONFIG", required=False)
@folder_option
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line.")
def check(file: Path | None, folder: Path, *, as_json: bool) -> None:
    """Check FILE and the environment as a start would; name each mistake, and exit with 1 if any.

    Without FILE it is sottovoce.toml in the folder of `up`.
    """
    from server.config.load import find_errors, read_text
    from server.config.values import InvalidKeyError
    from server.supervisor.bridges import check_bridges

    file, variables = config_of(folder, file), key_variables()
    if file is None and not variables:
        raise click.UsageError(f"there is no sottovoce.toml in {folder}, and no FILE is named")
    with report_errors():
        text = read_text(file)
        errors = find_errors(text, variables) or check_bridges(text, variables)
    for error in errors:
        if as_json:
            found = error if isinstance(error, InvalidKeyError) else None
            place = {name: getattr(found, name, None) for name in ("key", "line", "variable")}
            print_event(event="mistake", **place, sentence=str(error), hint=error.hint)
        else:
            click.echo(str(error))
            click.echo(f"hint: {error.hint}")
    if as_json:
        print_event(event="checked", valid=not errors)
    elif not errors:
        for checked in (*filter(None, [file]), *sorted(variables)):
            click.echo(f"{checked} is valid")
    if errors:
        sys.exit(1)


@config.command()
def example() -> None:
    """Print a configuration with every key, its reason and its default."""
    from server.config.example import render_example

    click.echo(render_example(), nl=False)


KEPT_ELSEWHERE = (
    "A disk may keep what was deleted, and so may a snapshot; so do copies of the key elsewhere.\n"
    "Without the passphrase the address is lost: nobody can bring it back."
)


@main.group(cls=click.Group)
def keys() -> None:
    """Seal the service's key with a passphrase, which each start then needs."""


@keys.command()
@folder_option
def seal(folder: Path) -> None:
    """Encrypt the key with a passphrase, and remove it from the disk in the clear."""
    from onion import OnionError
    from server.supervisor.key import passphrase, sealing
    from server.supervisor.paths import Paths

    paths = Paths(folder.absolute())
    with asking_for_a_passphrase(OnionError):
        sealing.seal(paths, lambda: passphrase.ask_new(passphrase.ask_terminal, print_note))
    print_note(f"the key is sealed: {paths.sealed_key}\n{KEPT_ELSEWHERE}")


@keys.command("open")
@folder_option
def open_key(folder: Path) -> None:
    """Decrypt the key, and keep it on the disk in the clear again."""
    from onion import OnionError
    from server.supervisor.key import passphrase, sealing
    from server.supervisor.paths import Paths

    paths = Paths(folder.absolute())
    with asking_for_a_passphrase(OnionError):
        ask = passphrase.ask_known(passphrase.ask_terminal, print_note)
        sealing.open_sealed(paths, ask)
    print_note(f"the key is on the disk in the clear: {paths.key}")


@keys.command()
@folder_option
def new(folder: Path) -> None:
    """Make a new key, and so a new address, that is never on the disk in the clear."""
    from onion import OnionError
    from server.supervisor.key import passphrase, sealing
    from server.supervisor.paths import Paths

    paths = Paths(folder.absolute())
    with asking_for_a_passphrase(OnionError):
        sealing.make_sealed(paths, lambda: passphrase.ask_new(passphrase.ask_terminal, print_note))
    print_note(f"a new key, sealed: {paths.sealed_key}; copy this file to another place")
    print_note("Without the passphrase the address is lost: nobody can bring it back.")
