"""In an unsuitable environment a command prints one sentence with the cause and leaves nothing."""

from __future__ import annotations

import os
import shlex
import shutil
import tempfile
from pathlib import Path

import pytest

from onion.launch.run_folder import NEEDED_BYTES
from tests.onion.unshared import in_small_filesystem

from .conftest import Demo
from .workspace import Workspace, sentence_and_hint

pytestmark = [pytest.mark.tor, pytest.mark.slow]

UNREACHABLE_NETWORK = (
    "TestingTorNetwork 1\n"
    "UseDefaultFallbackDirs 0\n"
    f"DirAuthority nowhere orport=1 v3ident={'0123456789' * 4} 127.0.0.1:1 {'9876543210' * 4}\n"
)
"""Torrc lines of a network whose only authority is at a local port where nothing listens."""

SYSTEM_FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin", "/sbin")

COMMANDS = ("demo", "up")


@pytest.fixture
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return Workspace(tmp_path_factory.mktemp("n"))


def arguments_of(command: str, workspace: Workspace, torrc: str = UNREACHABLE_NETWORK) -> list[str]:
    """Return arguments with which the command would start here, if the network were reachable."""
    if command == "demo":
        return ["demo"]
    own = workspace.home / "own.torrc"
    own.write_text(torrc)
    folder = workspace.home / "server"
    return ["up", "--folder", str(folder), "--torrc", str(own), "--patience", "5"]


def without_tor() -> list[str]:
    """Return a command that runs another command with every tor of this machine hidden."""
    path = [*os.environ["PATH"].split(os.pathsep), *SYSTEM_FOLDERS]
    tors = {Path(found).resolve() for folder in path if (found := shutil.which("tor", path=folder))}
    steps = [f"mount --bind /dev/null {shlex.quote(str(tor))}" for tor in sorted(tors)]
    return ["unshare", "-rm", "sh", "-ec", "\n".join([*steps, 'exec "$@"']), "sh"]


@pytest.mark.parametrize("command", COMMANDS)
def test_missing_tor_is_reported_with_the_package_to_install(
    workspace: Workspace, command: str
) -> None:
    sentence, hint = sentence_and_hint(
        workspace.run(*arguments_of(command, workspace), within=without_tor())
    )
    assert sentence.startswith("tor is not installed: looked in ")
    assert "apt-get install tor" in hint
    assert workspace.left_nothing()


@pytest.mark.parametrize("command", COMMANDS)
def test_old_tor_is_reported_with_both_versions(workspace: Workspace, command: str) -> None:
    old = workspace.home / "tor"
    old.write_text("#!/bin/sh\necho 'Tor version 0.4.7.16.'\n")
    old.chmod(0o755)
    path = os.pathsep.join([str(workspace.home), os.environ["PATH"]])
    sentence, hint = sentence_and_hint(workspace.run(*arguments_of(command, workspace), PATH=path))
    assert sentence == "this tor is version 0.4.7.16, and 0.4.8 or newer is needed"
    assert "newer tor" in hint
    assert workspace.left_nothing()


@pytest.mark.parametrize("folder", ["/proc", "/nowhere", "/dev/null"])
def test_unusable_temporary_folder_is_reported(workspace: Workspace, folder: str) -> None:
    sentence, hint = sentence_and_hint(workspace.run("demo", TMPDIR=folder))
    assert sentence.startswith(f"cannot write in {folder}: ")
    assert "TMPDIR" in hint
    assert workspace.left_nothing()


def test_temporary_folder_with_an_equals_sign_in_its_path_is_refused(workspace: Workspace) -> None:
    # Short, so that only the sign is wrong.
    odd = Path(tempfile.mkdtemp(prefix="a=b"))
    sentence, hint = sentence_and_hint(workspace.run("demo", TMPDIR=str(odd)))
    assert "must not hold an equals sign" in sentence
    assert "TMPDIR" in hint
    assert list(odd.iterdir()) == []
    odd.rmdir()
    assert workspace.left_nothing()


@pytest.mark.parametrize("folder", ["/proc/server", "/dev/null", "/dev/null/server"])
def test_server_folder_that_cannot_be_created_is_reported(
    workspace: Workspace, folder: str
) -> None:
    arguments = arguments_of("up", workspace)
    arguments[2] = folder
    sentence, hint = sentence_and_hint(workspace.run(*arguments))
    assert folder in sentence or str(Path(folder).parent) in sentence
    assert hint
    assert workspace.left_nothing()


