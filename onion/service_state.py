"""What is known of an onion service, as two small tables, and the seven states that are shown.

*Reach* is what the program finds out by itself: it visits its own address through Tor.

    STARTING -> UNCONFIRMED <-> PUBLISHED       one visit that fails: UNCONFIRMED
        |            |              |
        |            v              |           several that fail: UNREACHABLE
        |       UNREACHABLE --------+           until a visit succeeds, whatever is tried meanwhile
        v
      DOWN                                      tor or the program behind it does not run

*Admission* is what the operator decided: everybody may come in (OPEN), those inside were told that
the end is near (DRAINING), or nobody new may come in (CLOSED).

The shown state is the worse of both: a closed service that cannot be reached is UNREACHABLE,
because those inside are cut off, too.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class Reach(Enum):
    """Whether visitors can reach the service."""

    STARTING = "starting"
    PUBLISHED = "published"
    UNCONFIRMED = "unconfirmed"
    UNREACHABLE = "unreachable"
    DOWN = "down"


class Admission(Enum):
    """Who may come in."""

    OPEN = "open"
    DRAINING = "draining"
    CLOSED = "closed"


class ServiceState(Enum):
    """The state of an onion service, as the operator reads it."""

    STARTING = "starting"  # tor connects to its network, or uploads the descriptor
    PUBLISHED = "published"  # the last visit of our own came through
    UNCONFIRMED = "unconfirmed"  # a directory has the descriptor; the last visit did not succeed
    UNREACHABLE = "unreachable"  # several visits failed, one after the other
    DRAINING = "draining"  # those inside were told that it ends
    CLOSED = "closed"  # nobody new may come in
    DOWN = "down"  # tor or the program behind it does not run

    @property
    def lets_visitors_in(self) -> bool:
        """Whether whoever visits the address gets an answer, as far as is known."""
        return self not in {ServiceState.STARTING, ServiceState.UNREACHABLE, ServiceState.DOWN}


class ServiceEvent(Enum):
    """What can happen to an onion service."""

    LAUNCHED = "launched"  # tor, or the program behind it, was started
    UPLOADED = "uploaded"  # a directory confirmed the descriptor
    REACHED = "reached"  # a visit of our own came through
    MISSED = "missed"  # a visit of our own failed
    GIVEN_UP = "given up"  # several visits failed, one after the other
    LOST = "lost"  # tor, or the program behind it, ended
    DRAINED = "drained"  # those inside were told that it ends
    CLOSED = "closed"
    OPENED = "opened"


_REACH_EVENTS = (
    *(ServiceEvent.LAUNCHED, ServiceEvent.UPLOADED, ServiceEvent.REACHED),
    *(ServiceEvent.MISSED, ServiceEvent.GIVEN_UP, ServiceEvent.LOST),
)


def _row(*after: Reach) -> dict[ServiceEvent, Reach]:
    """One row of the table: the state after each of `_REACH_EVENTS`."""
    return dict(zip(_REACH_EVENTS, after, strict=True))


_S, _P, _U, _X, _D = (
    *(Reach.STARTING, Reach.PUBLISHED, Reach.UNCONFIRMED, Reach.UNREACHABLE, Reach.DOWN),
)

REACH: dict[Reach, dict[ServiceEvent, Reach]] = {
    #               LAUNCHED UPLOADED REACHED MISSED GIVEN_UP LOST
    Reach.STARTING: _row(_S, _U, _P, _S, _X, _D),
    Reach.UNCONFIRMED: _row(_U, _U, _P, _U, _X, _D),
    Reach.PUBLISHED: _row(_P, _P, _P, _U, _X, _D),
    # A new tor, or a confirmed upload, is only an attempt: a visit has to succeed.
    Reach.UNREACHABLE: _row(_X, _X, _P, _X, _X, _X),
    # A visit that was under way when tor ended tells nothing any more.
    Reach.DOWN: _row(_S, _D, _D, _D, _D, _D),
}

ADMISSION: dict[ServiceEvent, Admission] = {
    ServiceEvent.DRAINED: Admission.DRAINING,
    ServiceEvent.CLOSED: Admission.CLOSED,
    ServiceEvent.OPENED: Admission.OPEN,
}
"""Event -> the admission after it, whatever it was before."""

SHOWN: dict[Reach, dict[Admission, ServiceState]] = {
    reach: dict.fromkeys(Admission, ServiceState(reach.value)) for reach in Reach
} | {
    reach: {
        Admission.OPEN: ServiceState(reach.value),
        Admission.DRAINING: ServiceState.DRAINING,
        Admission.CLOSED: ServiceState.CLOSED,
    }
    for reach in (Reach.PUBLISHED, Reach.UNCONFIRMED)
}
"""The shown state for each pair."""


@dataclass(frozen=True, slots=True)
class Condition:
    """Reach and admission of one service; it outlives each tor."""

    reach: Reach = Reach.STARTING
    admission: Admission = Admission.OPEN

    @property
    def state(self) -> ServiceState:
        """The state that is shown."""
        return SHOWN[self.reach][self.admission]

    def after(self, event: ServiceEvent) -> Condition:
        """Return the condition after an event."""
        if event in ADMISSION:
            return replace(self, admission=ADMISSION[event])
        return replace(self, reach=REACH[self.reach][event])
