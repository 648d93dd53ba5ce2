"""Sealed bytes open only with their own key and at their own position."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.public import PublicKey as NaclPublicKey
from nacl.public import SealedBox

from server.core.crypto.associated_data import AssociatedData, SealError
from server.core.crypto.seal import (
    BOX_BYTES,
    LABEL_BOX,
    LABEL_LINK,
    MAX_CACHED_KEYS,
    SEAL_OVERHEAD_BYTES,
    SMALLEST_CLASS,
    Box,
    EpochKey,
    Keyring,
    PublicKey,
    seal_title,
    size_class,
    unwrap_title,
    wrap_title,
)
from server.core.ids import Secret
from server.core.limits import MAX_MENTIONS, MAX_MESSAGE_BYTES
from server.core.room.message import Message

VECTOR = json.loads(
    (Path(__file__).parents[2] / "vectors" / "seal.json").read_text(encoding="utf-8")
)


def raw(name: str) -> bytes:
    return bytes.fromhex(VECTOR[name])


SECRET = Secret(raw("secret"))
KEY = EpochKey(raw("epoch_key"))
POSITION = AssociatedData(
    **{**VECTOR["position"], "conversation": bytes.fromhex(VECTOR["position"]["conversation"])}
)
MESSAGE = Message(VECTOR["message"]["text"], tuple(VECTOR["message"]["meant"]))


# Vectors: computed without libsodium, see the file.


def test_keyring_with_the_stored_public_key_opens_the_same() -> None:
    secret = Secret(raw("secret"))
    secret.recognise(SECRET.identity)
    assert secret.keyring.open_key(Box(raw("box")))._raw == raw("epoch_key")
    assert secret.identity == SECRET.identity


def test_public_key_of_another_secret_is_not_used() -> None:
    secret, other = Secret(raw("secret")), Secret(b"o" * 32)
    secret.recognise(other.identity)
    assert secret.identity == SECRET.identity


def test_public_key_that_was_changed_in_the_store_opens_nothing() -> None:
    secret, other = Secret(raw("secret")), Secret(b"o" * 32)
    secret.recognise(replace(SECRET.identity, public_key=other.identity.public_key))
    for box in (SECRET.identity.public_key, other.identity.public_key):
        with pytest.raises(SealError):
            secret.keyring.open_key(KEY.box_for(box))


def test_public_identity_matches_the_vector() -> None:
    assert SECRET.identity.handle == raw("handle")
    assert SECRET.identity.public_key == raw("public_key")


def test_box_and_link_of_the_vector_open() -> None:
    key = SECRET.keyring.open_key(Box(raw("box")))
    assert key._raw == raw("epoch_key")
    assert key.link_key == raw("link_key")
    assert SECRET.keyring.follow(key, Box(raw("link")))._raw == raw("next_epoch_key")


def test_message_of_the_vector_opens_at_its_position() -> None:
    assert POSITION.to_bytes() == raw("associated_data")
    plain = KEY.open(POSITION, raw("sealed"))
    assert plain == bytes.fromhex(VECTOR["message"]["bytes"])
    assert Message.from_bytes(plain) == MESSAGE


def test_title_of_the_vector_opens_by_box_and_by_code() -> None:
    assert SECRET.keyring.open_title(raw("title_box")) == VECTOR["title"]
    assert unwrap_title(raw("wrapped_title"), raw("code_key")) == VECTOR["title"]


# Round trips


@given(st.text(), st.lists(st.integers(0, 2**32 - 1), max_size=MAX_MENTIONS))
def test_message_round_trips(text: str, meant: list[int]) -> None:
    message = Message(text.encode(errors="ignore").decode(), tuple(meant))
    sealed = KEY.seal(POSITION, message.to_bytes())
    assert Message.from_bytes(KEY.open(POSITION, sealed)) == message


def test_key_round_trips_through_box_and_link() -> None:
    key, after = EpochKey.new(), EpochKey.new()
    opened = SECRET.keyring.open_key(key.box_for(SECRET.identity.public_key))
    assert opened._raw == key._raw
    assert key.open_link(after.box_for(key.link_key))._raw == after._raw


def test_title_round_trips_through_box_and_code() -> None:
    code_key = bytes(32)
    assert SECRET.keyring.open_title(seal_title("چای", SECRET.identity.public_key)) == "چای"
    assert unwrap_title(wrap_title("چای", code_key), code_key) == "چای"


def test_sealing_twice_gives_different_bytes() -> None:
    assert len({KEY.seal(POSITION, b"words") for _ in range(50)}) == 50
    assert len({KEY.box_for(SECRET.identity.public_key) for _ in range(50)}) == 50
    assert len({EpochKey.new()._raw for _ in range(50)}) == 50


# Tampering


@pytest.mark.parametrize(
    "change",
    [
        {"conversation": bytes(16)},
        {"epoch": POSITION.epoch + 1},
        {"seq": POSITION.seq + 1},
        {"sender": POSITION.sender + 1},
        {"kind": "messages"},
        {"epoch": POSITION.seq, "seq": POSITION.epoch},
    ],
)
def test_message_opens_at_no_other_position(change: dict[str, object]) -> None:
    sealed = KEY.seal(POSITION, b"words")
    with pytest.raises(SealError):
        KEY.open(replace(POSITION, **change), sealed)  # type: ignore[arg-type]


OPENING: dict[str, tuple[bytes, Callable[[bytes], object]]] = {
    "message": (raw("sealed"), lambda sealed: KEY.open(POSITION, sealed)),
    "box": (raw("box"), lambda sealed: SECRET.keyring.open_key(Box(sealed))),
    "link": (raw("link"), lambda sealed: KEY.open_link(Box(sealed))),
    "title box": (raw("title_box"), SECRET.keyring.open_title),
    "wrapped title": (raw("wrapped_title"), lambda s: unwrap_title(s, raw("code_key"))),
}


@pytest.mark.parametrize("what", OPENING)
def test_altered_or_truncated_bytes_do_not_open(what: str) -> None:
    sealed, opening = OPENING[what]
    opening(sealed)
    altered = [
        sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :] for at in range(len(sealed))
    ]
    cut = [sealed[:length] for length in (0, 1, 23, 24, 47, 48, len(sealed) - 1)]
    for wrong in (*altered, *cut, sealed + b"\0"):
        with pytest.raises(SealError) as caught:
            opening(wrong)
        # One error without detail: no arguments, no cause, no visible context.
        assert (caught.value.args, caught.value.__cause__) == ((), None)
        assert caught.value.__suppress_context__ or caught.value.__context__ is None


def test_nothing_opens_with_another_key() -> None:
    other = Secret(bytes(32))
    for opening in (
        lambda: other.keyring.open_key(Box(raw("box"))),
        lambda: other.keyring.open_title(raw("title_box")),
        lambda: EpochKey.new().open(POSITION, raw("sealed")),
        lambda: EpochKey.new().open_link(Box(raw("link"))),
        lambda: unwrap_title(raw("wrapped_title"), bytes(32)),
    ):
        with pytest.raises(SealError):
            opening()


@pytest.mark.parametrize("raw_message", [b"", b"\x05", b"\x00\xff", b"\x01\x00\x00"])
def test_invalid_message_encoding_gives_seal_error(raw_message: bytes) -> None:
    with pytest.raises(SealError):
        Message.from_bytes(raw_message)


def test_invalid_title_or_public_key_gives_seal_error() -> None:
    no_text = SealedBox(NaclPublicKey(SECRET.identity.public_key)).encrypt(b"\xff\x80")
    for attempt in (
        lambda: SECRET.keyring.open_title(no_text),
        lambda: EpochKey.new().box_for(PublicKey(bytes(32))),
        lambda: seal_title("x", PublicKey(b"short")),
        lambda: KEY.seal(replace(POSITION, sender=-1), b"x"),
    ):
        with pytest.raises(SealError):
            attempt()


# Sizes


def test_sealed_size_reveals_only_the_size_class() -> None:
    sizes = {len(KEY.seal(POSITION, b"x" * length)) for length in range(MAX_MESSAGE_BYTES + 32)}
    classes = [SMALLEST_CLASS << step for step in range(8)]
    assert sizes == {size + SEAL_OVERHEAD_BYTES for size in classes}
    assert len(raw("box")) == len(raw("link")) == BOX_BYTES


@pytest.mark.parametrize(("length", "size"), [(0, 64), (63, 64), (64, 128), (127, 128), (128, 256)])
def test_size_class_leaves_room_for_one_byte_of_padding(length: int, size: int) -> None:
    assert size_class(length) == size


# Labels, names


def test_each_key_has_its_own_label() -> None:
    labels = {b"sottovoce-handle", b"sottovoce-txttag", LABEL_BOX, LABEL_LINK}
    assert len(labels) == 4
    assert {len(label) for label in labels} == {16}


def test_keys_print_as_stars() -> None:
    for key in (KEY, SECRET.keyring, SECRET):
        assert "***" in repr(key)
        assert str(key) == repr(key)
        assert VECTOR["epoch_key"][:8] not in repr(key)


def test_keyring_caches_a_bounded_number_of_keys() -> None:
    keyring = Keyring(raw("private_key"))
    boxes = [EpochKey.new().box_for(keyring.public_key) for _ in range(MAX_CACHED_KEYS + 5)]
    first = keyring.open_key(boxes[0])
    assert keyring.open_key(boxes[0]) is first
    for box in boxes:
        keyring.open_key(box)
    assert len(keyring._cache) == MAX_CACHED_KEYS
    assert keyring.open_key(boxes[0]) is not first
