"""Whatever an operator types, pipes or closes: one sentence, the right status, no traceback."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from .server_process import TOP

SERVE = ("serve", "--socket", "run/web.sock")
ADDRESS = "a" * 56 + ".onion"
COMMANDS = ("demo", "up", "serve", "status", "doctor")


def run(
    folder: Path, *arguments: str, redirected: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """Run the program in a folder until it ends, maybe with redirections of a shell."""
    program = [sys.executable, "-P", "-m", "server", *arguments]
    environ = {**os.environ, "PYTHONPATH": str(TOP), "HOME": str(folder), **environment}
    return subprocess.run(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", *program],
        cwd=folder,
        env={name: value for name, value in environ.items() if value},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def start(folder: Path, *arguments: str, redirected: str = "") -> subprocess.Popen[str]:
    program = [sys.executable, "-P", "-m", "server", *arguments]
    return subprocess.Popen(
        ["sh", "-c", f'exec "$@" {redirected}', "sh", *program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(TOP)},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_until_it_answers(path: Path, server: subprocess.Popen[str]) -> None:
    while server.poll() is None:
        with socket.socket(socket.AF_UNIX) as visitor, suppress(OSError):
            visitor.connect(str(path))
            visitor.sendall(b"GET /blank HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
            if visitor.recv(1):
                return
    raise AssertionError("it ended before it answered")


def check_refused(finished: subprocess.CompletedProcess[str], words: str, status: int = 1) -> None:
    """Check that one sentence, and perhaps a hint, says why."""
    lines = finished.stderr.splitlines()
    assert finished.returncode == status, finished
    assert lines[0].startswith("sottovoce: "), lines
    assert words in finished.stderr, lines
    assert len(lines) <= 2, lines


# Paths


@pytest.mark.parametrize(
    "arguments",
    [
        ("up", "--folder", ""),
        ("up", "--torrc", ""),
        ("demo", "--config", ""),
        ("serve", "--socket", ""),
        (*SERVE, "--admin-socket", ""),
        ("status", "--admin-socket", ""),
        ("doctor", "--folder="),
    ],
)
def test_empty_path_is_wrong_usage(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    check_refused(run(tmp_path, *arguments), "the path is empty", 2)
    assert not list(tmp_path.iterdir())


def test_tilde_is_the_home_directory_after_an_equals_sign_too(tmp_path: Path) -> None:
    finished = run(tmp_path, "up", "--torrc=~/bridges.torrc")
    check_refused(finished, f"{tmp_path}/bridges.torrc cannot be read")


def test_path_in_a_home_that_nobody_has_is_wrong_usage(tmp_path: Path) -> None:
    finished = run(tmp_path, "up", "--folder", "~nobody-of-that-name/x")
    check_refused(finished, "there is no home directory", 2)


@pytest.mark.parametrize(
    ("command", "name"),
    [("up", os.fsdecode(b"a\xff")), ("doctor", "a\nb")],
    ids=["up, no UTF-8", "doctor, line end"],
)
def test_folder_that_tor_cannot_take_is_refused_before_anything_starts(
    tmp_path: Path, command: str, name: str
) -> None:
    check_refused(run(tmp_path, command, "--folder", name), "cannot be used: a socket path")
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("command", ["up", "doctor"])
def test_file_in_the_place_of_the_folder_is_named(tmp_path: Path, command: str) -> None:
    (tmp_path / "notes").write_text("")
    check_refused(run(tmp_path, command, "--folder", "notes"), "not a folder")


def test_key_that_has_gone_missing_is_no_new_address(tmp_path: Path) -> None:
    folder = tmp_path / "house"
    (folder / "tor" / "data").mkdir(parents=True, mode=0o700)
    (folder / "tor" / "data" / "state").write_text("")
    folder.chmod(0o700)
    check_refused(run(tmp_path, "up", "--folder", "house"), "is gone, and with it the address")
    assert not (folder / "onion.key").exists()


# The address


@pytest.mark.parametrize(
    "address", ["", "http://a.onion/", f"http://{ADDRESS}/", "two words", "a.onion:80", "a.com"]
)
def test_address_that_no_request_can_have_is_wrong_usage(tmp_path: Path, address: str) -> None:
    check_refused(run(tmp_path, *SERVE, "--onion", address), "is no onion address", 2)


# The configuration


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[" * 5_000, "is not TOML"),
        ("x = " + "[" * 5_000, "is not TOML"),
        ("x = " + "1" * 5_000, "thousands of digits"),
        ("ring_mib = 1", "below [capacity]"),
        ("circuit_ids = true", "below [tor]"),
        ("[capacity]\nstream = 10", "did you mean streams?"),
        ("[[room]]\nname = 'x'", "did you mean rooms?"),
    ],
    ids=[
        *("brackets", "nested lists", "digits", "key without its table", "tor's key"),
        *("key nearly right", "table nearly right"),
    ],
)
def test_broken_configuration_is_named(tmp_path: Path, text: str, words: str) -> None:
    (tmp_path / "c.toml").write_text(text)
    check_refused(run(tmp_path, *SERVE, "--config", "c.toml"), words)


def test_byte_order_mark_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "c.toml").write_bytes(b"\xef\xbb\xbf[capacity]\nstreams = 0\n")
    check_refused(run(tmp_path, *SERVE, "--config", "c.toml"), "capacity.streams")


# The output


@pytest.mark.parametrize("arguments", [("--version",), ("--help",), ("serve", "--help")])
def test_output_that_cannot_be_written_is_said(tmp_path: Path, arguments: tuple[str, ...]) -> None:
    finished = run(tmp_path, *arguments, redirected=">/dev/full")
    check_refused(finished, "the output cannot be written: no space left")


def test_terminal_without_the_letters_gets_escapes(tmp_path: Path) -> None:
    finished = run(tmp_path, "config", "example", PYTHONIOENCODING="latin-1")
    assert (finished.returncode, finished.stderr) == (0, "")
    assert "\\u0641" in finished.stdout


def test_reader_that_has_gone_is_no_error_to_speak_of(tmp_path: Path) -> None:
    finished = run(tmp_path, "doctor", "--help", redirected="| true")
    assert finished.stderr == ""


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_closed_standard_stream_changes_nothing(tmp_path: Path, command: str, closed: str) -> None:
    finished = run(tmp_path, command, "--help", redirected=closed)
    assert (finished.returncode, finished.stderr) == (0, "")


@pytest.mark.parametrize("closed", [">&-", ">/dev/full", "<&- >&- 2>&-"])
def test_server_serves_without_anybody_who_reads_its_output(tmp_path: Path, closed: str) -> None:
    with start(tmp_path, *SERVE, "--json", redirected=closed) as server:
        wait_until_it_answers(tmp_path / "run" / "web.sock", server)
        streams = [os.readlink(f"/proc/{server.pid}/fd/{number}") for number in range(3)]
        assert not [name for name in streams if name.startswith("socket:")]
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0


# The folder that one stands in


def test_code_in_the_working_directory_is_not_run(tmp_path: Path) -> None:
    for name in ("server", "onion", "stem"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text("raise SystemExit('foreign code')")
    for name in ("random", "json", "ctypes"):
        (tmp_path / f"{name}.py").write_text("raise SystemExit('foreign code')")
    finished = run(tmp_path, "doctor", "--json", "--folder", "/nowhere")
    assert "foreign code" not in finished.stdout + finished.stderr
    assert "a sandboxed process can open no file" in finished.stdout
    assert "did not answer" not in finished.stdout


def test_server_in_a_folder_of_other_files_ends_well_and_starts_again(tmp_path: Path) -> None:
    (tmp_path / "run").mkdir(mode=0o700)
    (tmp_path / "run" / "notes").write_text("of somebody else")
    for _ in range(2):
        with start(tmp_path, *SERVE, "--json") as server:
            assert server.stdout is not None
            assert "ready" in server.stdout.readline()
            server.send_signal(signal.SIGTERM)
            assert server.wait(timeout=60) == 0
            assert server.stderr is not None
            assert "stays there" in server.stderr.read()
    assert (tmp_path / "run" / "notes").read_text() == "of somebody else"


@pytest.mark.parametrize("number", [signal.SIGHUP, signal.SIGINT, signal.SIGTERM])
def test_closed_terminal_ends_the_server_as_any_other_signal(tmp_path: Path, number: int) -> None:
    with start(tmp_path, *SERVE, "--json") as server:
        wait_until_it_answers(tmp_path / "run" / "web.sock", server)
        server.send_signal(number)
        assert server.wait(timeout=60) == 0
    assert not list((tmp_path / "run").iterdir())
