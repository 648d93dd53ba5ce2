"""The line becomes slow, and fast again, and what is told is how it is."""

from __future__ import annotations

from onion import ControlClosedError
from server.demo.throttle import SLOW_BYTES_PER_S, SlowLine
from tests.supervisor.fakes import HeardReport


class HeardLine:
    """Remembers what it was held to, as long as it is there."""

    def __init__(self) -> None:
        self.limits: list[int | None] = []
        self.is_gone = False

    def limit_client(self, bytes_per_s: int | None) -> None:
        """What a private network does."""
        if self.is_gone:
            raise ControlClosedError
        self.limits.append(bytes_per_s)


def test_each_turn_is_the_other_way_and_is_told() -> None:
    line, report = HeardLine(), HeardReport()
    slow_line = SlowLine(line, report)
    for _ in range(3):
        slow_line.turn()
    assert line.limits == [SLOW_BYTES_PER_S, None, SLOW_BYTES_PER_S]
    assert ["slow" in note for note in report.notes] == [True, False, True]
    assert SLOW_BYTES_PER_S * 8 == 20_000


def test_line_that_cannot_be_changed_is_told_and_tried_again_the_same_way() -> None:
    line, report = HeardLine(), HeardReport()
    slow_line = SlowLine(line, report)
    line.is_gone = True
    slow_line.turn()
    line.is_gone = False
    slow_line.turn()
    assert line.limits == [SLOW_BYTES_PER_S]
    assert report.notes[0].startswith("the line stays as it is: ")
