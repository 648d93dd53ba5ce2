"""An address and its public key spell each other, and nothing else passes for an address."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onion.address import address_of, public_key_of

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "address.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("service", VECTORS["services"], ids=lambda s: s["address"][:8])
def test_address_is_spelled_as_tor_spells_it(service: dict[str, str]) -> None:
    assert address_of(bytes.fromhex(service["public_key"])) == service["address"]


@pytest.mark.parametrize("service", VECTORS["services"], ids=lambda s: s["address"][:8])
def test_public_key_is_read_from_any_writing_of_the_address(service: dict[str, str]) -> None:
    public_key = bytes.fromhex(service["public_key"])
    assert public_key_of(service["address"]) == public_key
    assert public_key_of(service["address"].upper()) == public_key
    assert public_key_of(service["address"].removesuffix(".onion")) == public_key


@pytest.mark.parametrize("refused", VECTORS["refused"], ids=lambda r: r["why"])
def test_what_is_no_address_is_refused(refused: dict[str, str]) -> None:
    with pytest.raises(ValueError, match=r"address|checksum|character"):
        public_key_of(refused["address"])


@pytest.mark.parametrize("size", [0, 31, 33])
def test_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        address_of(bytes(size))


@given(st.binary(min_size=32, max_size=32))
def test_every_key_comes_back_from_its_address(public_key: bytes) -> None:
    assert public_key_of(address_of(public_key)) == public_key


@given(st.binary(min_size=32, max_size=32), st.integers(0, 55), st.sampled_from("abcxyz234567"))
def test_one_wrong_character_never_gives_a_key(key: bytes, place: int, wrong: str) -> None:
    address = address_of(key)
    if address[place] == wrong:
        return
    with pytest.raises(ValueError, match=r"address|checksum"):
        public_key_of(address[:place] + wrong + address[place + 1 :])
