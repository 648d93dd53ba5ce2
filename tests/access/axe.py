"""Asks axe-core what it finds on an open page: WCAG 2.2 AA, good practice, AAA contrast."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping

from tests.e2e.marionette import Browser

Finding = tuple[str, str]
"""A rule that is not kept, and the element."""

KINDS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
CONTRAST = {"color-contrast", "color-contrast-enhanced"}

RUN = """
const {window: view} = window.wrappedJSObject;
return view.eval(`axe.run(${arguments[0]}).then(({violations}) => JSON.stringify(
  violations.flatMap(({id, nodes}) => nodes.map(({html}) => [id, html.slice(0, 120)]))))`);
"""


def found(browser: Browser, *, without: Collection[str] = ()) -> list[Finding]:
    """Return what is found on the page and in its frames.

    Args:
        browser: shows the page.
        without: rules that are left out.
    """
    rules = {rule: {"enabled": True} for rule in (*CONTRAST, "target-size")}
    rules |= {rule: {"enabled": False} for rule in without}
    run_only: object = {"type": "tag", "values": KINDS}
    options = {"resultTypes": ["violations"], "runOnly": run_only, "rules": rules}
    return _ask(browser, options)


def contrast_found(browser: Browser) -> list[Finding]:
    """Return texts whose contrast is too low."""
    run_only = {"type": "rule", "values": sorted(CONTRAST)}
    return _ask(browser, {"resultTypes": ["violations"], "runOnly": run_only})


def _ask(browser: Browser, options: Mapping[str, object]) -> list[Finding]:
    return [(rule, html) for rule, html in json.loads(browser.content(RUN, json.dumps(options)))]