ON_A_FULL_DISK = """
import os, subprocess, sys
arguments = {arguments}
done = subprocess.run([sys.executable, "-m", "server", *arguments], capture_output=True, text=True,
                      stdin=subprocess.DEVNULL, env={**os.environ, "TMPDIR": "{folder}"})
print(done.returncode)
print(done.stderr, end="")
print(sorted(os.listdir("{folder}")))
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_full_disk_is_reported_and_nothing_is_left_on_it(
    workspace: Workspace, command: str
) -> None:
    arguments = arguments_of(command, workspace)
    if command == "up":
        arguments[2] = str(workspace.folder / "server")
    code = ON_A_FULL_DISK.replace("{arguments}", repr(arguments))
    status, sentence, hint, *left = in_small_filesystem(workspace.folder, code, full=True)
    assert status == "1"
    assert sentence.startswith(f"sottovoce: cannot write in {workspace.folder}")
    assert sentence.endswith(": no space left")
    assert hint == "hint: free some space, or choose another folder"
    # `fill` and `keys` existed before; they fill the disk.
    assert left in (["['fill', 'keys']"], ["['fill', 'keys', 'server']"])
    assert workspace.left_nothing()


def test_low_disk_space_is_reported_before_anything_starts(workspace: Workspace) -> None:
    code = ON_A_FULL_DISK.replace("{arguments}", "['demo']")
    size = f"{NEEDED_BYTES // 1024 - 1024}k"
    status, sentence, _, left = in_small_filesystem(workspace.folder, code, size=size)
    assert (status, left) == ("1", "[]")
    assert sentence == f"sottovoce: cannot write in {workspace.folder}: no space left"


def test_too_few_free_ports_are_reported_with_their_number(workspace: Workspace) -> None:
    steps = "ip link set lo up\necho 40000 40005 >/proc/sys/net/ipv4/ip_local_port_range\n"
    within = ["unshare", "-rn", "sh", "-ec", steps + 'exec "$@"', "sh"]
    sentence, hint = sentence_and_hint(workspace.run("demo", within=within))
    assert sentence.startswith("found 6 of 11 free ports")
    assert "end other programs" in hint
    assert workspace.left_nothing()


@pytest.mark.parametrize(
    ("torrc", "sentence", "hint"),
    [
        ("ControlPort 9051", "line 1 of {own} sets ControlPort, which is not allowed", "bridges"),
        ("%include /etc/passwd", "line 1 of {own} does not begin with", "bridges"),
        ("UseBridges", "line 1 of {own} has a name and no value", "bridges"),
        ("Bridge nonsense", "line 1 of {own} has no address", "bridges"),
        (UNREACHABLE_NETWORK + "Brigde 192.0.2.1:443", "tor ended with status 1: ", "{own}"),
    ],
)
def test_invalid_line_in_the_operators_torrc_is_reported(
    workspace: Workspace, torrc: str, sentence: str, hint: str
) -> None:
    arguments = arguments_of("up", workspace, torrc)
    own = workspace.home / "own.torrc"
    error = sentence_and_hint(workspace.run(*arguments))
    assert error[0].startswith(sentence.format(own=own))
    assert hint.format(own=own) in error[1]
    assert workspace.left_nothing()


def test_missing_torrc_of_the_operator_is_reported(workspace: Workspace) -> None:
    arguments = arguments_of("up", workspace)
    (workspace.home / "own.torrc").unlink()
    sentence, _ = sentence_and_hint(workspace.run(*arguments))
    assert sentence.endswith("own.torrc cannot be read: no such file or directory")
    assert not (workspace.home / "server").exists(), "the torrc is read before anything is created"


@pytest.mark.parametrize(
    ("arguments", "error"),
    [
        (("demos",), "no such command 'demos'"),
        (("demo", "now"), "got unexpected extra argument (now)"),
        (("demo", "--port", "80"), "no such option"),
        (("up", "--patience", "4"), "invalid value for '--patience'"),
        (("up", "--patience", "soon"), "invalid value for '--patience'"),
        (("up", "--folder"), "option '--folder' requires an argument"),
        (("serve",), "missing option '--socket'"),
    ],
)
def test_wrong_usage_exits_with_2(
    workspace: Workspace, arguments: tuple[str, ...], error: str
) -> None:
    done = workspace.run(*arguments)
    assert sentence_and_hint(done, status=2)[0].startswith(error)
    assert "--help" in done.stderr
    assert done.stdout == ""
    assert workspace.left_nothing()


def test_without_a_command_the_help_is_printed_and_status_is_2(workspace: Workspace) -> None:
    done = workspace.run()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: ")


def test_stalled_bootstrap_is_reported_with_percentage_and_hint(workspace: Workspace) -> None:
    # Stdin is closed: no command needs it.
    within = ["sh", "-c", 'exec "$@" <&-', "sh"]
    done = workspace.run(*arguments_of("up", workspace), within=within)
    sentence, hint = sentence_and_hint(done)
    assert sentence.startswith(
        "the connection to the tor network is stuck at 5%: nobody listens at the address that tor"
        " connects to (tor's last warning: "
    )
    assert "Connection refused" in sentence
    assert "bridges" in hint
    assert "clock" in hint
    assert "Connection refused" in done.stdout, "the warning is printed as soon as tor reports it"
    assert workspace.left_nothing()
    server = workspace.home / "server"
    assert not [path for path in server.rglob("*") if path.is_socket()]
    assert (server / "onion.key").is_file()


def test_demo_starts_without_a_terminal(demo: Demo) -> None:
    stdin = os.readlink(f"/proc/{demo.events.process.pid}/fd/0")
    assert (stdin, demo.events.process.poll()) == (os.devnull, None)


@pytest.mark.parametrize("arguments", [("--help",), ("demo", "--help"), ("up", "-h")])
def test_help_is_printed_without_a_server(workspace: Workspace, arguments: tuple[str, ...]) -> None:
    done = workspace.run(*arguments)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: ")


def test_status_without_a_server_is_an_error(workspace: Workspace) -> None:
    sentence, _ = sentence_and_hint(workspace.run("status"))
    assert sentence == f"no server runs in {workspace.home}/.local/state/sottovoce"
