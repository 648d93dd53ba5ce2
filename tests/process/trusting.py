"""Run `sottovoce` so that it believes PROXY lines, as behind a tor of ours.

python -m tests.process.trusting serve --socket PATH ...
"""

from __future__ import annotations

from typing import Any

from server import serve

_serve_http = serve.serve_http


async def serve_trusting(*args: Any, **options: Any) -> None:  # noqa: ANN401
    """Serve as `serve_http` does, and believe PROXY lines."""
    await _serve_http(*args, **{**options, "trusts_circuits": True})


if __name__ == "__main__":
    serve.serve_http = serve_trusting
    from server.cli import main

    main()
