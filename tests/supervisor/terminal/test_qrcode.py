"""The drawing of an address contains exactly the modules of its QR code, in explicit colours."""

from __future__ import annotations

import segno

from server.supervisor.terminal.qrcode import MARGIN_MODULES, cells_wide, draw, qr_lines

URL = "http://" + "abcdefg234567" * 4 + "wxyz" + ".onion/"
BEFORE, AFTER = "\x1b[97;40m", "\x1b[0m"


def light_modules(lines: list[str]) -> list[list[bool]]:
    """Read a drawing as a camera would: white or black, two modules in each cell."""
    rows: list[list[bool]] = []
    for line in lines:
        cells = line.removeprefix(BEFORE).removesuffix(AFTER)
        rows.append([cell in "▀█" for cell in cells])
        rows.append([cell in "▄█" for cell in cells])
    return rows


def without_margin(rows: list[list[bool]], side: int) -> list[list[bool]]:
    inner = slice(MARGIN_MODULES, MARGIN_MODULES + side)
    return [row[inner] for row in rows[inner]]


def test_drawing_contains_the_modules_of_the_code() -> None:
    wanted = [[not module for module in row] for row in segno.make_qr(URL, error="l").matrix]
    assert without_margin(light_modules(qr_lines(URL)), len(wanted)) == wanted


def test_code_has_a_light_margin_all_around() -> None:
    rows = light_modules(qr_lines(URL))
    side = len(rows[0])
    inner = range(MARGIN_MODULES, side - MARGIN_MODULES)
    around = [
        rows[y][x]
        for y in range(len(rows))
        for x in range(side)
        if y not in inner or x not in inner
    ]
    assert around
    assert all(around)


def test_each_line_sets_both_colours_and_resets_them() -> None:
    for line in qr_lines(URL):
        assert line.startswith(BEFORE)
        assert line.endswith(AFTER)


def test_code_of_an_onion_address_fits_a_small_terminal() -> None:
    lines = qr_lines(URL)
    assert {cells_wide(line) for line in lines} == {41}
    assert len(lines) == 21


def test_drawing_has_one_cell_per_two_modules_and_a_margin() -> None:
    dark = [[True, False], [False, True]]
    rows = light_modules(draw(dark))
    assert without_margin(rows, 2) == [[False, True], [True, False]]
    assert len(rows) == len(rows[0]) == 2 + 2 * MARGIN_MODULES
