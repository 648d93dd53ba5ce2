"""The server that knows circuits and lets none of them wait: the yardstick of fair time.

The program has no option for this; the waiting is replaced from outside.

    python -m bench.free_server serve --socket PATH ...
"""

from __future__ import annotations

from server import serve
from server.http.circuits import OpenCircuit
from tests.process.trusting import serve_trusting


def pause(_circuit: OpenCircuit, _wait_s: float) -> None:
    """Let it go on."""


async def turn(_circuit: OpenCircuit) -> None:
    """Do not wait."""


if __name__ == "__main__":
    OpenCircuit.pause = pause  # type: ignore[method-assign, assignment]
    OpenCircuit.turn = turn  # type: ignore[method-assign, assignment]
    vars(serve)["serve_http"] = serve_trusting
    from server.cli import main

    main()
