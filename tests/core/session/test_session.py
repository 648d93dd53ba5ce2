"""A session expires by silence or by age, and an open stream counts as activity."""

from __future__ import annotations

import pytest

from server.core.limits import SESSION_LIFE_S, SESSION_SILENCE_S
from server.core.ratelimit import TokenBucket
from server.core.session.lifetime import Lifetime
from server.core.session.session import Session
from tests.core.people import identity_of


def make_session(started_s: float = 0, seen_s: float = 0) -> Session:
    lifetime = Lifetime(started_s=started_s, touched_s=started_s)
    return Session(identity_of("h"), lifetime, seen_s, TokenBucket(burst=1, every_s=1, now_s=0))


@pytest.mark.parametrize(
    ("seen_s", "now_s", "streaming", "due"),
    [
        (0, SESSION_SILENCE_S, False, False),
        (0, SESSION_SILENCE_S + 1, False, True),
        (0, SESSION_SILENCE_S + 1, True, False),
        (SESSION_LIFE_S, SESSION_LIFE_S, True, False),
        (SESSION_LIFE_S, SESSION_LIFE_S + 1, True, True),
        (SESSION_LIFE_S, SESSION_LIFE_S + 1, False, True),
    ],
)
def test_session_is_due_by_silence_or_by_age(
    seen_s: float,
    now_s: float,
    streaming: bool,
    due: bool,
) -> None:
    assert make_session(seen_s=seen_s).is_due(now_s, streaming=streaming) is due


def test_limits_are_the_documented_ones() -> None:
    assert (SESSION_SILENCE_S, SESSION_LIFE_S) == (20 * 60, 12 * 60 * 60)
