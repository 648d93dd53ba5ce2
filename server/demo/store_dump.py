"""Describes a dump of the store: its tables, and whether a given word occurs in it."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from server.admin import StoreDump


def spellings(word: str) -> dict[str, bytes]:
    """Return the encodings in which a word could be in memory."""
    plain = word.encode()
    return {
        "UTF-8": plain,
        "UTF-16": word.encode("utf-16-le"),
        "UTF-32": word.encode("utf-32-le"),
        "hexadecimal": plain.hex().encode(),
        "base64": base64.b64encode(plain).rstrip(b"="),
    }


def print_store_dump(word: str, dump: StoreDump) -> Iterator[str]:
    """Report the result of a search for a word, and what the store does reveal.

    Args:
        word: text that was sent; empty to search for none.
        dump: the content of the store.
    """
    yield f"{len(dump.values):,} values, {sum(map(len, dump.values)):,} bytes, were copied."
    if word:
        found = {
            name: sum(needle in value for value in dump.values)
            for name, needle in spellings(word).items()
        }
        counts = ", ".join(f"{name} {count}" for name, count in found.items())
        yield f"“{word}” was found {sum(found.values())} times ({counts})."
    yield "What the store reveals:"
    yield from (f"  {line}" for line in dump.tables)
    if not dump.tables:
        yield "  nothing: there are no visitors"
    yield (
        "This was a copy of the store. An attacker who copies the memory of the running process can"
        " read the open conversations, because their keys pass through that memory."
    )
