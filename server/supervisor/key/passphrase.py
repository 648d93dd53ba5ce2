"""Reads a passphrase, from a terminal without echo or from an open file, and checks its form.

It is normalised (NFC): two keyboards may write the same letter in two ways.
"""

from __future__ import annotations

import getpass
import os
import sys
import unicodedata
import warnings
from collections.abc import Callable

from server.core.errors import OperatorError

MAX_BYTES = 1024

LAST_STANDARD_STREAM = 2
"""Up to this number, descriptors stay open: what is opened next must not take their place."""

Prompt = Callable[[str], str]
"""Shows a question, and returns what was typed."""

Tell = Callable[[str], None]
"""Shows one line."""


def read_form(text: str) -> str:
    """Return a passphrase in the form in which it is used.

    Raises:
        OperatorError: if it is empty or too long, or holds what nobody can type twice.
    """
    passphrase = unicodedata.normalize("NFC", text)
    hint = "take one line of text: some words that nobody else would choose"
    try:
        size = len(passphrase.encode())
    except UnicodeEncodeError:
        raise OperatorError("the passphrase is not UTF-8", hint) from None
    if not passphrase.strip():
        raise OperatorError("the passphrase is empty", hint)
    if any(unicodedata.category(character) == "Cc" for character in passphrase):
        raise OperatorError("the passphrase holds a line end or another control character", hint)
    if size > MAX_BYTES:
        raise OperatorError(f"the passphrase is longer than {MAX_BYTES} bytes", hint)
    return passphrase


def read_descriptor(number: int) -> str:
    """Read a passphrase from an open file to its end, and close it. One line end is removed.

    Raises:
        OperatorError: if it is not open for reading, is a terminal, or holds no passphrase.
    """
    what = f"the passphrase cannot be read from descriptor {number}"
    hint = "open it for `up`, for instance: --passphrase-fd 3 3< FILE"
    content = b""
    try:
        if os.isatty(number):
            raise OperatorError(
                f"{what}: it is a terminal, which would show it", "leave --passphrase-fd out"
            )
        # Two bytes more: a line end.
        while len(content) <= MAX_BYTES + 2 and (part := os.read(number, MAX_BYTES + 3)):
            content += part
        if number > LAST_STANDARD_STREAM:
            os.close(number)
    except OSError as error:
        raise OperatorError(f"{what}: {(error.strerror or 'refused').lower()}", hint) from None
    for end in (b"\r\n", b"\n"):
        if content.endswith(end):
            content = content.removesuffix(end)
            break
    return read_form(content.decode(errors="surrogateescape"))


def ask_terminal(question: str) -> str:
    """Ask in the terminal, which does not show what is typed.

    Raises:
        OperatorError: if there is no terminal, or it would show it.
        EOFError: if the input ends.
    """
    try:
        if not sys.stdin.isatty():
            raise getpass.GetPassWarning
        with warnings.catch_warnings():
            warnings.simplefilter("error", getpass.GetPassWarning)
            return getpass.getpass(question)
    except getpass.GetPassWarning:
        raise OperatorError(
            "there is no terminal to ask for the passphrase", "run this command in a terminal"
        ) from None
    except UnicodeDecodeError:
        # Refused with the sentence for it, and asked again.
        return "\udcff"


def ask_known(prompt: Prompt, tell: Tell) -> Callable[[], str]:
    """Return what asks for the passphrase of a sealed key; after the first time, it says why."""
    asked = False

    def ask() -> str:
        nonlocal asked
        if asked:
            tell("This passphrase does not open the key.")
        asked = True
        return _asked(prompt, tell, "Passphrase of the key: ")

    return ask


def ask_new(prompt: Prompt, tell: Tell) -> str:
    """Ask for a new passphrase, until it is typed the same way twice."""
    while True:
        first = _asked(prompt, tell, "New passphrase: ")
        if first == _asked(prompt, tell, "The same again: "):
            return first
        tell("These are two different ones.")


def _asked(prompt: Prompt, tell: Tell, question: str) -> str:
    while True:
        typed = prompt(question)
        try:
            return read_form(typed)
        except OperatorError as error:
            tell(f"{error}; {error.hint}.")
