"""A sealed key opens with its passphrase only, and tells nothing else."""

from __future__ import annotations

import hashlib
import re

import pytest
from nacl.exceptions import RuntimeError as LibraryError
from nacl.pwhash import argon2id

from onion.keys import ServiceKey
from onion.sealed.box import (
    MAX_COST,
    MAX_SEALED_BYTES,
    MIN_COST,
    MODERATE,
    DamagedError,
    check_sealed,
    open_key,
    seal_key,
)

KEY = ServiceKey.from_seed(bytes(range(32)))
SEALED = seal_key(KEY, "four words and خانه", MIN_COST)


def with_digest(lines: bytes) -> bytes:
    """Return a sealed key with these first lines, which somebody has changed."""
    return lines + b"sha256 " + hashlib.sha256(lines).hexdigest().encode() + b"\n"


def changed(old: bytes, new: bytes) -> bytes:
    lines = SEALED[: SEALED.index(b"sha256")]
    assert old in lines
    return with_digest(lines.replace(old, new))


def test_passphrase_opens_what_it_sealed() -> None:
    opened = open_key(SEALED, "four words and خانه")
    assert opened is not None
    assert (opened.reveal(), opened.address) == (KEY.reveal(), KEY.address)


@pytest.mark.parametrize("wrong", ["", "four words and خان", "four words and خانه "])
def test_other_passphrase_opens_nothing(wrong: str) -> None:
    assert open_key(SEALED, wrong) is None


def test_file_is_four_lines_with_the_cost_and_without_the_address() -> None:
    assert re.fullmatch(
        r"sottovoce sealed key 1\nargon2id 1 8192 [0-9a-f]{32}\n"
        r"secretbox [0-9a-f]{208}\nsha256 [0-9a-f]{64}\n",
        SEALED.decode("ascii"),
    )
    assert len(SEALED) <= MAX_SEALED_BYTES
    assert KEY.address[:56].encode() not in SEALED
    for part in (KEY.reveal()[:32], KEY.reveal()[32:], KEY.public_key):
        assert part not in SEALED
        assert part.hex().encode() not in SEALED


def test_same_key_is_sealed_differently_each_time() -> None:
    again = seal_key(KEY, "four words and خانه", MIN_COST)
    ours, other = (text.split(b"\n") for text in (SEALED, again))
    assert ours[0] == other[0]
    assert all(mine != theirs for mine, theirs in zip(ours[1:4], other[1:4], strict=True))


def test_cost_is_moderate_unless_told_otherwise() -> None:
    assert (MODERATE.operations, MODERATE.memory_bytes) == (3, 256 * 1024 * 1024)
    assert b"\nargon2id 3 268435456 " in seal_key(KEY, "x")


@pytest.mark.parametrize("length", [0, 1, 22, 23, 60, len(SEALED) - 65, len(SEALED) - 1])
def test_part_of_a_file_is_damaged(length: int) -> None:
    with pytest.raises(DamagedError):
        check_sealed(SEALED[:length])


def test_each_changed_byte_is_noticed() -> None:
    for at in range(len(SEALED)):
        damaged = bytearray(SEALED)
        damaged[at] ^= 1
        with pytest.raises(DamagedError):
            check_sealed(bytes(damaged))


@pytest.mark.parametrize(
    "other",
    [
        changed(b"sealed key 1", b"sealed key 2"),
        changed(b"argon2id 1", b"argon2id 0"),
        changed(b"argon2id 1", b"argon2id %d" % (MAX_COST.operations + 1)),
        changed(b" 8192 ", b" 8191 "),
        changed(b" 8192 ", b" %d " % (MAX_COST.memory_bytes + 1)),
        SEALED + b"\n",
        b"\n" + SEALED,
        SEALED.replace(b"\n", b"\r\n"),
        bytes(300),
    ],
    ids=["version", "no pass", "passes", "little", "memory", "longer", "moved", "CRLF", "zeros"],
)
def test_other_content_is_refused_before_anything_is_derived(other: bytes) -> None:
    with pytest.raises(DamagedError):
        open_key(other, "four words and خانه")


def test_box_with_another_tag_does_not_open_whatever_its_digest() -> None:
    box = SEALED.split(b"secretbox ")[1][:208]
    other = bytes([box[-1] ^ 1]) if box[-1:] not in b"9af" else b"0"
    forged = changed(box, box[:-1] + other)
    check_sealed(forged)
    assert open_key(forged, "four words and خانه") is None


def test_too_little_memory_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object, **__: object) -> bytes:
        raise LibraryError

    monkeypatch.setattr(argon2id, "kdf", refuse)
    for attempt in (lambda: seal_key(KEY, "x"), lambda: open_key(SEALED, "x")):
        with pytest.raises(MemoryError):
            attempt()
