"""Renders the entries of a conversation: the same HTML in the stream and in the plain view."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from server.core.room.log import Kind
from server.core.room.message import Message, OpenEntry
from server.locales.language import Language, mark

_EVENTS: dict[Kind, tuple[str, str]] = {
    # A message whose words do not open: somebody has altered what the house keeps.
    Kind.MESSAGE: ("unreadable", mark("%(name)s: this message cannot be opened.")),
    Kind.MET: ("joined", mark("%(name)s and %(other)s are here.")),
    Kind.JOINED: ("joined", mark("%(name)s is here.")),
    Kind.ERASED: ("deleted", mark("%(name)s: deleted")),
    Kind.DELETED: ("deleted", mark("%(name)s has deleted a message.")),
    Kind.LEFT: ("left", mark("%(name)s has left. Press Next to meet someone else.")),
    Kind.WENT: ("left", mark("%(name)s has left.")),
    Kind.REMOVED: ("left", mark("%(name)s was removed.")),
    Kind.KNOCKED: ("knocked", mark("%(name)s knocks. To let them in, open “People”.")),
    Kind.OPENER: ("opener", mark("%(name)s is now the host of this room.")),
    Kind.CLOSED: ("closed", mark("%(name)s has closed the room. Nothing more can be sent.")),
    Kind.ABSENT: (
        "left",
        mark("%(name)s did not come. You wait again, at your old place in the queue."),
    ),
    Kind.ASKED: ("asked", mark("%(name)s asks for a private talk. To accept, open “People”.")),
    Kind.QUIET: (
        "quiet",
        mark("%(name)s may be offline. Their place is kept for 20 minutes."),
    ),
    Kind.AGAIN: (
        "again",
        mark("%(name)s would like to meet you again if you are cut off: see “More”."),
    ),
}
"""Kind of entry -> the word in `data-event`, and the sentence."""


ACT = "/me "
"""What a message begins with that says what its writer does."""


def render_entry(
    entry: OpenEntry, names: Mapping[int, str], language: Language, *, nonce: str = ""
) -> str:
    """Render one entry as a paragraph of class `m` with its `data-seq`.

    The same for every reader: their own words (`n3`), and those that mean them (`t3`), are told
    apart by the style in the head of their page, from their number in the class.

    Args:
        entry: what is to be rendered.
        names: of all that it speaks of, by number.
        language: of the sentences.
        nonce: in a stream, what its page allows styles by: a deletion takes the message off the
            screens that are open.
    """
    name = _name(names[entry.sender])
    if entry.message is not None:
        return _render_message(entry, entry.message, name)
    event, sentence = _EVENTS[entry.kind]
    # A partner who never came leaves a place in the queue: the way there is one press.
    way_on = ""
    if entry.kind is Kind.ABSENT:
        go_on = language.gettext("Go on waiting")
        way_on = f" <a href=/wait target=_top>{escape(go_on)}</a>"
    other = _name(names[entry.about]) if entry.kind is Kind.MET else ""
    told = language.gettext(sentence) % {"name": name, "other": other}
    hide = ""
    if entry.kind is Kind.DELETED and nonce:
        hide = f'<style nonce={nonce}>[data-seq="{entry.about}"]{{display:none}}</style>'
    return f"{hide}<p class=m data-seq={entry.seq} data-event={event}>{told}{way_on}</p>"


def _render_message(entry: OpenEntry, message: Message, name: str) -> str:
    text = message.text
    act = text.removeprefix(ACT).strip()
    if text.startswith(ACT) and act:
        text, before, tag = act, "* ", "em"
    else:
        before, tag = "", "span"
    # Only what could open a tag or an entity: quotes would cost four bytes each for nothing.
    words = f"{before}{name} <{tag} dir=auto>{escape(text, quote=False)}</{tag}>"
    classes = " ".join(["m", f"n{entry.sender}", *(f"t{number}" for number in message.meant)])
    return f'<p class="{classes}" data-seq={entry.seq}>{words}</p>'


def _name(name: str) -> str:
    return f"<bdi>{escape(name)}</bdi>"


def render_missed(missed: int, language: Language) -> str:
    """Say how many entries the ring has forgotten."""
    told = language.ngettext(
        "%(num)s older line is forgotten.", "%(num)s older lines are forgotten.", missed
    ) % {"num": language.number(missed)}
    return f"<p class=e>{escape(told)}</p>"
