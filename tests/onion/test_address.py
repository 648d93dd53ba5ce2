"""The address of a public key is the one that tor computes."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from onion.address import address_of

VECTORS: dict[str, Any] = json.loads(
    (Path(__file__).parents[1] / "vectors" / "address.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("service", VECTORS["services"], ids=lambda s: s["address"][:8])
def test_address_is_the_one_that_tor_computes(service: dict[str, str]) -> None:
    assert address_of(bytes.fromhex(service["public_key"])) == service["address"]


@pytest.mark.parametrize("size", [0, 31, 33])
def test_key_of_another_size_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="32 bytes"):
        address_of(bytes(size))
