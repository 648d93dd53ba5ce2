"""Run as `sottovoce` is, with a bug wherever somebody asks for one.

    python -m tests.process.breaking serve --socket PATH

A request with the header `x-break` meets a bug of that kind, whose exception holds all that the
request brought.
"""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import warnings
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from quart import Quart, request

from server import cli
from server.web import app
from server.web.app import create_app
from server.web.services import Services

HEADER = "x-break"


class Finalized:
    """Breaks when it is forgotten."""

    def __init__(self, told: str) -> None:
        self._told = told

    def __del__(self) -> None:
        fail(self._told)


def fail(told: str) -> None:
    """Raise an exception whose text holds everything."""
    raise RuntimeError(told)


async def fail_later(told: str) -> None:
    """Raise it in a task whose end nobody waits for."""
    fail(told)


def fail_in_thread(told: str) -> None:
    """Raise it where no event loop is."""
    thread = threading.Thread(target=fail, args=(told,))
    thread.start()
    thread.join()


def leak(told: str) -> None:
    """Do what is never done: write it down in every place that there is."""
    for stream in (sys.stdout, sys.stderr):
        stream.write(told)
    # Those that a program would find for itself; this one is not told of them.
    own = Path.cwd().parent
    for folder in (own / "tmp", own / "home", own / "cwd"):
        (folder / "log").write_text(told)


BUGS: dict[str, Callable[[str], Any]] = {
    "view": fail,
    "callback": lambda told: asyncio.get_running_loop().call_soon(fail, told),
    "task": lambda told: asyncio.get_running_loop().create_task(fail_later(told)),
    "finalizer": Finalized,
    "thread": fail_in_thread,
    "log": lambda told: logging.getLogger("hypercorn.error").error(told),
    "warning": lambda told: warnings.warn(told, stacklevel=2),
    "leak": leak,
}


def breaking(view: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """A view that breaks in the way that the request asks for, and works otherwise."""

    async def broken(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 as the view has it
        kind = request.headers.get(HEADER)
        if kind in BUGS:
            brought = await request.get_data()
            BUGS[kind](f"{request.full_path} {request.headers} {brought!r}")
        return await view(*args, **kwargs)

    return broken


def create_breaking_app(services: Services) -> Quart:
    """The application, with a bug in every view."""
    made = create_app(services)
    for endpoint, view in made.view_functions.items():
        made.view_functions[endpoint] = breaking(view)
    return made


if __name__ == "__main__":
    # Before `server.serve` is imported, which the command does when it runs.
    app.create_app = create_breaking_app
    cli.main()
