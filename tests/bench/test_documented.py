"""Every command of `bench/` is named in the page on measurements, and no other."""

from __future__ import annotations

import re
from pathlib import Path

TOP = Path(__file__).parents[2]
PAGE = TOP / "docs/measurements.md"


def test_page_names_every_command() -> None:
    named = set(re.findall(r"`(?:python -m )?(bench(?:\.\w+)*)`", PAGE.read_text(encoding="utf-8")))
    assert named == {command_of(path) for path in (TOP / "bench").rglob("*.py") if is_run(path)}


def is_run(path: Path) -> bool:
    """Whether a module is started with `python -m`."""
    return path.name == "__main__.py" or '__name__ == "__main__"' in path.read_text("utf-8")


def command_of(path: Path) -> str:
    """The name by which `python -m` starts a module."""
    return ".".join(path.relative_to(TOP).with_suffix("").parts).removesuffix(".__main__")
