"""The states of an onion service, and the table of transitions between them.

    LAUNCHING -> BOOTSTRAPPING -> PUBLISHING -> PUBLISHED -> WITHDRAWN
        |              |              |             |
        +--------------+-------+------+-------------+
                               v
                             DOWN        the caller starts a new service with the same key

An event that the table does not list for a state is a bug, and raises.
"""

from __future__ import annotations

from enum import Enum


class ServiceState(Enum):
    """The state of an onion service."""

    LAUNCHING = "launching"
    BOOTSTRAPPING = "bootstrapping"  # we control tor, which is connecting to the network
    PUBLISHING = "publishing"  # tor is connected; no HSDir has confirmed our descriptor yet
    PUBLISHED = "published"  # at least one HSDir confirmed: visitors can connect
    WITHDRAWN = "withdrawn"  # ended by us
    DOWN = "down"  # ended by itself: tor died, or its control connection was lost


class ServiceEvent(Enum):
    """What can happen to an onion service."""

    ATTACHED = "attached"
    BOOTSTRAPPED = "bootstrapped"
    UPLOADED = "uploaded"
    WITHDREW = "withdrew"
    LOST = "lost"


TRANSITIONS: dict[ServiceState, dict[ServiceEvent, ServiceState]] = {
    ServiceState.LAUNCHING: {
        ServiceEvent.ATTACHED: ServiceState.BOOTSTRAPPING,
        ServiceEvent.WITHDREW: ServiceState.WITHDRAWN,
        ServiceEvent.LOST: ServiceState.DOWN,
    },
    ServiceState.BOOTSTRAPPING: {
        ServiceEvent.BOOTSTRAPPED: ServiceState.PUBLISHING,
        ServiceEvent.WITHDREW: ServiceState.WITHDRAWN,
        ServiceEvent.LOST: ServiceState.DOWN,
    },
    ServiceState.PUBLISHING: {
        ServiceEvent.UPLOADED: ServiceState.PUBLISHED,
        ServiceEvent.WITHDREW: ServiceState.WITHDRAWN,
        ServiceEvent.LOST: ServiceState.DOWN,
    },
    ServiceState.PUBLISHED: {
        ServiceEvent.WITHDREW: ServiceState.WITHDRAWN,
        ServiceEvent.LOST: ServiceState.DOWN,
    },
    ServiceState.WITHDRAWN: {
        # Tor is stopped after the withdrawal.
        ServiceEvent.LOST: ServiceState.WITHDRAWN,
    },
    ServiceState.DOWN: {
        # One death is reported twice, by the process and by the connection, in either order.
        ServiceEvent.LOST: ServiceState.DOWN,
        ServiceEvent.WITHDREW: ServiceState.DOWN,
    },
}


def next_state(state: ServiceState, event: ServiceEvent) -> ServiceState:
    """Look up the state that follows `event`.

    Raises:
        ValueError: if the table has no such transition.
    """
    try:
        return TRANSITIONS[state][event]
    except KeyError:
        raise ValueError(f"a service that is {state.value} cannot be {event.value}") from None
