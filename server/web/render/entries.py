"""Renders the entries of a conversation, with the same HTML in the stream and the plain view."""

from __future__ import annotations

from collections.abc import Mapping
from html import escape

from server.core.room.log import OF_SERVER, Kind
from server.core.room.message import Message, OpenEntry
from server.locales.language import Language, mark

_EVENTS: dict[Kind, tuple[str, str]] = {
    # A message that cannot be opened: the store's content was altered.
    Kind.MESSAGE: ("unreadable", mark("%(name)s: this message cannot be opened.")),
    Kind.MET: ("joined", mark("%(name)s and %(other)s are here.")),
    Kind.JOINED: ("joined", mark("%(name)s is here.")),
    Kind.ERASED: ("deleted", mark("%(name)s: deleted")),
    Kind.DELETED: ("deleted", mark("%(name)s has deleted a message.")),
    Kind.LEFT_PAIR: ("left", mark("%(name)s has left. Press Next to meet someone else.")),
    Kind.LEFT_ROOM: ("left", mark("%(name)s has left.")),
    Kind.REMOVED: ("left", mark("%(name)s was removed.")),
    Kind.OPENER: ("opener", mark("%(name)s is now the host of this room.")),
    Kind.CLOSED: ("closed", mark("%(name)s has closed the room. Nothing more can be sent.")),
    Kind.ABSENT: (
        "left",
        mark("%(name)s did not come. You wait again, at your old place in the queue."),
    ),
    Kind.DISCONNECTED: (
        "quiet",
        mark("%(name)s may be offline. Their place is kept for 20 minutes."),
    ),
    Kind.REMATCH: (
        "again",
        mark("%(name)s would like to meet you again if you are cut off: see “More”."),
    ),
}
"""Kind of entry -> the value of `data-event`, and the sentence."""


MARKS = 6
"""Colours of members, each with a mark of its own for those who do not see colours; see `.m` of
the stylesheet. Members whose numbers differ by a multiple of it share them."""

NAMED = "position:static!important;clip-path:none!important"
"""Shows the name of a message that continues another one; see `.s` of the stylesheet."""

FOLD_CHARS, FOLD_LINES = 300, 6
"""A message with more characters, or more ends of lines, is folded until it is pressed."""

ACT = "/me "
"""Prefix of a message that describes an action of its sender, as in IRC."""


def render_entry(
    entry: OpenEntry, names: Mapping[int, str], language: Language, *, nonce: str = ""
) -> str:
    """Render one entry as a paragraph of class `m` with its `data-seq`.

    The HTML is the same for every reader. The class carries the member numbers of the sender
    (`n3`) and of those mentioned (`t3`); the style in the head of each reader's page highlights
    the reader's own number. Further classes: the sender's colour and mark (`c3`), an action (`a`),
    and a message that continues the one before it (`s`), whose name is not seen again.

    Args:
        entry: the entry to render.
        names: member number -> name, for every member that the entry refers to.
        language: the language of the sentences.
        nonce: in a stream, the style nonce of its page: with it a deletion also hides the message
            on pages that are already open.
    """
    if entry.kind in OF_SERVER:
        return _render_server_event(entry, language)
    name = _name(names[entry.sender])
    if entry.message is not None:
        return _render_message(entry, entry.message, name)
    event, sentence = _EVENTS[entry.kind]
    # When the partner never came, the session is back in the queue: link to the waiting page.
    link = ""
    if entry.kind is Kind.ABSENT:
        label = language.gettext("Go on waiting")
        link = f" <a href=/wait target=_top>{escape(label)}</a>"
    other = _name(names[entry.about]) if entry.kind is Kind.MET else ""
    text = language.gettext(sentence) % {"name": name, "other": other}
    hide = ""
    if entry.kind is Kind.DELETED and nonce:
        # What follows it may have no name of its own, and must not stand below another's.
        gone = f'[data-seq="{entry.about}"]'
        hide = f"<style nonce={nonce}>{gone}{{display:none}}{gone}+.s>bdi{{{NAMED}}}</style>"
    return f"{hide}<p class=m data-seq={entry.seq} data-event={event}>{text}{link}</p>"


def _render_server_event(entry: OpenEntry, language: Language) -> str:
    """Render an event that comes from no member."""
    if entry.kind is Kind.RESTART:
        text = language.ngettext(
            "This server restarts in %(num)s minute at the latest. Everything that was said here"
            " is then gone. Until then you can go on talking.",
            "This server restarts in %(num)s minutes at the latest. Everything that was said here"
            " is then gone. Until then you can go on talking.",
            entry.about,
        ) % {"num": language.number(entry.about)}
    else:
        text = language.gettext("This server does not restart now after all.")
    event = entry.kind.value
    return f'<p class="m w" data-seq={entry.seq} data-event={event}>{escape(text)}</p>'


def _render_message(entry: OpenEntry, message: Message, name: str) -> str:
    text, before, tag = message.text, "", "span"
    classes = ["m", f"n{entry.sender}", *(f"t{number}" for number in message.mentions)]
    classes += ["n", f"c{entry.sender % MARKS}"]
    action = text.removeprefix(ACT).strip()
    if text.startswith(ACT) and action:
        text, before, tag = action, "* ", "em"
        classes.append("a")
    elif entry.continues:
        classes.append("s")
    # The focus unfolds it: no script is needed.
    fold = " class=f tabindex=0" if _is_long(text) else ""
    # Quotes need no escaping outside attributes, and would cost four bytes each.
    content = f"{before}{name} <{tag} dir=auto{fold}>{escape(text, quote=False)}</{tag}>"
    return f'<p class="{" ".join(classes)}" data-seq={entry.seq}>{content}</p>'


def _is_long(text: str) -> bool:
    return len(text) > FOLD_CHARS or text.count("\n") > FOLD_LINES


def _name(name: str) -> str:
    return f"<bdi>{escape(name)}</bdi>"


def render_missed(missed: int, language: Language) -> str:
    """Render how many entries the ring buffer has already dropped."""
    text = language.ngettext(
        "%(num)s older line is forgotten.", "%(num)s older lines are forgotten.", missed
    ) % {"num": language.number(missed)}
    return f"<p class=e>{escape(text)}</p>"
