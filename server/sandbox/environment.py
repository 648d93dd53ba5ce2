"""The minimal environment of the web process: only variables that it may need to run.

In most shells, variables reveal who started the program, and from where. An attacker in the process
could read them. Python's debugging options, which record data, are variables too.
"""

from __future__ import annotations

from collections.abc import Mapping

KEPT_VARIABLES = frozenset(
    {
        *("LD_LIBRARY_PATH", "GLIBC_TUNABLES"),
        *("PYTHONPATH", "PYTHONHOME", "PYTHONPYCACHEPREFIX", "PYTHONDONTWRITEBYTECODE"),
    }
)
"""Without these, the program may not find its libraries, or loses an option of its memory."""

FIXED_VARIABLES: Mapping[str, str] = {"TZ": "UTC0", "LC_ALL": "C.UTF-8"}
"""The same on every machine: the operator's own could tell a country. A time zone of this form is
read from no file."""


def plain_environment(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment for the web process, made from that of whoever starts it."""
    kept = {name: value for name, value in environment.items() if name in KEPT_VARIABLES}
    return {**kept, **FIXED_VARIABLES}
