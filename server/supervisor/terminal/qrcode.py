"""Draws an address as a QR code for a terminal: two modules per character cell.

Dark modules are drawn as black background, light ones in white. Both colours are set explicitly,
so that the code can be scanned on a light terminal and on a dark one.

Source: ISO/IEC 18004 (a margin of four light modules on each side); ECMA-48, SGR.
"""

from __future__ import annotations

from collections.abc import Sequence

import segno

MARGIN_MODULES = 4

_WHITE_ON_BLACK = "\x1b[97;40m"
_RESET_COLOURS = "\x1b[0m"
# Key: whether the upper and whether the lower module is light.
_CELLS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def qr_lines(text: str) -> list[str]:
    """Draw `text` as a QR code, one string per line of the terminal.

    All lines have the same width in cells; the colour sequences take no cell.
    """
    code = segno.make_qr(text, error="l")
    return draw([[bool(module) for module in row] for row in code.matrix])


def draw(dark: Sequence[Sequence[bool]]) -> list[str]:
    """Draw a square of modules with its margin, two rows of modules per line."""
    side = len(dark) + 2 * MARGIN_MODULES
    light = [[True] * side for _ in range(side + side % 2)]
    for y, row in enumerate(dark, start=MARGIN_MODULES):
        for x, is_dark in enumerate(row, start=MARGIN_MODULES):
            light[y][x] = not is_dark
    pairs = zip(light[::2], light[1::2], strict=True)
    lines = ("".join(_CELLS[cell] for cell in zip(*pair, strict=True)) for pair in pairs)
    return [f"{_WHITE_ON_BLACK}{line}{_RESET_COLOURS}" for line in lines]


def cells_wide(line: str) -> int:
    """Return how many cells a drawn line takes."""
    return len(line) - len(_WHITE_ON_BLACK) - len(_RESET_COLOURS)
