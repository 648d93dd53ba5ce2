"""An address as a QR code for a terminal: two modules in one character cell.

The dark modules are left blank on black, the light ones are painted in white. Both colours are
set, so that it can be scanned on a light terminal as well as on a dark one.

Source: ISO/IEC 18004 (a margin of four light modules on each side); ECMA-48, SGR.
"""

from __future__ import annotations

from collections.abc import Sequence

import segno

MARGIN_MODULES = 4

_WHITE_ON_BLACK = "\x1b[97;40m"
_AS_BEFORE = "\x1b[0m"
# By whether the upper and the lower module are light.
_CELLS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def qr_lines(text: str) -> list[str]:
    """Draw `text` as a QR code, a string for each line of the terminal.

    Each is as many cells wide as the first; the sequences for colours take no cell.
    """
    code = segno.make_qr(text, error="l")
    return draw([[bool(module) for module in row] for row in code.matrix])


def draw(dark: Sequence[Sequence[bool]]) -> list[str]:
    """Draw a square of modules with its margin, two rows a line."""
    side = len(dark) + 2 * MARGIN_MODULES
    light = [[True] * side for _ in range(side + side % 2)]
    for y, row in enumerate(dark, start=MARGIN_MODULES):
        for x, is_dark in enumerate(row, start=MARGIN_MODULES):
            light[y][x] = not is_dark
    pairs = zip(light[::2], light[1::2], strict=True)
    lines = ("".join(_CELLS[both] for both in zip(*pair, strict=True)) for pair in pairs)
    return [f"{_WHITE_ON_BLACK}{line}{_AS_BEFORE}" for line in lines]


def cells_wide(line: str) -> int:
    """How many cells a drawn line takes."""
    return len(line) - len(_WHITE_ON_BLACK) - len(_AS_BEFORE)
