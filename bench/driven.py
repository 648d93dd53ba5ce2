"""Starts a server and its driver, each on a core of its own, and reads what the driver says."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from .children import child

ROOMS = ("a", "b")
"""Public rooms of a house that is driven, as large as rooms can be."""

ROOM_MEMBERS = 5_000
SPARE_FILES = 240
"""Open files of a process beside its streams."""


@contextmanager
def driven(core: int | None, way: str, *steps: str) -> Iterator[Iterator[Any]]:
    """What a driver measures with these steps, see `bench.driver`, on a server of its own.

    Args:
        core: the server's; the driver has ours.
        way: `server`, or `bare` for the bare server.
        steps: of the driver.
    """
    with tempfile.TemporaryDirectory(prefix="sottovoce-bench-") as folder:
        path = Path(folder)
        with child(core, *_command(way, path)) as pid:
            drive = (sys.executable, "-m", "bench.driver", way, str(_socket(path)), str(pid))
            with subprocess.Popen([*drive, *steps], stdout=subprocess.PIPE, text=True) as driver:
                assert driver.stdout is not None
                yield (json.loads(line) for line in driver.stdout)
            assert driver.returncode == 0, f"the driver of the {way} gave up"


def most_streams() -> int:
    """How many streams a process may hold, once its limit is raised to where it can be."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard - SPARE_FILES


def _command(way: str, folder: Path) -> tuple[str, ...]:
    if way == "bare":
        return ("bench.bare_server", str(_socket(folder)))
    config = folder / "rooms.toml"
    config.write_text("".join(map(_room, ROOMS)))
    options = ("--json", "--socket", str(_socket(folder)), "--config", str(config))
    return ("server", "serve", *options)


def _socket(folder: Path) -> Path:
    return folder / "web" / "web.sock"


def _room(name: str) -> str:
    return f'[[rooms]]\nname = "{name}"\ntitle.en = "{name}"\ncapacity = {ROOM_MEMBERS}\n'
