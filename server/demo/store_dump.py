"""Tells what a thief of the store would have: the tables, and whether a word can be found there."""

from __future__ import annotations

import base64
from collections.abc import Iterator

from server.admin import StoreDump


def spellings(word: str) -> dict[str, bytes]:
    """How a word could stand in memory."""
    plain = word.encode()
    return {
        "UTF-8": plain,
        "UTF-16": word.encode("utf-16-le"),
        "UTF-32": word.encode("utf-32-le"),
        "hexadecimal": plain.hex().encode(),
        "base64": base64.b64encode(plain).rstrip(b"="),
    }


def print_store_dump(word: str, dump: StoreDump) -> Iterator[str]:
    """Say what the search for a word has found, and what a thief does find.

    Args:
        word: that was sent; empty to search for none.
        dump: what the store holds.
    """
    yield f"{len(dump.values):,} values, {sum(map(len, dump.values)):,} bytes, were copied."
    if word:
        found = {
            name: sum(needle in value for value in dump.values)
            for name, needle in spellings(word).items()
        }
        told = ", ".join(f"{name} {count}" for name, count in found.items())
        yield f"“{word}” was found {sum(found.values())} times ({told})."
    yield "What a thief does find:"
    yield from (f"  {line}" for line in dump.picture)
    if not dump.picture:
        yield "  nothing: nobody is here"
    yield (
        "That is a copy of the store. Whoever images the memory of the running process gets the"
        " conversations that are open, because their keys pass through it."
    )
