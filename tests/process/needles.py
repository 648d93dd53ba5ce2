"""Texts that visitors sent and received, searched in every encoding that could be written."""

from __future__ import annotations

import asyncio
import json
import re
import secrets
from base64 import b64encode, urlsafe_b64decode
from collections import Counter
from collections.abc import Iterator
from string import ascii_lowercase
from urllib.parse import quote, quote_plus

from server.demo.text_browser import Connect, Reply

SHORTEST_CHARS = 7
"""Shorter texts may occur by chance. The shortest possible name has this length."""

CHUNK_BYTES = 2**20
LONGEST_BYTES = 1_000
"""Longer than any encoding of a needle."""

_SHOWN_VALUES = {
    "chat id": re.compile(r"/(?:chat|knock)/([\w-]{12})(?![\w-])"),
    "token": re.compile(r"name=token value=([\w-]{14,})"),
    "name": re.compile(r"<bdi>([A-Z][a-z]+ [A-Z][a-z]+)</bdi>"),
    "code in words": re.compile(r"<output [^>]*>([a-z-]+)<br>"),
    "code in digits": re.compile(r"<br>([\d-]{16,})</output>"),
}
"""Values that a page shows only to its reader."""


class Needles:
    """Collects texts that must not be found anywhere, and searches for them."""

    def __init__(self) -> None:
        self._kinds: dict[str | bytes, str] = {}
        self._spelled: dict[bytes, str] = {}

    def mark(self, kind: str) -> str:
        """Return a new unique word for a visitor to send."""
        # Without digits: what looks like a telephone number is not sent at once.
        unique = "".join(secrets.choice(ascii_lowercase) for _ in range(12))
        word = f"heron-{kind.replace(' ', '-')}-{unique}"
        self.add(kind, word)
        return word

    def circuit(self) -> bytes:
        """Return a PROXY line as tor sends it before the first request of a circuit.

        Source:
            `HiddenServiceExportCircuitID haproxy` in tor(1): the circuit's number in hex.
        """
        number = f"{secrets.randbelow(0xF000) + 0x1000:x}:{secrets.randbelow(0xF000) + 0x1000:x}"
        self.add("circuit id", number)
        return f"PROXY TCP6 fc00:dead:beef:4dad::{number} ::1 70 80\r\n".encode()

    def on_circuit(self, connect: Connect) -> Connect:
        """Return `connect` so that all its connections come through one new circuit."""
        line = self.circuit()

        async def connect_on_circuit() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
            reader, writer = await connect()
            writer.write(line)
            return reader, writer

        return connect_on_circuit

    def of_kind(self, kind: str) -> set[str | bytes]:
        """Return all values of this kind."""
        return {value for value, of in self._kinds.items() if of == kind}

    def learn(self, reply: Reply) -> Reply:
        """Add the values that an answer shows only to its visitor."""
        cookie = reply.headers.get("set-cookie", "").partition(";")[0].partition("=")[2]
        if cookie:
            self.add("cookie", cookie)
            self.add("cookie", urlsafe_b64decode(cookie + "=" * (-len(cookie) % 4)))
        text = reply.headers.get("location", "") + reply.body.decode("utf-8", "replace")
        for kind, pattern in _SHOWN_VALUES.items():
            for given in pattern.findall(text):
                self.add(kind, given)
        return reply

    def add(self, kind: str, value: str | bytes) -> None:
        """Add a value of this kind.

        Raises:
            ValueError: if it is so short that it could be found by chance.
        """
        if len(value) < SHORTEST_CHARS:
            raise ValueError(f"a {kind} of {len(value)} characters")
        if value not in self._kinds:
            self._kinds[value] = kind
            spelled = spellings(value) if isinstance(value, str) else byte_spellings(value)
            self._spelled.update(dict.fromkeys(spelled, kind))

    def counts(self) -> Counter[str]:
        """Return the number of different values of each kind."""
        return Counter(self._kinds.values())

    def found_in(self, text: bytes) -> set[str]:
        """Return the kinds of which a value occurs in `text`, in any encoding."""
        found: set[str] = set()
        for start in range(0, len(text), CHUNK_BYTES):
            chunk = text[start : start + CHUNK_BYTES + LONGEST_BYTES]
            # There are some hundred thousand encodings; the prefix check rules out nearly all.
            begins = {chunk[at : at + SHORTEST_CHARS] for at in range(len(chunk))}
            found.update(
                kind
                for spelling, kind in self._spelled.items()
                if spelling[:SHORTEST_CHARS] in begins and spelling in chunk
            )
        return found


def spellings(value: str) -> set[bytes]:
    """Return every form in which a log, a memory image or a debugger could show a text."""
    percents = "".join(f"%{byte:02x}" for byte in value.encode())
    return {
        *byte_spellings(value.encode()),
        value.encode("utf-16-le"),
        quote(value).encode(),
        quote(value, safe="").encode(),
        quote_plus(value).encode(),
        percents.encode(),
        percents.upper().encode(),
        json.dumps(value)[1:-1].encode(),
    }


def byte_spellings(raw: bytes) -> set[bytes]:
    """Return every form in which a log, a memory image or a debugger could show bytes."""
    return {
        raw,
        raw.hex().encode(),
        raw.hex().upper().encode(),
        raw.hex(" ").encode(),
        repr(raw)[2:-1].encode(),
        *_inside_base64(raw),
    }


def _inside_base64(raw: bytes) -> Iterator[bytes]:
    """Yield the part of any longer text's base64 that depends on `raw` only, per alignment."""
    for before in range(3):
        coded = b64encode(bytes(before) + raw)
        whole = coded[-(-before * 8 // 6) : (before + len(raw)) * 8 // 6]
        yield whole
        yield whole.translate(bytes.maketrans(b"+/", b"-_"))
