"""Imports the modules that Python or a library would import only when it first needs them.

A sealed process can open no file. A module that is still missing then is reported as not found.
"""

from __future__ import annotations

from importlib import import_module

LATE_MODULES = (
    "encodings.idna",  # the first time that a host name is encoded; it imports `stringprep`
    "jinja2.debug",  # the first error in a template
    "email.policy",  # the first header that is parsed as that of a mail
)


def import_late_modules() -> None:
    """Import them now."""
    for name in LATE_MODULES:
        import_module(name)
