"""A process knows the secrets that it has drawn, and no others."""

from __future__ import annotations

from server.core.ids import SECRET_BYTES, Secret
from server.core.session.mint import Mint


def test_own_secrets_are_known_and_those_of_others_are_not() -> None:
    mint, other = Mint(), Mint()
    secret = mint.new()
    assert mint.drew(secret)
    assert mint.drew(Secret.from_cookie(secret.to_cookie()) or other.new())
    assert not other.drew(secret)
    assert not mint.drew(Secret.new())


def test_secrets_differ_and_share_no_bytes_that_show_their_origin() -> None:
    mint = Mint()
    drawn = [mint.new()._raw for _ in range(64)]
    assert len(set(drawn)) == 64
    assert all(len({raw[place] for raw in drawn}) > 32 for place in range(SECRET_BYTES))
