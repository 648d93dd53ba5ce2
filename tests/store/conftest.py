"""Rewrites the assertions of the contract tests, so that a failure shows what it compared."""

from __future__ import annotations

import pytest

pytest.register_assert_rewrite(
    "tests.store.contract.admission",
    "tests.store.contract.arrivals",
    "tests.store.contract.chat",
    "tests.store.contract.rematch",
    "tests.store.contract.renewal",
    "tests.store.contract.side_chats",
    "tests.store.contract.unopened",
    "tests.store.contract.unread",
    "tests.store.contract.private_rooms",
    "tests.store.contract.rooms",
    "tests.store.contract.interactions",
    "tests.store.contract.kept",
    "tests.store.contract.messages",
    "tests.store.contract.session",
    "tests.store.contract.shares",
)
