"""A tor of the attacker's own in the demo's network: floods do not pass the honest visitors' tor.

It is the demo's client once more: the same lines, with a folder and a SOCKS port of its own.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from onion import find_tor

OWN = ("DataDirectory", "ControlSocket", "SocksPort", "__OwningControllerProcess", "Log")
"""Options that are not taken over."""

NICE = "10"
"""The attacker has another machine; here it leaves the processor to the others."""


@contextmanager
def second_client(run_folder: Path) -> Iterator[str]:
    """Start it, wait until it has connected, and yield its SOCKS address.

    Args:
        run_folder: of the running demo.
    """
    lines = (run_folder / "net" / "client" / "torrc").read_text().splitlines()
    taken = [line for line in lines if line.partition(" ")[0] not in OWN]
    with tempfile.TemporaryDirectory(prefix="sottovoce-bench-") as name:
        folder, socks = Path(name), f"unix:{name}/socks"
        own = (f"DataDirectory {folder}/data", f"SocksPort {socks}", "Log notice stdout")
        owner = f"__OwningControllerProcess {os.getpid()}"
        (folder / "torrc").write_text("\n".join([*taken, *own, owner, ""]))
        argv = ["nice", "-n", NICE, str(find_tor()), "--defaults-torrc", os.devnull]
        with subprocess.Popen(
            [*argv, "-f", str(folder / "torrc")], stdout=subprocess.PIPE, text=True
        ) as tor:
            assert tor.stdout is not None
            try:
                for line in tor.stdout:
                    if "Bootstrapped 100%" in line:
                        break
                else:
                    raise RuntimeError("the attacker's tor did not connect")
                yield socks
            finally:
                tor.kill()
