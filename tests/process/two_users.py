"""Runs a server as one user and prints what others reach: a program for root.

    python -m tests.process.two_users FOLDER [alone]

With `alone`, root has made no folder for the socket: the server is expected not to start.
"""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from server.process.socket_group import FOLDER_MODE

from .server_process import ANSWER_S, TOP

WEB, TOR, OTHER = 60_001, 60_002, 60_003
"""Users, each with a group of the same number."""

READ = "dac_read_search"
"""The capability to read everything: the program itself may lie in a folder of root's own."""


def connect(path: Path) -> None:
    """Connect to a socket."""
    with socket.socket(socket.AF_UNIX) as visitor:
        visitor.connect(str(path))


def may(user: int, act: Callable[[Path], object], path: Path) -> bool:
    """Whether that user, in no group but the user's own, can do this with a path."""
    child = os.fork()
    if child == 0:
        status = 2
        try:
            os.setgroups([])
            os.setgid(user)
            os.setuid(user)
            act(path)
            status = 0
        except PermissionError:
            status = 1
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in {0, 1}
    return status == 0


def start(folder: Path) -> subprocess.Popen[str]:
    """Start the server as the user of the web process."""
    sockets = ("--socket", folder / "run/web.sock", "--admin-socket", folder / "admin/admin.sock")
    words = ("serve", *sockets, "--socket-group", str(TOR), "--json")
    user = (f"--reuid={WEB}", f"--regid={WEB}", "--clear-groups")
    reading = (
        f"--inh-caps=-all,+{READ}",
        f"--ambient-caps=+{READ}",
        f"--bounding-set=-all,+{READ}",
    )
    program = (sys.executable, "-P", "-m", "server", *map(str, words))
    return subprocess.Popen(
        ["setpriv", *user, *reading, *program],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(TOP), "HOME": str(folder)},
        stdout=subprocess.PIPE,
        text=True,
    )


def say(line: str) -> None:
    """Print a line."""
    sys.stdout.write(f"{line}\n")


def main(top: Path, *, alone: bool) -> int:
    """Print one line for each question; return the server's exit code."""
    folder = top / "of-web"
    folder.mkdir()
    os.chown(folder, WEB, WEB)
    folder.chmod(0o711)
    run = folder / "run"
    if not alone:
        # Root does this once, as `docs/operating.md` says.
        subprocess.run(
            ["install", "-d", "-m", f"{FOLDER_MODE:o}", "-o", str(WEB), "-g", str(TOR), run],
            check=True,
        )
    with start(folder) as server:
        assert server.stdout is not None
        if server.stdout.readline():
            for name, user in {"tor": TOR, "other": OTHER}.items():
                say(f"{name} connects to web.sock: {may(user, connect, run / 'web.sock')}")
                admin = folder / "admin" / "admin.sock"
                say(f"{name} connects to admin.sock: {may(user, connect, admin)}")
                say(f"{name} lists the folder: {may(user, os.listdir, run)}")
            say(f"web connects to web.sock: {may(WEB, connect, run / 'web.sock')}")
            server.send_signal(signal.SIGTERM)
        status = server.wait(timeout=ANSWER_S)
    say(f"left: {sorted(str(path.relative_to(folder)) for path in folder.rglob('*'))}")
    return status


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), alone=sys.argv[2:] == ["alone"]))
