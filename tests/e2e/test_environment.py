"""In a bad environment a command prints one sentence about what is wrong and leaves nothing."""

from __future__ import annotations

import os
import shlex
import shutil
from pathlib import Path

import pytest

from onion.launch.run_folder import NEEDED_BYTES
from tests.onion.unshared import in_small_filesystem

from .conftest import Demo
from .nest import Nest, explained

pytestmark = [pytest.mark.tor, pytest.mark.slow]

NOWHERE = (
    "TestingTorNetwork 1\n"
    "UseDefaultFallbackDirs 0\n"
    f"DirAuthority nowhere orport=1 v3ident={'0123456789' * 4} 127.0.0.1:1 {'9876543210' * 4}\n"
)
"""A network of one authority, at a local port where nothing listens."""

SYSTEM_FOLDERS = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/bin", "/sbin")

COMMANDS = ("demo", "up")


@pytest.fixture
def nest(tmp_path_factory: pytest.TempPathFactory) -> Nest:
    return Nest(tmp_path_factory.mktemp("n"))


def words_of(command: str, nest: Nest, torrc: str = NOWHERE) -> list[str]:
    """A command line that would start in a good environment, except for the network."""
    if command == "demo":
        return ["demo"]
    own = nest.home / "own.torrc"
    own.write_text(torrc)
    return ["up", "--folder", str(nest.home / "server"), "--torrc", str(own), "--patience", "5"]


def without_tor() -> list[str]:
    """Hide every tor of this machine from one command."""
    path = [*os.environ["PATH"].split(os.pathsep), *SYSTEM_FOLDERS]
    tors = {Path(found).resolve() for folder in path if (found := shutil.which("tor", path=folder))}
    steps = [f"mount --bind /dev/null {shlex.quote(str(tor))}" for tor in sorted(tors)]
    return ["unshare", "-rm", "sh", "-ec", "\n".join([*steps, 'exec "$@"']), "sh"]


@pytest.mark.parametrize("command", COMMANDS)
def test_missing_tor_is_told_with_what_to_install(nest: Nest, command: str) -> None:
    sentence, hint = explained(nest.run(*words_of(command, nest), within=without_tor()))
    assert sentence.startswith("tor is not installed: looked in ")
    assert "apt-get install tor" in hint
    assert nest.left_nothing()


@pytest.mark.parametrize("command", COMMANDS)
def test_old_tor_is_told_with_both_versions(nest: Nest, command: str) -> None:
    old = nest.home / "tor"
    old.write_text("#!/bin/sh\necho 'Tor version 0.4.7.16.'\n")
    old.chmod(0o755)
    path = os.pathsep.join([str(nest.home), os.environ["PATH"]])
    sentence, hint = explained(nest.run(*words_of(command, nest), PATH=path))
    assert sentence == "this tor is version 0.4.7.16, and 0.4.8 or newer is needed"
    assert "newer tor" in hint
    assert nest.left_nothing()


@pytest.mark.parametrize("folder", ["/proc", "/nowhere", "/dev/null"])
def test_folder_for_temporary_files_that_cannot_be_used_is_told(nest: Nest, folder: str) -> None:
    sentence, hint = explained(nest.run("demo", TMPDIR=folder))
    assert sentence.startswith(f"cannot write in {folder}: ")
    assert "TMPDIR" in hint
    assert nest.left_nothing()


def test_folder_for_temporary_files_that_tor_cannot_be_told_is_refused(nest: Nest) -> None:
    spaced = nest.folder / "a b"
    spaced.mkdir()
    sentence, hint = explained(nest.run("demo", TMPDIR=str(spaced)))
    assert "must not hold spaces" in sentence
    assert "TMPDIR" in hint
    assert list(spaced.iterdir()) == []
    spaced.rmdir()
    assert nest.left_nothing()


@pytest.mark.parametrize("folder", ["/proc/house", "/dev/null", "/dev/null/house"])
def test_folder_of_a_server_that_cannot_be_made_is_told(nest: Nest, folder: str) -> None:
    words = words_of("up", nest)
    words[2] = folder
    sentence, hint = explained(nest.run(*words))
    assert folder in sentence or str(Path(folder).parent) in sentence
    assert hint
    assert nest.left_nothing()


ON_A_FULL_DISK = """
import os, subprocess, sys
words = {words}
done = subprocess.run([sys.executable, "-m", "server", *words], capture_output=True, text=True,
                      stdin=subprocess.DEVNULL, env={**os.environ, "TMPDIR": "{folder}"})
print(done.returncode)
print(done.stderr, end="")
print(sorted(os.listdir("{folder}")))
"""


