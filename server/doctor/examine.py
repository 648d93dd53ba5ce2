"""Looks at this machine once, and goes through the checks: the one list of them.

Facts are gathered first; a check is a function of them, and touches nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from onion import read_user_torrc
from server.core.errors import OperatorError
from server.sandbox.allocator import allocator_can_hold
from server.supervisor.paths import Paths

from .clock import check_clock, earliest, is_synchronised
from .cores import check_cores
from .environment import check_environment
from .findings import Finding
from .folder import check_key, check_left_behind
from .freed import check_freed
from .machine import Machine, Pid
from .ports import check_ports
from .running_server import RunningServer, check_server, find_server
from .swap import check_crash_kernel, check_hibernation, check_swap
from .tor import TorFacts, ask_tor, check_sandbox, check_settings, check_tor
from .trial import Trial, check_calls, check_files, try_sealing


@dataclass(frozen=True, slots=True)
class Facts:
    """What was found out about one machine and the house in one folder."""

    machine: Machine
    paths: Paths
    own_lines: Path | None
    """The operator's file of torrc lines."""

    server: RunningServer | None
    """`None` if none runs."""

    overwrites: bool
    """Whether a process that is started as a house is overwrites what it frees."""

    trial: Trial
    tor: TorFacts
    now: datetime
    over: datetime
    """A time that is over for certain."""

    synchronised: bool | None

    @property
    def web(self) -> int | None:
        """The web process that runs now."""
        return None if self.server is None else self.server.web

    @property
    def pids(self) -> Sequence[Pid]:
        """The processes of the house; where none runs, this one stands for who would start it."""
        return ["self"] if self.server is None else self.server.pids


CHECKS: tuple[Callable[[Facts], Finding], ...] = (
    lambda facts: check_swap(facts.machine, facts.pids),
    lambda facts: check_hibernation(facts.machine),
    lambda facts: check_crash_kernel(facts.machine),
    lambda facts: check_cores(facts.machine, facts.trial, facts.pids),
    lambda facts: check_freed(overwrites=facts.overwrites),
    lambda facts: check_calls(facts.trial),
    lambda facts: check_files(facts.trial),
    lambda facts: check_environment(facts.machine, facts.web),
    lambda facts: check_tor(facts.tor),
    lambda facts: check_settings(facts.tor, facts.own_lines),
    lambda facts: check_sandbox(facts.tor),
    lambda facts: check_clock(now=facts.now, over=facts.over, synchronised=facts.synchronised),
    lambda facts: check_key(facts.paths),
    lambda facts: check_left_behind(facts.paths),
    lambda facts: check_server(facts.machine, facts.server, facts.paths),
    lambda facts: check_ports(facts.machine, facts.server),
)
"""Each check, in the order in which they are told."""


async def examine(folder: Path, own_lines: Path | None) -> list[Finding]:
    """Go through every check.

    Args:
        folder: of the house; need not be there yet.
        own_lines: a file with torrc lines of the operator's own.

    Raises:
        OperatorError, OnionError: if the folder cannot be one, or the file cannot be used.
        OSError: if we may not look into the folder.
    """
    facts = await gather(Machine(), folder, own_lines)
    return [check(facts) for check in CHECKS]


async def gather(machine: Machine, folder: Path, own_lines: Path | None) -> Facts:
    """Find out what the checks need; errors are those of `examine`."""
    paths = Paths(folder)
    paths.check()
    _enter(folder)
    lines = read_user_torrc(own_lines) if own_lines else []
    consensus = paths.tor / "data" / "cached-microdesc-consensus"
    return Facts(
        machine=machine,
        paths=paths,
        own_lines=own_lines,
        server=find_server(machine, paths),
        overwrites=allocator_can_hold(),
        trial=await try_sealing(),
        tor=await ask_tor(paths, lines),
        now=datetime.now(UTC),
        over=earliest(Path(__file__).parents[1], consensus),
        synchronised=is_synchronised(),
    )


def _enter(folder: Path) -> None:
    """Pass if the folder is not there, or is one that we may look into."""
    try:
        list(folder.iterdir())
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise OperatorError(f"{folder} is no folder", "choose another --folder") from None
    except PermissionError:
        hint = "run as the user whose house it is, or as root"
        raise OperatorError(f"cannot look into {folder}", hint) from None
