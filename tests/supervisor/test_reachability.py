"""A service that visits do not reach is published anew, then gets a new tor; both are told."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from onion import NetworkLostError, NotReachedError, OnionError, ServiceEvent, TorDiedError
from server.supervisor.reachability import Pauses, Reachability, reintroduce
from tests.fakes import FakeClock

from .fakes import BOUND_S, FakeReport

MINUTE_S = 60.0
NO_PAUSE = (0.0, 0.0)


class Service:
    """A service whose visits fail or succeed as told; at the end its tor dies.

    `None` stands for a visit during which tor loses its network.
    """

    def __init__(self, visits: Iterable[bool | None]) -> None:
        self.line_changed = asyncio.Event()
        self._visits = list(visits)
        self.published = 0

    async def visit(self, *, timeout_s: float) -> None:
        """Come through, or not."""
        if not self._visits:
            raise TorDiedError(9, "")
        came_through = self._visits.pop(0)
        if came_through is None:
            raise NetworkLostError
        if not came_through:
            raise NotReachedError("nobody answers")

    async def publish_anew(self) -> None:
        """Count it."""
        self.published += 1


class Watched:
    """A reachability without pauses, and what it said."""

    def __init__(self) -> None:
        self.events: list[ServiceEvent] = []
        self.report, self.clock = FakeReport(), FakeClock()
        pauses = Pauses(usual=NO_PAUSE, soon=NO_PAUSE, unreachable=NO_PAUSE)
        self.web_runs = asyncio.Event()
        self.web_runs.set()
        self.reach = Reachability(
            self.events.append, self.report, self.web_runs.wait, pauses=pauses, clock=self.clock
        )

    async def watch(self, *visits: bool | None) -> tuple[Service, str]:
        """Watch one tor until it is given up or dies; return why."""
        service = Service(visits)
        async with asyncio.timeout(BOUND_S):
            try:
                return service, await self.reach.watch(service)
            except TorDiedError:
                return service, "died"


async def test_one_failed_visit_changes_nothing_but_the_state() -> None:
    watched = Watched()
    service, why = await watched.watch(True, False, True)
    assert watched.events == [ServiceEvent.REACHED, ServiceEvent.MISSED, ServiceEvent.REACHED]
    assert (service.published, watched.report.notes, why) == (0, [], "died")
    assert watched.reach.reached.is_set()


async def test_two_failed_visits_are_told_and_the_descriptor_published_anew() -> None:
    watched = Watched()
    service, _ = await watched.watch(True, False, False, True)
    assert watched.events[-2:] == [ServiceEvent.GIVEN_UP, ServiceEvent.REACHED]
    assert service.published == 1
    told, again = watched.report.notes
    assert "visitors cannot reach the service" in told
    assert "nobody answers" in told
    assert again == "visitors can reach the service again"


async def test_third_failed_visit_asks_for_a_new_tor() -> None:
    watched = Watched()
    _, why = await watched.watch(False, False, False)
    assert why == "could not be reached through Tor"
    assert not watched.reach.reached.is_set()


@pytest.mark.parametrize("round_number", range(6))
async def test_new_tors_become_rarer(round_number: int) -> None:
    """Whoever makes visits fail must not be able to make tor choose new relays all the time."""
    watched = Watched()
    least_s = [minutes * MINUTE_S for minutes in (5, 10, 20, 40, 60, 60)]
    assert (await watched.watch(False, False, False))[1] != "died"
    for pause_s in least_s[:round_number]:
        watched.clock.advance(1.5 * pause_s)
        assert (await watched.watch(False))[1] != "died"
    watched.clock.advance(0.9 * least_s[round_number])
    assert (await watched.watch(*[False] * 20))[1] == "died", "only visited, not started anew"
    watched.clock.advance(0.7 * least_s[round_number])
    assert (await watched.watch(False))[1] != "died"


async def test_no_visit_is_made_while_the_web_process_does_not_run() -> None:
    """A tor that could not help is not started anew."""
    watched = Watched()
    watched.web_runs.clear()
    service = Service([False] * 5)
    watching = asyncio.ensure_future(watched.reach.watch(service))
    for _ in range(20):
        await asyncio.sleep(0)
    assert watched.events == []
    watched.web_runs.set()
    async with asyncio.timeout(BOUND_S):
        assert await watching == "could not be reached through Tor"


async def test_lost_network_asks_for_a_new_tor_at_once_and_is_told_once() -> None:
    watched = Watched()
    for visits in ((True, None), (None,), (False, None)):
        assert (await watched.watch(*visits))[1] == "lost its network"
        assert watched.events[-1] is ServiceEvent.GIVEN_UP
    (told,) = watched.report.notes
    assert "no connection to any relay" in told
    await watched.watch(True)
    assert watched.report.notes[1:] == ["visitors can reach the service again"]


async def test_changed_line_of_a_guard_ends_the_pause() -> None:
    visits: asyncio.Queue[ServiceEvent] = asyncio.Queue()
    hour = Pauses(usual=(3600.0, 3600.0), soon=NO_PAUSE)
    watched = Watched()
    reach = Reachability(visits.put_nowait, FakeReport(), watched.web_runs.wait, pauses=hour)
    service = Service([True, True])
    watching = asyncio.ensure_future(reach.watch(service))
    async with asyncio.timeout(BOUND_S):
        for _ in range(2):
            assert await visits.get() is ServiceEvent.REACHED
            reach.visit_soon(service)
        with pytest.raises(TorDiedError):
            await watching


async def test_pauses_are_no_clock() -> None:
    for low_s, high_s in (Pauses().usual, Pauses().soon, Pauses().unreachable):
        assert high_s >= 2 * low_s


class Disconnected:
    """A service whose network comes back so often; then it is gone, or its tor dies."""

    def __init__(
        self, returns: int, end: OnionError | None = None, *, is_sandboxed: bool = False
    ) -> None:
        self._returns, self._end = returns, end or TorDiedError(9, "")
        self.is_sandboxed = is_sandboxed
        self.did: list[str] = []

    async def wait_network_back(self) -> None:
        """Return, or fail."""
        if self._returns == 0:
            raise self._end
        self._returns -= 1
        self.did.append("back")

    async def change_introduction_points(self) -> None:
        """Record it."""
        self.did.append("changed")


async def test_each_return_of_the_network_changes_the_introduction_points() -> None:
    service = Disconnected(2)
    with pytest.raises(TorDiedError):
        await reintroduce(service)
    assert service.did == ["back", "changed", "back", "changed"]


async def test_sandboxed_tor_is_started_anew_instead() -> None:
    service = Disconnected(1, is_sandboxed=True)
    assert await reintroduce(service) == "had lost its network"
    assert service.did == ["back"]


async def test_tor_whose_network_is_gone_for_long_is_started_anew() -> None:
    service = Disconnected(1, NetworkLostError())
    assert await reintroduce(service) == "lost its network"
    assert service.did == ["back", "changed"]