@pytest.mark.parametrize("command", COMMANDS)
def test_full_disk_is_told_and_nothing_is_left_on_it(nest: Nest, command: str) -> None:
    words = words_of(command, nest)
    if command == "up":
        words[2] = str(nest.folder / "server")
    code = ON_A_FULL_DISK.replace("{words}", repr(words))
    status, sentence, hint, *left = in_small_filesystem(nest.folder, code, full=True)
    assert status == "1"
    assert sentence.startswith(f"sottovoce: cannot write in {nest.folder}")
    assert sentence.endswith(": no space left")
    assert hint == "hint: free some space, or choose another folder"
    # The first two were there before, and fill the disk.
    assert left in (["['fill', 'keys']"], ["['fill', 'keys', 'server']"])
    assert nest.left_nothing()


def test_disk_that_would_soon_be_full_is_told_before_anything_is_started(nest: Nest) -> None:
    code = ON_A_FULL_DISK.replace("{words}", "['demo']")
    size = f"{NEEDED_BYTES // 1024 - 1024}k"
    status, sentence, _, left = in_small_filesystem(nest.folder, code, size=size)
    assert (status, left) == ("1", "[]")
    assert sentence == f"sottovoce: cannot write in {nest.folder}: no space left"


def test_want_of_ports_is_told_with_how_many_there_are(nest: Nest) -> None:
    steps = "ip link set lo up\necho 40000 40005 >/proc/sys/net/ipv4/ip_local_port_range\n"
    within = ["unshare", "-rn", "sh", "-ec", steps + 'exec "$@"', "sh"]
    sentence, hint = explained(nest.run("demo", within=within))
    assert sentence.startswith("found 6 of 11 free ports")
    assert "end other programs" in hint
    assert nest.left_nothing()


@pytest.mark.parametrize(
    ("torrc", "sentence", "hint"),
    [
        ("ControlPort 9051", "line 1 of {own} sets ControlPort, which is not allowed", "bridges"),
        ("%include /etc/passwd", "line 1 of {own} does not begin with", "bridges"),
        ("UseBridges", "line 1 of {own} has a name and no value", "bridges"),
        (NOWHERE + "Bridge nonsense", "tor ended with status 1: ", "{own}"),
        (NOWHERE + "Brigde 192.0.2.1:443", "tor ended with status 1: ", "{own}"),
    ],
)
def test_wrong_line_in_a_file_of_the_operators_is_told(
    nest: Nest, torrc: str, sentence: str, hint: str
) -> None:
    words = words_of("up", nest, torrc)
    own = nest.home / "own.torrc"
    said = explained(nest.run(*words))
    assert said[0].startswith(sentence.format(own=own))
    assert hint.format(own=own) in said[1]
    assert nest.left_nothing()


def test_file_of_the_operators_that_is_not_there_is_told(nest: Nest) -> None:
    words = words_of("up", nest)
    (nest.home / "own.torrc").unlink()
    sentence, _ = explained(nest.run(*words))
    assert sentence.endswith("own.torrc cannot be read: no such file or directory")
    assert not (nest.home / "server").exists(), "looked at before anything is made"


@pytest.mark.parametrize(
    ("words", "told"),
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
def test_wrong_usage_ends_with_2(nest: Nest, words: tuple[str, ...], told: str) -> None:
    done = nest.run(*words)
    assert explained(done, status=2)[0].startswith(told)
    assert "--help" in done.stderr
    assert done.stdout == ""
    assert nest.left_nothing()


def test_no_command_at_all_gives_the_help_and_ends_with_2(nest: Nest) -> None:
    done = nest.run()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("Usage: ")


def test_bootstrap_that_is_stuck_is_told_with_its_percentage_and_what_to_try(nest: Nest) -> None:
    # Without stdin: no command needs one.
    within = ["sh", "-c", 'exec "$@" <&-', "sh"]
    done = nest.run(*words_of("up", nest), within=within)
    sentence, hint = explained(done)
    assert sentence == (
        "the connection to the tor network is stuck at 5%: "
        "Connecting to a relay (Connection refused)"
    )
    assert "bridges" in hint
    assert "clock" in hint
    assert "Connection refused" in done.stdout, "the warning is told as it comes"
    assert nest.left_nothing()
    server = nest.home / "server"
    assert not [path for path in server.rglob("*") if path.is_socket()]
    assert (server / "onion.key").is_file()


def test_demo_without_a_terminal_comes_up(demo: Demo) -> None:
    stdin = os.readlink(f"/proc/{demo.process.pid}/fd/0")
    assert (stdin, demo.process.poll()) == (os.devnull, None)


@pytest.mark.parametrize("words", [("--help",), ("demo", "--help"), ("up", "-h")])
def test_help_is_given_without_a_server(nest: Nest, words: tuple[str, ...]) -> None:
    done = nest.run(*words)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("Usage: ")


def test_status_of_no_server_is_told(nest: Nest) -> None:
    sentence, _ = explained(nest.run("status"))
    assert sentence == f"no server answers on {nest.home}/.local/state/sottovoce/admin/admin.sock"
