"""Renders the entries of a conversation: the same HTML in the stream and in the plain view."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from server.core.roomlog import Entry, Kind

from .language import Language, mark

_EVENTS: dict[Kind, tuple[str, str]] = {
    Kind.MET: ("joined", mark("%(name)s and %(other)s are here.")),
    Kind.JOINED: ("joined", mark("%(name)s is here.")),
    Kind.LEFT: ("left", mark("%(name)s has left. Next brings you to someone else.")),
    Kind.ABSENT: ("left", mark("%(name)s never came. You are first in line again.")),
}
"""Kind of entry -> the word in `data-event`, and the sentence."""


def render_entry(entry: Entry, names: Mapping[int, str], language: Language) -> str:
    """Render one entry as a paragraph of class `m` with its `data-seq`.

    The same for every reader: their own words are told apart by the stylesheet, from the
    member's number in the class.
    """
    name = _name(names[entry.sender])
    if entry.kind is Kind.MESSAGE:
        # Only what could open a tag or an entity: quotes would cost four bytes each for nothing.
        text = escape(entry.body.decode(), quote=False)
        words = f"{name} <span dir=auto>{text}</span>"
        return f'<p class="m n{entry.sender}" data-seq={entry.seq}>{words}</p>'
    event, sentence = _EVENTS[entry.kind]
    # A partner who never came leaves a place in the queue: the way there is one press.
    way_on = ""
    if entry.kind is Kind.ABSENT:
        go_on = language.gettext("Go on waiting")
        way_on = f" <a href=/wait target=_top>{escape(go_on)}</a>"
    other = _name(names[int(entry.body)]) if entry.kind is Kind.MET else ""
    told = language.gettext(sentence) % {"name": name, "other": other}
    return f"<p class=m data-seq={entry.seq} data-event={event}>{told}{way_on}</p>"


def _name(name: str) -> str:
    return f"<bdi>{escape(name)}</bdi>"


def render_missed(missed: int, language: Language) -> str:
    """Say how many entries the ring has forgotten."""
    told = language.ngettext(
        "%(num)d older message is forgotten.", "%(num)d older messages are forgotten.", missed
    ) % {"num": missed}
    return f"<p class=e>{escape(told)}</p>"
