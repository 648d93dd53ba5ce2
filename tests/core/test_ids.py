"""Secrets are never printed and compare by all their bytes; ids and handles do not reveal them."""

from __future__ import annotations

import hashlib
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.ids import (
    LABEL_REPEAT,
    LABEL_SPENT_TOKEN,
    SECRET_BYTES,
    ChatId,
    Secret,
    new_chat_id,
)


def test_secret_survives_the_cookie() -> None:
    secret = Secret.new()
    value = secret.to_cookie()
    assert re.fullmatch(r"[A-Za-z0-9_-]{43}", value)
    assert Secret.from_cookie(value) == secret


@given(st.binary(min_size=SECRET_BYTES, max_size=SECRET_BYTES))
def test_every_secret_survives_the_cookie(raw: bytes) -> None:
    assert Secret.from_cookie(Secret(raw).to_cookie()) == Secret(raw)


@pytest.mark.parametrize(
    "value",
    [
        *(None, "", "a" * 42, "a" * 44, "!" * 43, "é" * 43, "a" * 42 + "\n"),
        *("+" * 42 + "A", "a" * 43, "A" * 42 + "="),
    ],
)
def test_any_other_cookie_is_none(value: str | None) -> None:
    assert Secret.from_cookie(value) is None


BASE64 = "ABCXYZabcxyz0189-_+/="


@given(st.one_of(st.text(min_size=43, max_size=43), st.text(BASE64, min_size=43, max_size=43)))
def test_no_cookie_value_raises(value: str) -> None:
    secret = Secret.from_cookie(value)
    assert secret is None or len(secret.to_cookie()) == 43


@pytest.mark.checklist(11)
@pytest.mark.parametrize("size", [0, 31, 33])
def test_secret_has_32_bytes(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        Secret(bytes(size))


def test_secret_prints_as_stars() -> None:
    secret = Secret.new()
    for shown in (repr(secret), str(secret), f"{secret}", repr([secret])):
        assert "***" in shown
        assert secret.to_cookie()[:8] not in shown


@pytest.mark.checklist(18)
def test_secrets_are_equal_by_their_bytes_and_to_nothing_else() -> None:
    one, same, other = Secret(b"a" * 32), Secret(b"a" * 32), Secret(b"b" * 32)
    assert one == same
    assert hash(one) == hash(same)
    assert one != other
    assert one != b"a" * 32


@pytest.mark.checklist(12)
def test_handle_is_a_hash_of_16_bytes_under_its_own_label() -> None:
    expected = hashlib.blake2b(bytes(32), digest_size=16, person=b"sottovoce-handle").digest()
    assert Secret(bytes(32)).handle == expected
    assert Secret.new().handle != expected


def test_text_tag_depends_on_text_label_chat_and_secret() -> None:
    one, other, here = Secret.new(), Secret.new(), ChatId("abcdefghijkl")
    tag = one.text_tag("hello", LABEL_SPENT_TOKEN, here)
    assert tag == one.text_tag("hello", LABEL_SPENT_TOKEN, here)
    others = [
        one.text_tag("hello ", LABEL_SPENT_TOKEN, here),
        one.text_tag("hello", LABEL_REPEAT, here),
        one.text_tag("hello", LABEL_SPENT_TOKEN, ChatId("lkjihgfedcba")),
        other.text_tag("hello", LABEL_SPENT_TOKEN, here),
        one.handle,
    ]
    assert tag not in others
    assert len(set(others)) == len(others)


@pytest.mark.checklist(22)
def test_chat_ids_are_random_and_url_safe() -> None:
    ids = {new_chat_id() for _ in range(1_000)}
    assert len(ids) == 1_000
    assert all(re.fullmatch(r"[A-Za-z0-9_-]{12}", chat_id) for chat_id in ids)
