"""The question before a message is sent that may show who wrote it.

The store finds that a text looks like a telephone number, say, and refuses it once
(`LooksPersonalError`). The composer comes back with the words in it, one sentence, and a hidden
field with the kinds that were asked about. Sent again, with these words or with others, what is of
these kinds passes. The field is in that one form: the next message is looked at anew.

So nothing remembers that somebody was asked: not the conversation, not the session, no counter. The
words, the sentence and the kinds are kept as any refused form is (`refusals.py`).

The field is not authenticated. A visitor who writes it themselves avoids a question to themselves,
and nobody else can send a form of theirs without its token.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from server.core.errors import LooksPersonalError
from server.core.nudge.kind import PersonalKind
from server.locales.language import Language, mark

ASKED = "asked"
"""The hidden field with the kinds that the visitor was asked about."""

_BETWEEN = "-"

NAMES: Mapping[PersonalKind, str] = {
    PersonalKind.PHONE: mark("a phone number"),
    PersonalKind.EMAIL: mark("an e-mail address"),
    PersonalKind.STREET: mark("a street address"),
    PersonalKind.CARD: mark("the number of a card or an account"),
    PersonalKind.IDENTITY: mark("the number of an identity document"),
    PersonalKind.HANDLE: mark("a name in a messenger or a network"),
    PersonalKind.WEB: mark("a web address"),
}
SOMETHING = mark("something by which people are found")


def read_asked(value: str) -> frozenset[PersonalKind]:
    """Read the hidden field; what is no kind is passed over."""
    values = set(value.split(_BETWEEN))
    return frozenset(kind for kind in PersonalKind if kind.value in values)


def write_asked(kinds: Iterable[PersonalKind]) -> str:
    """Write the hidden field; the opposite of `read_asked`."""
    return _BETWEEN.join(sorted(kind.value for kind in kinds))


def question(error: LooksPersonalError, language: Language) -> str:
    """Return the sentence that asks whether to send it."""
    names = [language.gettext(NAMES[kind]) for kind in error.kinds]
    sentence = language.gettext(
        "Not sent yet: this looks like %(what)s. Whoever reads it could find you with it. You can"
        " change it, or press Send to send it as it is."
    )
    return sentence % {"what": language.listing(names) or language.gettext(SOMETHING)}
