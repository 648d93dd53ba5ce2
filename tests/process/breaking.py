"""Run `sottovoce` with a bug in every view, triggered by a request header.

    python -m tests.process.breaking serve --socket PATH

A request with the header `x-break` triggers a bug of that kind. Its exception contains everything
that the request contained.
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
from werkzeug.routing import Map

from server import cli
from server.web import app
from server.web.app import create_app
from server.web.services import Services

HEADER = "x-break"


class Finalized:
    """Raises an exception when it is freed."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __del__(self) -> None:
        fail(self._text)


def fail(text: str) -> None:
    """Raise an exception whose text contains the request."""
    raise RuntimeError(text)


async def fail_later(text: str) -> None:
    """Raise the exception in a task that nobody awaits."""
    fail(text)


def fail_in_thread(text: str) -> None:
    """Raise the exception in a thread without an event loop."""
    thread = threading.Thread(target=fail, args=(text,))
    thread.start()
    thread.join()


def leak(text: str) -> None:
    """Do what the server never does: write the data to every output and folder."""
    for stream in (sys.stdout, sys.stderr):
        stream.write(text)
    # Found as a program finds them by itself: the test passes no path.
    own = Path.cwd().parent
    for folder in (own / "tmp", own / "home", own / "cwd"):
        (folder / "log").write_text(text)


BUGS: dict[str, Callable[[str], Any]] = {
    "view": fail,
    "callback": lambda text: asyncio.get_running_loop().call_soon(fail, text),
    "task": lambda text: asyncio.get_running_loop().create_task(fail_later(text)),
    "finalizer": Finalized,
    "thread": fail_in_thread,
    "log": lambda text: logging.getLogger("hypercorn.error").error(text),
    "warning": lambda text: warnings.warn(text, stacklevel=2),
    "leak": leak,
}


def breaking(view: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    """Wrap a view: it raises if the request has the header, and works otherwise."""

    async def broken(*args: Any, **kwargs: Any) -> Any:  # noqa: ANN401 as the view has it
        kind = request.headers.get(HEADER)
        if kind in BUGS:
            body = await request.get_data()
            BUGS[kind](f"{request.full_path} {request.headers} {body!r}")
        return await view(*args, **kwargs)

    return broken


def create_breaking_app(services: Services) -> Quart:
    """Build the application with a bug in every view."""
    made = create_app(services)
    for endpoint, view in made.view_functions.items():
        made.view_functions[endpoint] = breaking(view)
    return made


def without_ready_pages(made: Quart, _routes: Map, _services: Services) -> Quart:
    """Let every request reach its view: a ready page is made without the header that breaks it."""
    return made


if __name__ == "__main__":
    # Must come before the import of `server.serve`, which the command imports when it runs.
    app.create_app = create_breaking_app
    app.ReadyPages = without_ready_pages  # type: ignore[attr-defined,assignment]
    cli.main()
