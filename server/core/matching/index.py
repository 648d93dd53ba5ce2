"""An inverted index of waiting tickets, so that an arrival need not look at every ticket.

Theory of operation
===================

A ticket is stored under every key by which it can be found. A key has an intent, a language and
a topic:

    intent     the ticket's own
    language   each one it speaks, each one it practises; `ANY_LANGUAGE` if it named none;
               `WAIVED` if it waives a common language; and always `EVERY_TICKET`
    topic      each one it named, or `NO_TOPIC`; and always `EVERY_TOPIC`

A ticket with one language and two topics has 6 entries; no ticket has more than 50. An entry is
the ticket's order number only, never a handle. The entries of a key are sorted, oldest first.

A search reads the entries of all keys that suit it. Orders are assigned by time of arrival, so the
tickets that have waited long enough for a relaxed rule are always a prefix of a key's entries: the
entries under `EVERY_TOPIC` are read while topics are relaxed for them, and no further. Each result
therefore already agrees on intent, language and topic. Only limits, blocked partners, the last
partner and presence remain to be checked.

The suitable entries can be read in two ways: all of them, oldest first (`search`), or single ones
at random positions (`pool`). A ticket that suits under several keys has as many entries, and would
be drawn as many times as often; `Pool.count_of` counts them, so that the caller can correct that.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator
from heapq import heapify, heappop, heapreplace
from itertools import accumulate

from server.core.limits import TOPICS_RELAX_S

from .compatibility import INTENT_WAIT_S
from .preferences import Intent, Preferences
from .sorted_ints import SortedInts

Key = tuple[str, str, str, str]
"""Intent, kind of language entry, language, topic."""

EVERY_TICKET, ANY_LANGUAGE, WAIVED = ("everybody", ""), ("open", ""), ("further", "")
SPEAKS, PRACTISES = "speaks", "practises"

EVERY_TOPIC = "*"
NO_TOPIC = ""


class Pool:
    """The entries that suit one search. Valid until the index is changed.

    Args:
        prefixes: for each key the orders stored under it, and how many of them suit, counted from
            the front.
    """

    __slots__ = ("_ends", "_keys", "_prefixes")

    def __init__(self, prefixes: dict[Key, tuple[SortedInts, int]]) -> None:
        self._prefixes = prefixes
        self._keys = list(prefixes)
        self._ends = list(accumulate(count for _, count in prefixes.values()))

    def __len__(self) -> int:
        """Count the entries."""
        return self._ends[-1] if self._ends else 0

    def at(self, position: int) -> tuple[int, Key]:
        """Return the order at a position from 0 to `len(self) - 1`, and its key."""
        number = bisect_right(self._ends, position)
        key = self._keys[number]
        orders, count = self._prefixes[key]
        return orders.at(position - self._ends[number] + count), key

    def count_of(self, order: int, preferences: Preferences, *, waives_language: bool) -> int:
        """Count the entries of one ticket."""
        prefixes = (
            self._prefixes[key]
            for key in _ticket_keys(preferences, waives_language=waives_language)
            if key in self._prefixes
        )
        return sum(order <= orders.at(count - 1) for orders, count in prefixes)


class TicketIndex:
    """The orders of all waiting tickets by key; a key without entries is not stored."""

    def __init__(self) -> None:
        self._orders: dict[Key, SortedInts] = {}

    def __len__(self) -> int:
        """Count the entries of all keys."""
        return sum(map(len, self._orders.values()))

    def add(self, order: int, preferences: Preferences, *, waives_language: bool) -> None:
        """Add a ticket under all of its keys. Idempotent."""
        for key in _ticket_keys(preferences, waives_language=waives_language):
            orders = self._orders.get(key)
            if orders is None:
                orders = self._orders[key] = SortedInts()
            orders.add(order)

    def remove(self, order: int, preferences: Preferences, *, waives_language: bool) -> None:
        """Remove a ticket from all of its keys."""
        for key in _ticket_keys(preferences, waives_language=waives_language):
            self.remove_entry(order, key)

    def remove_entry(self, order: int, key: Key) -> None:
        """Remove a ticket from one key. Idempotent."""
        orders = self._orders.get(key)
        if orders is not None:
            orders.discard(order)
            if not orders:
                del self._orders[key]

    def oldest(self, intent: Intent) -> Iterator[int]:
        """Yield the orders of every ticket of an intent, oldest first.

        The index must not be changed meanwhile.
        """
        orders = self._orders.get((intent.value, *EVERY_TICKET, EVERY_TOPIC))
        return iter(()) if orders is None else orders.iter_from(0)

    def pool(
        self, preferences: Preferences, waited_s: Callable[[int], float], *, waives_language: bool
    ) -> Pool:
        """Return all entries that may fit; the arguments are those of `search`."""
        prefixes = {}
        for key, need_s in _search_keys(preferences, waives_language=waives_language):
            orders = self._orders.get(key)
            if orders is not None:
                count = _count_waited(orders, waited_s, need_s) if need_s else len(orders)
                if count:
                    prefixes[key] = orders, count
        return Pool(prefixes)

    def search(
        self,
        preferences: Preferences,
        waited_s: Callable[[int], float],
        *,
        waives_language: bool,
        start: int,
    ) -> Iterator[tuple[int, Key]]:
        """Yield the orders that may fit, oldest first, each with the key it was found under.

        A ticket found under several keys is yielded once per key, consecutively. The index must
        not be changed while the search runs.

        Args:
            preferences: of the ticket that searches.
            waited_s: maps an order to the longer waiting time of the two tickets: the one that
                searches and the one of that order.
            waives_language: whether the ticket that searches waives a common language.
            start: the first order to yield.
        """
        heads = []
        search_keys = _search_keys(preferences, waives_language=waives_language)
        for number, (key, need_s) in enumerate(search_keys):
            orders = self._orders.get(key)
            if orders is not None:
                rest = orders.iter_from(start)
                first = next(rest, None)
                if first is not None and waited_s(first) >= need_s:
                    heads.append((first, number, key, need_s, rest))
        heapify(heads)
        while heads:
            order, number, key, need_s, rest = heads[0]
            yield order, key
            following = next(rest, None)
            if following is None or waited_s(following) < need_s:
                heappop(heads)
            else:
                heapreplace(heads, (following, number, key, need_s, rest))


def _count_waited(orders: SortedInts, waited_s: Callable[[int], float], need_s: float) -> int:
    """Count the orders that have waited long enough; they are at the front."""
    return orders.count_leading(lambda order: waited_s(order) >= need_s)


def _ticket_keys(preferences: Preferences, *, waives_language: bool) -> Iterator[Key]:
    """Yield the keys under which a ticket is stored."""
    languages = [EVERY_TICKET, *_ticket_languages(preferences)]
    if waives_language:
        languages.append(WAIVED)
    topics = (EVERY_TOPIC, *(preferences.topics or (NO_TOPIC,)))
    intent = preferences.intent.value
    for kind, language in languages:
        for topic in topics:
            yield intent, kind, language, topic


def _ticket_languages(preferences: Preferences) -> Iterator[tuple[str, str]]:
    if not preferences.speak:
        yield ANY_LANGUAGE
        return
    for language in preferences.speak:
        yield SPEAKS, language
    for language in preferences.practise:
        yield PRACTISES, language


def _search_keys(preferences: Preferences, *, waives_language: bool) -> Iterator[tuple[Key, float]]:
    """Yield the keys to search, each with the waiting time that its rules require."""
    languages = list(_search_languages(preferences, waives_language=waives_language))
    for other_intent, need_s in INTENT_WAIT_S[preferences.intent].items():
        narrow = preferences.topics and need_s < TOPICS_RELAX_S
        topics = [(topic, need_s) for topic in (*preferences.topics, NO_TOPIC)] if narrow else []
        topics.append((EVERY_TOPIC, max(need_s, TOPICS_RELAX_S) if preferences.topics else need_s))
        intent = other_intent.value
        for kind, language in languages:
            for topic, topic_need_s in topics:
                yield (intent, kind, language, topic), topic_need_s


def _search_languages(
    preferences: Preferences, *, waives_language: bool
) -> Iterator[tuple[str, str]]:
    if not preferences.speak:
        yield EVERY_TICKET
        return
    yield ANY_LANGUAGE
    for language in preferences.speak:
        yield PRACTISES, language
    for language in preferences.speak | preferences.practise:
        yield SPEAKS, language
    if waives_language:
        yield WAIVED
