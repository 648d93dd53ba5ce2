"""The words of a refused form are sealed to one visitor, for one page and a short time."""

from __future__ import annotations

from dataclasses import replace

import pytest

from server.core.crypto.seal import SEAL_OVERHEAD_BYTES
from server.core.ids import Secret
from server.core.limits import KEPT_S, MAX_BODY_BYTES, MAX_KEPT_BYTES
from server.core.session.kept import KeptForm, code_position, move_own

WORDS = "some words; \u0633\u0644\u0627\u0645".encode()
MINE, THEIRS = Secret.new().keyring, Secret.new().keyring


def test_words_open_for_their_visitor_until_their_time() -> None:
    kept = KeptForm.seal(MINE, WORDS, 100)
    assert WORDS not in kept.sealed
    assert kept.open(MINE, kept.id, 100) == WORDS
    assert kept.open(MINE, kept.id, 99 + KEPT_S) == WORDS
    assert kept.open(MINE, kept.id, 100 + KEPT_S) is None


def test_words_open_for_nobody_else_and_under_no_other_id() -> None:
    kept = KeptForm.seal(MINE, WORDS, 100)
    assert kept.open(THEIRS, kept.id, 100) is None
    for kept_id in ("", "x", kept.id[:-1], kept.id + "A", KeptForm.seal(MINE, b"other", 100).id):
        assert kept.open(MINE, kept_id, 100) is None
    moved = replace(kept, id="AAAAAAAAAAAA")
    assert moved.open(MINE, "AAAAAAAAAAAA", 100) is None
    altered = replace(kept, sealed=kept.sealed[:-1] + bytes([kept.sealed[-1] ^ 1]))
    assert altered.open(MINE, kept.id, 100) is None


def test_id_is_the_same_for_the_same_words_and_reveals_nothing() -> None:
    ids = {KeptForm.seal(MINE, WORDS, now_s).id for now_s in (1, 2)}
    assert len(ids) == 1
    assert {len(kept_id) for kept_id in ids} == {12}
    assert KeptForm.seal(THEIRS, WORDS, 1).id not in ids


def test_sealed_form_shows_a_size_class_and_has_a_limit() -> None:
    sizes = {len(KeptForm.seal(MINE, b"x" * size, 0).sealed) for size in range(1, 64)}
    assert sizes == {64 + SEAL_OVERHEAD_BYTES}
    for size in (MAX_BODY_BYTES, MAX_KEPT_BYTES - 1):
        kept = KeptForm.seal(MINE, b"x" * size, 0)
        assert len(kept.sealed) == MAX_KEPT_BYTES + SEAL_OVERHEAD_BYTES
        assert kept.open(MINE, kept.id, 0) == b"x" * size
    with pytest.raises(ValueError, match="more words"):
        KeptForm.seal(MINE, b"x" * MAX_KEPT_BYTES, 0)


def test_words_move_to_a_new_secret_under_the_same_id() -> None:
    kept = KeptForm.seal(MINE, WORDS, 0)
    moved = kept.move(MINE, THEIRS)
    assert moved is not None
    assert moved.open(THEIRS, kept.id, 0) == WORDS
    assert moved.open(MINE, kept.id, 0) is None
    assert kept.move(None, THEIRS) is None
    assert kept.move(THEIRS, MINE) is None


def test_code_opens_only_in_its_conversation() -> None:
    here, there = code_position("AAAAAAAAAAAA"), code_position("BBBBBBBBBBBB")
    sealed = MINE.seal_own(here, b"12345678")
    assert move_own(sealed, here, MINE, THEIRS)
    assert not move_own(sealed, there, MINE, THEIRS)
    assert not move_own(b"", here, MINE, THEIRS)
