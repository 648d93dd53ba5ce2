"""Prints which modules and functions are long: `make sizes`. A report, not a rule.

A class that is one thing may stay one thing; a long function asks for a second look.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
MODULE_LINES = 300
FUNCTION_LINES = 40


def long_parts(path: Path) -> Iterator[tuple[int, str]]:
    """Yield the length in lines, and the name, of what is long in a module, itself included."""
    text = path.read_text(encoding="utf-8")
    name = str(path.relative_to(ROOT))
    if (lines := text.count("\n")) > MODULE_LINES:
        yield lines, name
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield lines, f"{name}:{node.lineno} {node.name}"


def main() -> None:
    """Print them, the longest first."""
    files = [
        file
        for top in ("server", "onion", "bench", "tests")
        for file in ROOT.glob(f"{top}/**/*.py")
    ]
    found = sorted((part for file in files for part in long_parts(file)), reverse=True)
    print(f"modules over {MODULE_LINES} lines, functions over {FUNCTION_LINES}:")
    for lines, name in found:
        print(f"{lines:6}  {name}")
    print(f"{len(found)} in {len(files)} modules")


if __name__ == "__main__":
    main()
