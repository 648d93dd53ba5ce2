"""Every error is the visitor's or the operator's, and none contains what a visitor typed."""

from __future__ import annotations

from collections.abc import Iterator

from server.core.errors import ChatError, OperatorError, RateLimitedError, VisitorError


def below(kind: type[ChatError]) -> Iterator[type[ChatError]]:
    for child in kind.__subclasses__():
        yield child
        yield from below(child)


def test_each_error_is_the_visitors_or_the_operators() -> None:
    assert all(issubclass(kind, VisitorError | OperatorError) for kind in below(ChatError))


def test_rate_limit_error_carries_only_the_seconds() -> None:
    error = RateLimitedError(7)
    assert error.retry_after_s == 7
    assert error.args == ()
