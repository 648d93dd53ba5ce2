"""A form token is bound to one session, one form, one subject and one run of the program."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.core.ids import ChatId, Secret
from server.core.limits import (
    FIRST_FORM_TOKEN_MAX_S,
    FIRST_FORM_TOKEN_MIN_S,
    FIRST_FORM_TOKEN_SLICE_S,
)
from server.web.form_tokens import FormTokens
from server.web.token_slices import TokenSlices
from tests.fakes import FakeClock

ME, YOU = Secret.new().handle, Secret.new().handle
CHAT, OTHER = ChatId("abcdefghijkl"), ChatId("mnopqrstuvwx")
TOKENS = FormTokens(FakeClock())
ADDRESS = "abcdefghijklmnopqrstuvwxyz234567abcdefghijklmnopqrstuvwx"
REWRITES: tuple[Callable[[str], str], ...] = (
    # How gateways rewrite an onion address on a page.
    lambda token: token.replace(".onion", ".onion.example"),
    lambda token: token.replace(".onion", ".gateway.example"),
    lambda token: f"https://{token.replace('.onion', '.example')}",
    lambda token: f"//{ADDRESS}.onion.example/{token.replace('.onion', '.onion.example')}",
    lambda token: token.removesuffix("/"),
    lambda token: token.removesuffix(".onion/"),
)


@pytest.mark.checklist(14)
def test_form_token_is_bound_to_session_form_and_subject() -> None:
    token = TOKENS.form(ME, "leave", CHAT)
    assert TOKENS.is_form(token, ME, "leave", CHAT)
    assert not TOKENS.is_form(token, YOU, "leave", CHAT)
    assert not TOKENS.is_form(token, None, "leave", CHAT)
    assert not TOKENS.is_form(token, ME, "next", CHAT)
    assert not TOKENS.is_form(token, ME, "leave", OTHER)
    assert not FormTokens().is_form(token, ME, "leave", CHAT)


def test_parts_of_the_hashed_message_are_separated() -> None:
    assert TOKENS.form(ME, "ab", "c") != TOKENS.form(ME, "a", "bc")


@pytest.mark.checklist(14)
def test_first_form_token_is_bound_to_its_form_and_no_session() -> None:
    token = TOKENS.first_form("pair")
    assert TOKENS.is_first_form(token, "pair")
    assert not TOKENS.is_first_form(token, "leave")
    assert not TOKENS.is_form(token, ME, "pair")
    assert not FormTokens(FakeClock()).is_first_form(token, "pair")


@pytest.mark.parametrize("later_s", [0.0, 1.0, 17 * 60, FIRST_FORM_TOKEN_SLICE_S - 1.0])
def test_first_form_token_is_valid_for_an_hour_at_any_time(later_s: float) -> None:
    for _ in range(100):
        clock = FakeClock()
        tokens = FormTokens(clock)
        tokens.first_form("pair")
        clock.advance(later_s)
        token = tokens.first_form("pair")
        clock.advance(FIRST_FORM_TOKEN_MIN_S)
        assert tokens.is_first_form(token, "pair")
        clock.advance(FIRST_FORM_TOKEN_MAX_S - FIRST_FORM_TOKEN_MIN_S)
        assert not tokens.is_first_form(token, "pair")


def changes_s(tokens: FormTokens, clock: FakeClock, count: int) -> list[float]:
    """Watch the token of a first form; return the moments at which it changed."""
    found: list[float] = []
    token = tokens.first_form("pair")
    while len(found) < count:
        clock.advance(1)
        before, token = token, tokens.first_form("pair")
        if token != before:
            found.append(clock())
    return found


@pytest.mark.checklist(22, 50)
def test_change_of_the_first_form_token_shows_no_clock() -> None:
    of_each = []
    for _ in range(20):
        # The same machine with the same uptime: only the draw differs.
        clock = FakeClock(50_000)
        of_each.append(changes_s(FormTokens(clock), clock, 3))
    assert len({first for first, *_ in of_each}) > 15
    steps = {round(b - a) for found in of_each for a, b in pairwise(found)}
    assert len(steps) > 25
    assert all(
        FIRST_FORM_TOKEN_SLICE_S / 2 < step <= FIRST_FORM_TOKEN_SLICE_S + 1 for step in steps
    )


@pytest.mark.checklist(22, 50)
def test_end_of_a_first_form_token_shows_no_clock() -> None:
    ends = set()
    for _ in range(20):
        clock = FakeClock(50_000)
        tokens = FormTokens(clock)
        token = tokens.first_form("pair")
        while tokens.is_first_form(token, "pair"):
            clock.advance(10)
        ends.add(clock())
    # With a clock it would be one.
    assert len(ends) > 5


def test_no_slice_is_kept_for_longer_than_its_tokens_are_valid() -> None:
    clock = FakeClock()
    slices = TokenSlices(clock)
    for _ in range(200):
        clock.advance(600)
        current = slices.current()
        assert slices.accepted()[-1] == current
        assert len(slices.accepted()) <= 5


@pytest.mark.checklist(14)
def test_composer_token_is_bound_to_session_and_conversation() -> None:
    token = TOKENS.composer(ME, CHAT, 5)
    read = TOKENS.read_composer(token, ME, CHAT)
    assert read is not None
    assert read.serial == 5
    assert TOKENS.read_composer(token, YOU, CHAT) is None
    assert TOKENS.read_composer(token, None, CHAT) is None
    assert TOKENS.read_composer(token, ME, OTHER) is None
    assert FormTokens().read_composer(token, ME, CHAT) is None


@pytest.mark.checklist(15)
def test_composer_tokens_are_unique() -> None:
    assert len({TOKENS.composer(ME, CHAT, 0) for _ in range(100)}) == 100


@pytest.mark.checklist(14)
@given(position=st.integers(0, 23), bits=st.integers(1, 63))
def test_composer_token_changed_anywhere_is_invalid(position: int, bits: int) -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    token = TOKENS.composer(ME, CHAT, 1)
    other = alphabet[alphabet.index(token[position]) ^ bits]
    changed = token[:position] + other + token[position + 1 :]
    assert TOKENS.read_composer(changed, ME, CHAT) is None


@given(token=st.text(max_size=40))
def test_any_text_is_a_wrong_token_and_no_error(token: str) -> None:
    assert not TOKENS.is_form(token, ME, "leave", CHAT)
    assert not TOKENS.is_first_form(token, "pair")
    assert not TOKENS.is_rewritten_first_form(token, "pair")
    assert TOKENS.read_composer(token, ME, CHAT) is None


def test_tokens_are_short_and_need_no_escaping() -> None:
    for token, length in (
        (TOKENS.form(ME, "leave", CHAT), 14),
        (TOKENS.composer(ME, CHAT, 0), 24),
    ):
        assert re.fullmatch(rf"[\w-]{{{length}}}", token, re.ASCII)


def test_first_form_token_looks_like_an_impossible_onion_address() -> None:
    # A v3 address has 56 characters before `.onion`; v2 addresses had 16 and no longer exist.
    assert re.fullmatch(r"[a-z2-7]{16}\.onion/", TOKENS.first_form("pair"))


@pytest.mark.checklist(8)
@pytest.mark.parametrize("rewrite", REWRITES, ids=lambda rewrite: rewrite("LABEL.onion/"))
def test_rewritten_first_form_token_is_detected_and_invalid(
    rewrite: Callable[[str], str],
) -> None:
    token = rewrite(TOKENS.first_form("pair"))
    assert TOKENS.is_rewritten_first_form(token, "pair")
    assert not TOKENS.is_first_form(token, "pair")
    assert not TOKENS.is_rewritten_first_form(token, "open")
    assert not FormTokens(FakeClock()).is_rewritten_first_form(token, "pair")


@pytest.mark.parametrize(
    "token",
    [
        pytest.param(TOKENS.first_form("pair"), id="of a first form"),
        pytest.param(TOKENS.form(ME, "pair"), id="of a form in a session"),
        *("", "a" * 16, "a" * 16 + ".onion/"),
    ],
)
def test_other_token_is_not_mistaken_for_a_rewritten_one(token: str) -> None:
    assert not TOKENS.is_rewritten_first_form(token, "pair")
