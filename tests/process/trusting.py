"""Run `sottovoce` so that it believes PROXY lines, as behind a tor of ours.

python -m tests.process.trusting serve --socket PATH ...
"""

from __future__ import annotations

from typing import Any

from server import serve
from server.http.listener import serve_http


async def serve_trusting(*args: Any, **options: Any) -> None:  # noqa: ANN401
    """Serve as `serve_http` does, and believe PROXY lines."""
    await serve_http(*args, **{**options, "trusts_circuits": True})


if __name__ == "__main__":
    vars(serve)["serve_http"] = serve_trusting
    from server.cli import main

    main()
