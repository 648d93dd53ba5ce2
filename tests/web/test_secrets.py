"""Secrets come from the system's generator, and are compared without telling where they differ."""

from __future__ import annotations

import ast
import hmac
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from server.core.ids import ChatId, Secret
from server.core.limits import DOOR_TOKEN_SLICE_S
from server.web import form_tokens as tokens_module
from server.web.form_tokens import Tokens
from tests.fakes import FakeClock

SERVER = Path(__file__).parents[2] / "server"
FILES = sorted(file for part in ("core", "store", "web") for file in (SERVER / part).rglob("*.py"))

NOT_FOR_SECRETS = {"random", "uuid"}
DRAWS = {"choice", "choices", "randbelow", "randint", "randrange", "sample", "shuffle", "random"}
"""What draws something by chance, whichever module it is of."""

SECRET_NAMES = {
    *("token", "secret", "mac", "cookie", "digest", "text_tag", "_raw"),
    *("to_cookie", "_mac", "_composer_mac", "password"),
}
COMPARED_ALL_THE_SAME = {
    # One secret, one spelling: what is compared is one cookie's text with itself, written anew.
    ("core/ids.py", "secret.to_cookie() == value"),
    # What somebody says, with what the same one said before: nobody else's hash is among them.
    ("core/room/repeats.py", "tag == text_tag"),
}

every_file = pytest.mark.parametrize("file", FILES, ids=lambda f: str(f.relative_to(SERVER)))


def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


@pytest.mark.checklist(16)
@every_file
def test_nothing_is_drawn_by_chance_but_from_the_systems_generator(file: Path) -> None:
    drawn = [node.func for node in ast.walk(parsed(file)) if isinstance(node, ast.Call)]
    for call in drawn:
        if isinstance(call, ast.Attribute) and call.attr in DRAWS:
            assert ast.unparse(call.value) == "secrets", ast.unparse(call)
        assert not (isinstance(call, ast.Name) and call.id in DRAWS)
    imported = [
        name
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in [getattr(node, "module", None), *(alias.name for alias in node.names)]
    ]
    assert not NOT_FOR_SECRETS & {name.partition(".")[0] for name in imported if name}


def names_in(operand: ast.expr) -> Iterator[str]:
    """What an operand is: the last name of it, of what it calls, or of what it is a part of."""
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
@every_file
def test_no_secret_is_compared_in_a_way_that_stops_where_it_differs(file: Path) -> None:
    compared = {
        (str(file.relative_to(SERVER)), ast.unparse(node))
        for node in ast.walk(parsed(file))
        if isinstance(node, ast.Compare) and isinstance(node.ops[0], ast.Eq | ast.NotEq)
        for operand in (node.left, *node.comparators)
        if SECRET_NAMES & set(names_in(operand))
    }
    assert compared <= COMPARED_ALL_THE_SAME


HANDLE, OTHER, CHAT = Secret.new().handle, Secret.new().handle, ChatId("abcdefghijkl")
Check = Callable[[Tokens, str], object]
CHECKS: dict[str, Check] = {
    "form": lambda tokens, token: tokens.is_form(token, HANDLE, "leave", CHAT),
    "door": lambda tokens, token: tokens.is_door(token, "pair"),
    "composer": lambda tokens, token: tokens.read_composer(token, HANDLE, CHAT),
}


def right_and_wrong(check: str, clock: FakeClock, tokens: Tokens) -> list[str]:
    """Right ones first; the others are wrong from the first character on, or in the last."""
    if check == "form":
        right = [tokens.form(HANDLE, "leave", CHAT)]
        other = tokens.form(OTHER, "leave", CHAT)
    elif check == "door":
        right = [tokens.door("pair")]
        clock.advance(DOOR_TOKEN_SLICE_S)
        right.append(tokens.door("pair"))
        other = tokens.door("open")
    else:
        right = [tokens.composer(HANDLE, CHAT, 0)]
        other = tokens.composer(OTHER, CHAT, 0)
    swapped = {"A": "E", "/": "-"}.get(right[0][-1], "A")
    return [*right, other, right[0][:-1] + swapped]


@pytest.mark.checklist(18)
@pytest.mark.parametrize("check", CHECKS)
def test_right_and_wrong_token_are_compared_as_often_and_to_the_end(
    check: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[int] = []

    def counting(one: bytes, other: bytes) -> bool:
        compared.append(1)
        return hmac.compare_digest(one, other)

    class CountingHmac:
        compare_digest = staticmethod(counting)

    clock = FakeClock()
    tokens, counts = Tokens(clock), []
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
