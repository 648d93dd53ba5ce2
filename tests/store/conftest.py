"""Lets a failing promise of the contract show what it compared."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "tests.store.contract",
    "tests.store.contract_again",
    "tests.store.contract_asides",
    "tests.store.contract_elsewhere",
    "tests.store.contract_private",
    "tests.store.contract_rooms",
    "tests.store.contract_seams",
    "tests.store.contract_talk",
    "tests.store.contract_time",
)
