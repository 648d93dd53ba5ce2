"""A service key is the same as tor's, and its `repr` does not reveal it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from nacl.signing import SigningKey

from onion.keys import ServiceKey

from .test_address import VECTORS


@pytest.mark.parametrize("service", VECTORS["services"], ids=lambda s: s["address"][:8])
def test_key_made_by_tor_has_the_address_that_tor_computed(service: dict[str, str]) -> None:
    key = ServiceKey(bytes.fromhex(service["key_file"])[32:])
    assert key.address == service["address"]
    assert key.public_key == bytes.fromhex(service["public_key"])


@given(st.binary(min_size=32, max_size=32))
def test_expanded_key_has_the_public_key_of_its_seed(seed: bytes) -> None:
    assert ServiceKey.from_seed(seed).public_key == bytes(SigningKey(seed).verify_key)


def test_two_new_keys_differ() -> None:
    assert ServiceKey.generate().address != ServiceKey.generate().address


def test_repr_shows_the_address_and_hides_the_key() -> None:
    key = ServiceKey.generate()
    assert repr(key) == str(key) == f"ServiceKey({key.address}, ***)"


@pytest.mark.parametrize("expanded", [b"", bytes(64), b"\xff" * 64, bytes(63)])
def test_bytes_that_are_not_an_expanded_key_are_refused(expanded: bytes) -> None:
    with pytest.raises(ValueError, match="expanded"):
        ServiceKey(expanded)


def test_seed_of_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        ServiceKey.from_seed(bytes(31))
