"""Inspects this machine once and runs all checks. This is the only list of them.

The facts are gathered first. A check is a function of them and changes nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from server.core.errors import OperatorError
from server.sandbox.allocator import child_overwrites_freed_memory
from server.supervisor.paths import Paths

from .bridges import BridgeFacts, check_bridges, examine_bridges
from .clock import check_clock, is_synchronised, latest_known_time
from .cores import check_cores
from .environment import check_environment
from .findings import Finding, State
from .folder import check_key, check_left_behind
from .freed import check_freed
from .machine import Machine, Pid
from .ordering import OrderingTimes, check_ordering, time_ordering
from .ports import check_ports
from .reachable import Answer, ask_supervisor, check_reachable
from .running_server import RunningServer, check_server, find_server
from .source import check_source
from .swap import check_crash_kernel, check_hibernation, check_swap
from .tor import TorFacts, ask_tor, check_defences, check_sandbox, check_settings, check_tor
from .trial import Trial, check_calls, check_files, try_sandbox


@dataclass(frozen=True, slots=True)
class MachineFacts:
    """What was found out about one machine, and about the server in one folder."""

    machine: Machine
    paths: Paths
    own_lines: Path | None
    """The file with the operator's own torrc lines."""

    server: RunningServer | None
    """`None` if none runs."""

    answer: Answer
    """What its supervisor says."""

    overwrites: bool
    """Whether a process that is started like the web process overwrites memory that it frees."""

    ordering: OrderingTimes
    trial: Trial
    bridges: BridgeFacts
    tor: TorFacts
    now: datetime
    not_before: datetime
    """A time that has certainly passed."""

    synchronised: bool | None

    @property
    def web(self) -> int | None:
        """The process id of the running web process."""
        return None if self.server is None else self.server.web

    @property
    def pids(self) -> Sequence[Pid]:
        """The server's processes; if none runs, this process, whose settings it would inherit."""
        return ["self"] if self.server is None else self.server.pids


CHECKS: tuple[Callable[[MachineFacts], Finding], ...] = (
    lambda facts: check_swap(facts.machine, facts.pids),
    lambda facts: check_hibernation(facts.machine),
    lambda facts: check_crash_kernel(facts.machine),
    lambda facts: check_cores(facts.machine, facts.trial, facts.pids),
    lambda facts: check_freed(overwrites=facts.overwrites),
    lambda facts: check_ordering(facts.ordering),
    lambda facts: check_calls(facts.trial),
    lambda facts: check_files(facts.trial),
    lambda facts: check_environment(facts.machine, facts.web),
    lambda facts: check_tor(facts.tor),
    lambda facts: check_bridges(facts.bridges),
    lambda facts: check_settings(facts.tor, facts.own_lines),
    lambda facts: check_defences(facts.tor),
    lambda facts: check_sandbox(facts.tor),
    lambda facts: check_clock(
        now=facts.now, not_before=facts.not_before, synchronised=facts.synchronised
    ),
    lambda facts: check_key(
        facts.paths, may_swap=check_swap(facts.machine, facts.pids).state is not State.HOLDS
    ),
    lambda facts: check_left_behind(facts.paths, runs=facts.server is not None),
    lambda _: check_source(),
    lambda facts: check_server(facts.machine, facts.server, facts.paths),
    lambda facts: check_reachable(facts.answer),
    lambda facts: check_ports(facts.machine, facts.server),
)
"""All checks, in the order of the output."""


async def examine(
    folder: Path,
    own_lines: Path | None,
    config: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> list[Finding]:
    """Run every check.

    Args:
        folder: the server's folder; may be missing.
        own_lines: a file with the operator's own torrc lines.
        config: the configuration file, for its bridges.
        variables: of the environment; may hold bridges in place of those of the file.

    Raises:
        OperatorError, OnionError: if the folder or the file cannot be used.
        OSError: if we may not read the folder.
    """
    facts = await gather_facts(Machine(), folder, own_lines, config, variables)
    return [check(facts) for check in CHECKS]


async def gather_facts(
    machine: Machine,
    folder: Path,
    own_lines: Path | None,
    config: Path | None = None,
    variables: Mapping[str, str] | None = None,
) -> MachineFacts:
    """Find out what the checks need; raises the errors of `examine`."""
    paths = Paths(folder)
    paths.check()
    _check_readable(folder)
    bridges = await examine_bridges(config, own_lines, variables)
    consensus = paths.tor / "data" / "cached-microdesc-consensus"
    return MachineFacts(
        machine=machine,
        paths=paths,
        own_lines=own_lines,
        server=find_server(machine, paths),
        answer=await asyncio.to_thread(ask_supervisor, paths),
        overwrites=child_overwrites_freed_memory(),
        ordering=time_ordering(),
        trial=await try_sandbox(),
        bridges=bridges,
        tor=await ask_tor(paths, bridges.lines.options),
        now=datetime.now(UTC),
        not_before=latest_known_time(Path(__file__).parents[1], consensus),
        synchronised=is_synchronised(),
    )


def _check_readable(folder: Path) -> None:
    """Raise unless the folder is missing, or is a folder that we may read."""
    try:
        list(folder.iterdir())
    except FileNotFoundError:
        return
    except NotADirectoryError:
        raise OperatorError(f"{folder} is not a folder", "choose another --folder") from None
    except PermissionError:
        hint = "run this as the user that runs the server, or as root"
        raise OperatorError(f"cannot read {folder}", hint) from None
