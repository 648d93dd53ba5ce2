"""The throttle switches between slow and full speed, and reports the current state."""

from __future__ import annotations

from onion import ControlClosedError
from server.demo.throttle import SLOW_BYTES_PER_S, Throttle
from tests.supervisor.fakes import FakeReport


class FakeNetwork:
    """Records the limits that are set, unless it is disconnected."""

    def __init__(self) -> None:
        self.limits: list[int | None] = []
        self.is_disconnected = False

    def limit_client(self, bytes_per_s: int | None) -> None:
        """Record the limit, as the private network would set it."""
        if self.is_disconnected:
            raise ControlClosedError
        self.limits.append(bytes_per_s)


def test_each_toggle_switches_and_is_reported() -> None:
    network, report = FakeNetwork(), FakeReport()
    throttle = Throttle(network, report)
    for _ in range(3):
        throttle.toggle()
    assert network.limits == [SLOW_BYTES_PER_S, None, SLOW_BYTES_PER_S]
    assert ["slow" in note for note in report.notes] == [True, False, True]
    assert SLOW_BYTES_PER_S * 8 == 20_000


def test_failed_toggle_is_reported_and_repeated() -> None:
    network, report = FakeNetwork(), FakeReport()
    throttle = Throttle(network, report)
    network.is_disconnected = True
    throttle.toggle()
    network.is_disconnected = False
    throttle.toggle()
    assert network.limits == [SLOW_BYTES_PER_S]
    assert report.notes[0].startswith("the speed is unchanged: ")
