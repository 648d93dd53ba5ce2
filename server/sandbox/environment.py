"""The environment that the web process runs in: what it may need to run at all, and no more.

Who started it, and from where, stands in the variables of most shells; whoever breaks in could read
it. Python's debugging doors, which write down what passes through, are variables too.
"""

from __future__ import annotations

from collections.abc import Mapping

TOLD = frozenset(
    {
        *("PATH", "LD_LIBRARY_PATH", "GLIBC_TUNABLES", "LANG", "LC_ALL", "LC_CTYPE", "TZ"),
        *("PYTHONPATH", "PYTHONHOME", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE"),
    }
)


def plain_environment(ours: Mapping[str, str]) -> dict[str, str]:
    """What of an environment the web process is told."""
    return {name: value for name, value in ours.items() if name in TOLD}
