"""The minimal environment of the web process: only variables that it may need to run.

In most shells, variables reveal who started the program, and from where. An attacker in the process
could read them. Python's debugging options, which record data, are variables too.
"""

from __future__ import annotations

from collections.abc import Mapping

KEPT_VARIABLES = frozenset(
    {
        *("PATH", "LD_LIBRARY_PATH", "GLIBC_TUNABLES", "LANG", "LC_ALL", "LC_CTYPE", "TZ"),
        *("PYTHONPATH", "PYTHONHOME", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE"),
    }
)


def plain_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the variables of an environment that the web process may have."""
    return {name: value for name, value in environment.items() if name in KEPT_VARIABLES}
