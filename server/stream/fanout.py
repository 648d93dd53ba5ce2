"""Fan-out: one new entry to every stream that is open on its conversation.

Theory of operation
===================

An entry is opened once, by the request that made it, and written to every open stream in the same
turn of the event loop. There is no task for each reader, and no queue. A stream that has written
everything before it writes it at once; any other is woken and reads the log from its cursor when it
can. Delivery is therefore a hint: a stream that misses an entry, or is woken for no reason, still
reads correctly, and a slow one makes nothing grow.

Streams that would write the same bytes are in a broadcast group (see `broadcast.py`), where none of
them is looked at. A stream leaves its group when it falls behind or when an entry is hidden from
its reader, and joins again as soon as it has written everything.
"""

from __future__ import annotations

from collections.abc import Callable

from server.core.ids import RoomId
from server.core.room.publication import Publication

from .broadcast import BroadcastGroup, GroupPosition, NewEntry
from .subscription import Subscription


class RoomFanout:
    """The open streams of one conversation.

    Args:
        now: monotonic seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._by_number: dict[int, Subscription] = {}
        self._alone: dict[Subscription, None] = {}
        """Those in no group. A dictionary keeps their order."""

        self._groups: dict[str, BroadcastGroup] = {}
        """By render key."""

    def __bool__(self) -> bool:
        return bool(self._by_number)

    def add(self, subscription: Subscription) -> None:
        """Add a stream that was just opened; the reader has no other here."""
        self._by_number[subscription.number] = subscription
        self._alone[subscription] = None

    def remove(self, subscription: Subscription) -> None:
        """Remove a stream."""
        self._evict(subscription)
        del self._alone[subscription], self._by_number[subscription.number]

    def join(self, subscription: Subscription) -> None:
        """Put a stream into a broadcast group, if it has written as much as the group."""
        subscriber = subscription.subscriber
        key = subscriber.render_key
        if key is None or subscription not in self._alone:
            return
        group = self._groups.get(key)
        if group is None:
            group = self._groups[key] = BroadcastGroup(subscriber.cursor, self._now)
        if group.cursor == subscriber.cursor:
            group.add(subscriber)
            del self._alone[subscription]
            subscription.group, subscription.joined_bytes = group, group.sent_bytes

    def leave(self, subscription: Subscription) -> GroupPosition | None:
        """Take a stream out of its broadcast group; what it takes over, if it was in one."""
        group = subscription.group
        if group is None:
            return None
        group.discard(subscription.subscriber)
        if not len(group):
            self._groups = {key: kept for key, kept in self._groups.items() if kept is not group}
        written = group.sent_bytes - subscription.joined_bytes
        subscription.group = None
        subscription.own_bytes += written
        self._alone[subscription] = None
        return GroupPosition(group.cursor, group.written_s if written else None)

    def publish(self, publication: Publication) -> None:
        """Write a new entry to every stream whose reader may read it."""
        for number in publication.hidden_from & self._by_number.keys():
            self._evict(self._by_number[number])
        new = NewEntry(publication.entry, publication.names)
        # Before the groups: a stream that leaves its group while it is written to has the entry.
        alone = list(self._alone)
        for group in list(self._groups.values()):
            if not group.send(new):
                self._dissolve(group)
        for subscription in alone:
            self._deliver(
                subscription, new, is_hidden=subscription.number in publication.hidden_from
            )

    def _deliver(self, subscription: Subscription, new: NewEntry, *, is_hidden: bool) -> None:
        subscriber = subscription.subscriber
        is_next = subscriber.skip(new.seq) if is_hidden else subscriber.receive(new)
        if is_next:
            self.join(subscription)
        else:
            subscriber.wake()

    def _evict(self, subscription: Subscription) -> None:
        share = self.leave(subscription)
        if share is not None:
            subscription.subscriber.take_over(share)

    def _dissolve(self, group: BroadcastGroup) -> None:
        """Let each member of a group that missed an entry read it from the log."""
        for subscription in list(self._by_number.values()):
            if subscription.group is group:
                self._evict(subscription)
                subscription.subscriber.wake()


class Fanout:
    """The open streams of every conversation that has any.

    Args:
        now: monotonic seconds.
    """

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._rooms: dict[RoomId, RoomFanout] = {}

    def add(self, subscription: Subscription) -> None:
        """Add a stream; one of the waiting page shows no conversation, and is not added."""
        if subscription.room_id is not None:
            self._rooms.setdefault(subscription.room_id, RoomFanout(self._now)).add(subscription)

    def remove(self, subscription: Subscription) -> None:
        """Remove a stream that was added."""
        room_id = subscription.room_id
        if room_id is not None:
            room = self._rooms[room_id]
            room.remove(subscription)
            if not room:
                del self._rooms[room_id]

    def join(self, subscription: Subscription) -> None:
        """See `RoomFanout.join`."""
        if subscription.room_id is not None:
            self._rooms[subscription.room_id].join(subscription)

    def leave(self, subscription: Subscription) -> GroupPosition | None:
        """See `RoomFanout.leave`."""
        if subscription.room_id is None or subscription.group is None:
            return None
        return self._rooms[subscription.room_id].leave(subscription)

    def publish(self, publication: Publication) -> None:
        """See `RoomFanout.publish`; nothing happens where nobody reads live."""
        room = self._rooms.get(publication.room_id)
        if room is not None:
            room.publish(publication)
