"""Every page in every state and both languages: axe finds nothing, and nothing is cut off."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest

from tests.e2e.marionette import Browser
from tests.failures import Failures

from .axe import Finding, contrast_found, found
from .conftest import Folder, Page

pytestmark = [pytest.mark.slow, pytest.mark.checklist(42)]

ZOOMED = (320, 256)
"""The pixels of a window of 1280 by 1024 at 400 percent (WCAG 1.4.10)."""

SPACED = """
const style = document.createElement("style");
style.textContent = `* { line-height: 1.5 !important; letter-spacing: .12em !important;
  word-spacing: .16em !important } p { margin-block-end: 2em !important }`;
document.head.append(style);
"""
"""Spacing that a reader may set, and that a page has to bear (WCAG 1.4.12)."""

CUT_OFF = """
const seen = [...document.body.querySelectorAll("*")].filter(element =>
  element.getClientRects().length && getComputedStyle(element).clipPath === "none");
const isOutside = element => {
  const box = element.getBoundingClientRect();
  return box.left < -1 || box.right > innerWidth + 1;
};
const overflows = element => element.scrollWidth > element.clientWidth + 1 &&
  (element === document.body || getComputedStyle(element).overflowX !== "visible");
return seen.filter(element => isOutside(element) || overflows(element))
  .map(element => element.outerHTML.slice(0, 90));
"""
"""Elements that reach out of the page at a side, or hold more than is seen of them."""

MOVING = """
return document.getAnimations().filter(({effect}) => effect.getTiming().duration > 0)
  .map(({effect}) => effect.target.outerHTML.slice(0, 90));
"""

OF_A_WHOLE_PAGE = {"landmark-one-main", "page-has-heading-one", "region"}
"""What a page has to have once, with its frames."""


@dataclass(frozen=True, slots=True)
class Visit:
    """What was wrong with one page: each list is empty if nothing was."""

    page: Page
    found: list[Finding]
    faint_in_the_dark: list[Finding]
    cut_off: list[str]
    cut_off_when_spaced: list[str]
    moving: list[str]


def visit(browser: Browser, page: Page) -> Visit:
    """Look at one page in all ways: opening it takes longest."""
    browser.set_dark(False)
    page.open(browser)
    faults = found(browser, without=OF_A_WHOLE_PAGE if page.is_frame else ())
    browser.set_dark(True)
    # axe takes the ground of a page without a stylesheet to be white.
    faint = [] if page.is_dull else contrast_found(browser)
    cut_off, moving = browser.content(CUT_OFF), browser.content(MOVING)
    browser.content(SPACED)
    return Visit(page, faults, faint, cut_off, browser.content(CUT_OFF), moving)


@pytest.fixture(scope="module")
def visits(browser: Browser, pages: list[Page]) -> list[Visit]:
    browser.set_viewport(*ZOOMED)
    return [visit(browser, page) for page in pages]


def nothing(visits: list[Visit], faults_of: Callable[[Visit], list[Finding] | list[str]]) -> None:
    """Check that no page has such a fault."""
    with Failures() as failures:
        for visited in visits:
            with failures.of(visited.page.name):
                assert not faults_of(visited)


def test_axe_finds_nothing(visits: list[Visit]) -> None:
    nothing(visits, lambda visited: visited.found)


def test_every_text_has_enough_contrast_in_the_dark_scheme(visits: list[Visit]) -> None:
    nothing(visits, lambda visited: visited.faint_in_the_dark)


def test_nothing_is_cut_off_at_four_times_the_size(visits: list[Visit]) -> None:
    nothing(visits, lambda visited: visited.cut_off)


def test_nothing_is_cut_off_with_a_readers_own_spacing(visits: list[Visit]) -> None:
    nothing(visits, lambda visited: visited.cut_off_when_spaced)


def test_nothing_moves(visits: list[Visit]) -> None:
    nothing(visits, lambda visited: visited.moving)


FAULTS = {
    "button-name": "<button></button>",
    "color-contrast": "<p style=color:#aaa;background:#fff>faint",
    "color-contrast-enhanced": "<p style=color:#666;background:#fff>less faint",
    "heading-order": "<h4>too deep</h4>",
    "label": "<input>",
    "link-name": "<a href=/></a>",
    "target-size": "<button style='all:unset;font-size:9px'>a</button>" * 2,
}
STYLED = {
    "cut_off": "<p style=width:400px>wide",
    "cut_off_when_spaced": "<div style='overflow:hidden;width:12em'><div style=width:max-content>"
    "thirty letters in one row here",
    "moving": "<style>@keyframes a{to{opacity:0}}p{animation:a 9s infinite}</style><p>moves",
    "faint_in_the_dark": "<style>p{color:light-dark(#000,#666);background:#000}</style><p>faint",
}


def page_with(folder: Folder, fault: str) -> Page:
    head = "<!doctype html><html lang=en style='color-scheme:light dark'><title>t</title>"
    page = folder.write("", f"{head}<main><h1>One</h1>{fault}</main>", "fault")
    return replace(page, is_dull=False)


@pytest.mark.parametrize("rule", FAULTS)
def test_a_fault_is_found(browser: Browser, folder: Folder, rule: str) -> None:
    """Otherwise a test that finds nothing would prove nothing."""
    assert rule in {rule for rule, _ in visit(browser, page_with(folder, FAULTS[rule])).found}


@pytest.mark.parametrize("kind", STYLED)
def test_a_fault_of_style_is_found(browser: Browser, folder: Folder, kind: str) -> None:
    visited = visit(browser, page_with(folder, STYLED[kind]))
    assert getattr(visited, kind)
