"""Secrets come from the system's generator and are compared in constant time."""

from __future__ import annotations

import ast
import hmac
from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path

import pytest

from server.core.ids import ChatId, Secret
from server.core.limits import FIRST_FORM_TOKEN_SLICE_S
from server.web import form_tokens as tokens_module
from server.web.form_tokens import FormTokens
from tests.fakes import FakeClock

SERVER = Path(__file__).parents[2] / "server"
ROOMS = ("core", "store", "web")

NOT_FOR_SECRETS = {"random", "uuid"}
DRAWS = {"choice", "choices", "randbelow", "randint", "randrange", "sample", "shuffle", "random"}
"""Functions that draw at random, in any module."""

SECRET_NAMES = {
    *("token", "secret", "mac", "cookie", "digest", "text_tag", "_raw"),
    *("to_cookie", "_mac", "_composer_mac", "password"),
}
ALLOWED_COMPARISONS = {
    # A member's message and the same member's earlier ones; no hash of another member is involved.
    ("core/room/repeats.py", "tag == text_tag"),
}


@cache
def nodes_by_file() -> dict[str, tuple[ast.AST, ...]]:
    """Return the syntax nodes of the packages that handle secrets, by file; parsed once."""
    files = sorted(file for room in ROOMS for file in (SERVER / room).rglob("*.py"))
    return {
        str(file.relative_to(SERVER)): tuple(ast.walk(ast.parse(file.read_text(encoding="utf-8"))))
        for file in files
    }


@pytest.mark.checklist(16)
def test_all_randomness_is_from_the_systems_generator() -> None:
    assert not [
        f"{file}:{node.lineno} {ast.unparse(node.func)}"
        for file, nodes in nodes_by_file().items()
        for node in nodes
        if isinstance(node, ast.Call) and draws_outside_secrets(node.func)
    ]


def draws_outside_secrets(called: ast.expr) -> bool:
    """Whether a function draws at random and does not belong to `secrets`."""
    if isinstance(called, ast.Attribute):
        return called.attr in DRAWS and ast.unparse(called.value) != "secrets"
    return isinstance(called, ast.Name) and called.id in DRAWS


@pytest.mark.checklist(16)
def test_no_insecure_generator_is_imported() -> None:
    assert not [
        f"{file}:{node.lineno} {name}"
        for file, nodes in nodes_by_file().items()
        for node in nodes
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
        if name and name.partition(".")[0] in NOT_FOR_SECRETS
    ]


def names_in(operand: ast.expr) -> Iterator[str]:
    """Yield the last name of an operand, of a function it calls, or of the object it belongs to."""
    if isinstance(operand, ast.Name):
        yield operand.id
    elif isinstance(operand, ast.Attribute):
        yield operand.attr
    elif isinstance(operand, ast.Call):
        yield from names_in(operand.func)
    elif isinstance(operand, ast.Subscript):
        yield from names_in(operand.value)
        if isinstance(operand.slice, ast.Constant):
            yield str(operand.slice.value)


@pytest.mark.checklist(18)
def test_no_secret_is_compared_with_an_operator() -> None:
    """`==` stops at the first byte that differs, so its time depends on the secret."""
    compared = {
        (file, ast.unparse(node))
        for file, nodes in nodes_by_file().items()
        for node in nodes
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)
        for operand in (node.left, *node.comparators)
        if SECRET_NAMES & set(names_in(operand))
    }
    # Equal, not a subset: an exception that is no longer in the code must be removed here, too.
    assert compared == ALLOWED_COMPARISONS


HANDLE, OTHER, CHAT = Secret.new().handle, Secret.new().handle, ChatId("abcdefghijkl")
Check = Callable[[FormTokens, str], object]
CHECKS: dict[str, Check] = {
    "form": lambda tokens, token: tokens.is_form(token, HANDLE, "leave", CHAT),
    "door": lambda tokens, token: tokens.is_first_form(token, "pair"),
    "composer": lambda tokens, token: tokens.read_composer(token, HANDLE, CHAT),
}


def right_and_wrong(check: str, clock: FakeClock, tokens: FormTokens) -> list[str]:
    """Return the valid tokens, one that differs from the start, and one that differs at the end."""
    if check == "form":
        right = [tokens.form(HANDLE, "leave", CHAT)]
        other = tokens.form(OTHER, "leave", CHAT)
    elif check == "door":
        right = [tokens.first_form("pair")]
        clock.advance(FIRST_FORM_TOKEN_SLICE_S)
        right.append(tokens.first_form("pair"))
        other = tokens.first_form("open")
    else:
        right = [tokens.composer(HANDLE, CHAT, 0)]
        other = tokens.composer(OTHER, CHAT, 0)
    swapped = {"A": "E", "/": "-"}.get(right[0][-1], "A")
    return [*right, other, right[0][:-1] + swapped]


@pytest.mark.checklist(18)
@pytest.mark.parametrize("check", CHECKS)
def test_every_token_takes_the_same_number_of_comparisons(
    check: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []

    def counting(one: bytes, other: bytes) -> bool:
        compared.append(1)
        return hmac.compare_digest(one, other)

    class CountingHmac:
        compare_digest = staticmethod(counting)

    clock = FakeClock()
    tokens, counts = FormTokens(clock), []
    given = right_and_wrong(check, clock, tokens)
    monkeypatch.setattr(tokens_module, "hmac", CountingHmac)
    results = []
    for token in given:
        compared.clear()
        results.append(bool(CHECKS[check](tokens, token)))
        counts.append(len(compared))
    assert results == [True] * (len(given) - 2) + [False, False]
    assert len(set(counts)) == 1
    assert counts[0] > 0
