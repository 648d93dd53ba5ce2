"""Reads an operator's own torrc lines, such as bridges, and refuses what would break a promise.

Source: tor(1), "The configuration file format".
"""

from __future__ import annotations

from pathlib import Path

from .errors import OnionError
from .torrc import Option, owned_options, service_options

# Each of these would make the service findable, reachable in another way, or talkative.
_NEVER = frozenset(
    {
        "controlport",
        "extorport",
        "hiddenservicedir",
        "hiddenservicenonanonymousmode",
        "hiddenservicesinglehopmode",
        "httptunnelport",
        "natdport",
        "transport",
        "vanguardsliteenabled",
    }
)


class OwnLineError(OnionError):
    """A line of the operator's own file cannot be used."""

    def __init__(self, path: Path, number: int, reason: str) -> None:
        super().__init__(
            f"line {number} of {path} {reason}",
            hint="bridges, proxies and transports may stand there; the rest is set by the program",
        )


def read_own_lines(path: Path) -> list[Option]:
    """Read the options of a file, in their order.

    Raises:
        OwnLineError: if the file cannot be read, or holds an option that is not for it.
    """
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError):
        raise OwnLineError(path, 0, "cannot be read") from None
    taken = _NEVER | {
        name.lower() for name, _ in [*service_options(), *owned_options(Path("/"), 0)]
    }
    options: list[Option] = []
    for number, line in enumerate(lines, start=1):
        words = line.strip().split(maxsplit=1)
        if not words or words[0].startswith("#"):
            continue
        if len(words) == 1:
            raise OwnLineError(path, number, "has a name and no value")
        if words[0].lower() in taken:
            raise OwnLineError(path, number, f"sets {words[0]}, which is not for it")
        options.append((words[0], words[1].strip().removeprefix('"').removesuffix('"')))
    return options
