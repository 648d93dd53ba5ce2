"""Starts a server and its driver, each on its own core, and reads what the driver measured."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .children import QUICK_DRAWS, child

ROOMS = ("a", "b")
"""Public rooms of the measured server, as large as rooms can be."""

ROOM_MEMBERS = 5_000
SPARE_FILES = 240
"""Open files of a process beside its streams."""


@contextmanager
def drive(core: int | None, target: str, *steps: str) -> Iterator[Iterator[Any]]:
    """Start a server and its driver; yield what each step of the driver measured.

    Args:
        core: the server's; the driver runs on the one of this process.
        target: `server`, or `bare` for the bare server.
        steps: the driver's, see `bench.driver`.
    """
    with tempfile.TemporaryDirectory(prefix="sottovoce-bench-") as folder:
        path = Path(folder)
        with child(core, *_command(target, path, steps)) as pid:
            drive = (sys.executable, "-m", "bench.driver", target, str(_socket(path)), str(pid))
            with subprocess.Popen([*drive, *steps], stdout=subprocess.PIPE, text=True) as driver:
                assert driver.stdout is not None
                yield (json.loads(line) for line in driver.stdout)
            assert driver.returncode == 0, f"the driver of the {target} failed"


def most_streams() -> int:
    """How many streams a process may hold once its limit is raised as far as possible."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard - SPARE_FILES


def _command(target: str, folder: Path, steps: Sequence[str]) -> tuple[str, ...]:
    if target == "bare":
        return ("bench.bare_server", str(_socket(folder)))
    config = folder / "rooms.toml"
    config.write_text("".join(map(_room, ROOMS)))
    # Quick draws take some percent of a core: only where somebody is matched.
    draws = QUICK_DRAWS if any(step.startswith("meet=") for step in steps) else ()
    options = ("--json", "--socket", str(_socket(folder)), "--config", str(config), *draws)
    return ("bench.unpaced_server", "serve", *options)


def _socket(folder: Path) -> Path:
    return folder / "web" / "web.sock"


def _room(name: str) -> str:
    return f'[[rooms]]\nname = "{name}"\ntitle.en = "{name}"\ncapacity = {ROOM_MEMBERS}\n'
