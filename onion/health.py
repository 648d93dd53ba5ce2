"""The life of a service, as a table.

    LAUNCHING -> BOOTSTRAPPING -> PUBLISHING -> PUBLISHED -> WITHDRAWN
        |              |              |             |
        +--------------+-------+------+-------------+
                               v
                             DOWN        a new service, with the same key, takes its place

An event that the table does not have for a state is a bug, and raises.
"""

from __future__ import annotations

from enum import Enum


class Health(Enum):
    """Where a service is in its life."""

    LAUNCHING = "launching"
    BOOTSTRAPPING = "bootstrapping"  # tor runs and is ours, and looks for the network
    PUBLISHING = "publishing"  # tor is in the network, nobody holds our descriptor yet
    PUBLISHED = "published"  # at least one directory confirmed: visitors can come
    WITHDRAWN = "withdrawn"  # ended by us
    DOWN = "down"  # ended by itself: tor died, or its control connection did


class Event(Enum):
    """What can happen to a service."""

    ATTACHED = "attached"
    BOOTSTRAPPED = "bootstrapped"
    UPLOADED = "uploaded"
    WITHDREW = "withdrew"
    LOST = "lost"


TRANSITIONS: dict[Health, dict[Event, Health]] = {
    Health.LAUNCHING: {
        Event.ATTACHED: Health.BOOTSTRAPPING,
        Event.WITHDREW: Health.WITHDRAWN,
        Event.LOST: Health.DOWN,
    },
    Health.BOOTSTRAPPING: {
        Event.BOOTSTRAPPED: Health.PUBLISHING,
        Event.WITHDREW: Health.WITHDRAWN,
        Event.LOST: Health.DOWN,
    },
    Health.PUBLISHING: {
        Event.UPLOADED: Health.PUBLISHED,
        Event.WITHDREW: Health.WITHDRAWN,
        Event.LOST: Health.DOWN,
    },
    Health.PUBLISHED: {
        Event.WITHDREW: Health.WITHDRAWN,
        Event.LOST: Health.DOWN,
    },
    Health.WITHDRAWN: {
        # Tor ends after us, as it should.
        Event.LOST: Health.WITHDRAWN,
    },
    Health.DOWN: {
        # One death is told twice: by the process and by the connection, in either order.
        Event.LOST: Health.DOWN,
        Event.WITHDREW: Health.DOWN,
    },
}


def after(health: Health, event: Event) -> Health:
    """Look up what a service is after `event`.

    Raises:
        ValueError: if the table has no such step.
    """
    try:
        return TRANSITIONS[health][event]
    except KeyError:
        raise ValueError(f"a service that is {health.value} cannot be {event.value}") from None
