"""The texts that cost the most to read, and a count of what is normalised of them."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Literal
from urllib.parse import quote_from_bytes

import pytest

from server.core.limits import MAX_BODY_BYTES
from server.doctor.ordering import worst_run

TEXT_BYTES = MAX_BODY_BYTES - 256
"""Bytes of each of these texts: as many as a form takes beside its other fields."""


def _filled(unit: str) -> str:
    return unit * (TEXT_BYTES // len(unit.encode()))


WORST: Mapping[str, str] = {
    "falling combining classes": worst_run(TEXT_BYTES // 2),
    "runs of 30 marks": _filled(worst_run(30) + "a"),
    "a mark on each letter": _filled("a\u0301"),
    "marks that decompose": _filled("\u0344"),
    "Hangul jamo": _filled("\u1112\u1161\u11ab"),
    "ZWJ": _filled("\u200d"),
    "bidi overrides": _filled("\u202e"),
    "ligatures of eighteen letters": _filled("\ufdfa"),
    "flags with tags": _filled("\U0001f3f4\U000e0041"),
    "line ends": _filled("\n"),
    "blank lines": _filled(" \n"),
    "quotation marks": _filled('"'),
    "digits of a script": _filled("\u0661"),
}
"""Name -> text of `TEXT_BYTES` bytes, about."""

ASCII = _filled("words in ASCII, ")
"""What the others are compared with."""


def body_with(fields: Mapping[str, str], name: str, text: str | bytes) -> bytes:
    """Return a form body with `text` in the field `name`, every byte of it as `%XX`."""
    raw = text if isinstance(text, bytes) else text.encode()
    shared = [
        f"{quote_from_bytes(key.encode())}={quote_from_bytes(value.encode())}".encode()
        for key, value in fields.items()
        if key != name
    ]
    return b"&".join([*shared, f"{name}=".encode() + b"".join(b"%%%02X" % byte for byte in raw)])


def odd_bodies(fields: Mapping[str, str], name: str) -> dict[str, bytes]:
    """Return bodies that cost by their form and not by their text."""
    short = body_with(fields, name, "x")
    return {
        "not UTF-8": short + b"\xff" * TEXT_BYTES,
        "%XX and raw bytes by turns": short + b"%41\xc3\xa9" * (TEXT_BYTES // 3),
        "percent signs": short + b"%" * TEXT_BYTES,
        "a hundred fields": short + (b"&text=" + b"%C3%A9" * (TEXT_BYTES // 200)) * 90,
        "a thousand fields": short + b"&a=b" * 3_000,
        "a long name": b"%F0%9D" * (TEXT_BYTES // 2) + b"=x&" + short,
        "multipart": b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\n'
        + b"\xcc\x81" * (TEXT_BYTES // 2)
        + b"\r\n--x--\r\n",
    }


class NormalizeCalls:
    """Counts what is passed to `unicodedata.normalize` from now on; the real function runs."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.characters = 0
        """Characters that were passed, in all calls."""

        self.longest_run = 0
        """The longest run of non-starters in one of them."""

        normalize = unicodedata.normalize

        def count(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
            self.characters += len(text)
            run = 0
            for char in text:
                run = run + 1 if unicodedata.combining(char) else 0
                self.longest_run = max(self.longest_run, run)
            return normalize(form, text)

        monkeypatch.setattr(unicodedata, "normalize", count)
