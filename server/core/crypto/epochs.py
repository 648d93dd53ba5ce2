"""The epochs of one conversation: who can open which of its messages.

Theory of operation
===================

Nothing is sealed anew by a coming or going itself: it only makes the present epoch one under which
nobody may speak any more. The next one who speaks has the next epoch made first, for all who are
there then. So a loop of joins costs nothing, and an epoch under which nobody spoke is never made.

Epochs hang together in *generations*. The first epoch of a generation has a box for each member.
Each later one has a link from the one before, and boxes for those only who have come since:

    epoch       4 ──link──> 5 ──link──> 6        one generation
    boxes     A, B          C          D
    opens    4, 5, 6       5, 6        6         what each of them can read

A coming asks for a link, one box and not hundreds. A going asks for a new generation: whoever left
could follow a link. Where anybody may come in and read, a going is answered at most once in a while
(`Policy.renewal_s`), because a loop of goings must not stall the house; a newcomer's link is never
waited for, and `MAX_LINKS` of them ask for a new generation too.

    may read     what was said from their coming, until a box of theirs is deleted: when they leave
    a box lives  as long as a message of its generation is in the ring, or it is the present one

Rules of this file
==================

1. A key is never kept. It is in a `Change` while its boxes are made, then nowhere.
2. One slice of a change seals `SLICE_BOXES` boxes at most; others are let in between the slices.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .associated_data import SealError
from .seal import Box, EpochKey, Keyring, PublicKey

SLICE_BOXES = 32
"""Boxes sealed in one step of the event loop: 2 ms on the machine where 50 µs were measured."""

MAX_LINKS = 32
"""Links of one generation; who reads its newest epoch first has to open as many."""

MAX_BOXES = 10_000
"""Boxes kept of one conversation, 800 kB: those of twenty generations in a room of 500."""


@dataclass(slots=True, eq=False)
class Generation:
    """Epochs that hang together by links."""

    first: int
    """The number of its first epoch."""

    started_s: float
    boxes: dict[int, tuple[int, Box]]
    """By member: the number of the epoch whose key their box holds, and the box."""

    tip: PublicKey
    """The link key of its newest epoch."""

    links: list[Box] = field(default_factory=list)
    messages: int = 0
    """Messages in the ring that were sealed in it."""

    @property
    def last(self) -> int:
        """The number of its newest epoch."""
        return self.first + len(self.links)


@dataclass(slots=True, eq=False)
class Change:
    """A new epoch on its way to everybody who is to have its key."""

    after: Generation | None
    """The generation that it goes on with; `None` for a new one."""

    key: EpochKey = field(default_factory=EpochKey.new)
    boxes: dict[int, Box] = field(default_factory=dict)


class Epochs:
    """Who is in a conversation, and which keys are sealed to them.

    Args:
        renewal_s: least age in seconds of a generation that a going ends.
    """

    __slots__ = ("_has_gone", "_kept", "_last", "_members", "_renewal_s", "_waiting")

    def __init__(self, renewal_s: float = 0) -> None:
        self._renewal_s = renewal_s
        self._members: dict[int, PublicKey] = {}
        self._waiting: dict[int, PublicKey] = {}
        """Those of them who have no box in the present generation."""

        self._kept: list[Generation] = []
        """The newest is the last: the only one that words are sealed in."""

        self._last = 0
        self._has_gone = False
        """Whether somebody has left who had a box in the present generation."""

    @property
    def number(self) -> int:
        """The epoch that words are sealed in; 0 before there is one. No number comes twice."""
        return self._last

    @property
    def boxes(self) -> int:
        """How many boxes are kept."""
        return sum(len(generation.boxes) for generation in self._kept)

    def boxes_of(self, member: int) -> int:
        """How many of them hold a key that is sealed to this member."""
        return sum(member in generation.boxes for generation in self._kept)

    def came(self, member: int, public_key: PublicKey) -> None:
        """Somebody is there who is to read what is said from now on."""
        self._members[member] = self._waiting[member] = public_key

    def gone(self, member: int) -> None:
        """Somebody has left: what was sealed to them is deleted."""
        del self._members[member]
        self._waiting.pop(member, None)
        for generation in self._kept:
            had_box = generation.boxes.pop(member, None) is not None
            self._has_gone |= had_box and generation is self._kept[-1]

    def begin(self, now_s: float) -> Change | None:
        """The change that is to be made before somebody speaks; `None` if there is none.

        Args:
            now_s: monotonic seconds.
        """
        present = self._kept[-1] if self._kept else None
        if present is None or self._is_over(present, now_s):
            return Change(None)
        return Change(present) if self._waiting else None

    def _is_over(self, present: Generation, now_s: float) -> bool:
        """Whether it is time for a new generation."""
        if len(present.links) >= MAX_LINKS:
            return True
        return self._has_gone and now_s - present.started_s >= self._renewal_s

    def step(self, change: Change) -> bool:
        """Seal one slice of the boxes that a change still lacks.

        Returns:
            Whether everybody has the key who is there now.
        """
        wanted = self._members if change.after is None else self._waiting
        missing = [number for number in wanted if number not in change.boxes]
        for number in missing[:SLICE_BOXES]:
            try:
                change.boxes[number] = change.key.box_for(wanted[number])
            except SealError:  # no public key: who cannot have a key must not keep others from it
                change.boxes[number] = Box(b"")
        return len(missing) <= SLICE_BOXES

    def commit(self, change: Change, now_s: float) -> None:
        """Words are sealed under the new key from now on.

        Who left since their box was sealed gets none: it was never stored.

        Args:
            change: the last that was begun, with a box for everybody.
            now_s: monotonic seconds.
        """
        self._last += 1
        boxes = {n: (self._last, box) for n, box in change.boxes.items() if n in self._members}
        if change.after is None:
            self._kept.append(Generation(self._last, now_s, boxes, change.key.link_key))
            self._has_gone = False
            self._prune()
        else:
            change.after.links.append(change.key.box_for(change.after.tip))
            change.after.tip = change.key.link_key
            change.after.boxes.update(boxes)
        self._waiting.clear()

    def over(self) -> int | None:
        """The last epoch that is to be let go, where more boxes are kept than may be."""
        if self.boxes <= MAX_BOXES or len(self._kept) < 2:
            return None
        return self._kept[0].last

    def let_go(self, last: int) -> None:
        """Delete every box of the generations up to this epoch; the present one stays."""
        self._kept[:-1] = [kept for kept in self._kept[:-1] if kept.last > last]

    def key(self, member: int, keyring: Keyring, epoch: int) -> EpochKey:
        """The key of an epoch, for a member of it.

        Raises:
            SealError: if they came later, have left, or it is not their keyring.
        """
        generation = self._generation(epoch)
        if generation is None:
            raise SealError
        return _walk(generation, member, keyring, epoch)

    def hold(self, epoch: int) -> None:
        """A message of this epoch is kept."""
        self._count(epoch, 1)

    def release(self, epoch: int) -> None:
        """A message of this epoch is kept no longer."""
        self._count(epoch, -1)
        self._prune()

    def clear(self) -> None:
        """Forget everybody and every box: nothing that was sealed can be opened any more."""
        self._members.clear()
        self._waiting.clear()
        self._kept.clear()

    def _count(self, epoch: int, change: int) -> None:
        generation = self._generation(epoch)
        if generation is not None:
            generation.messages += change

    def _generation(self, epoch: int) -> Generation | None:
        """The one that an epoch is of, while it is kept; most that are asked for are new."""
        newest_first = reversed(self._kept)
        return next((kept for kept in newest_first if kept.first <= epoch <= kept.last), None)

    def _prune(self) -> None:
        self._kept[:-1] = [kept for kept in self._kept[:-1] if kept.messages]


def _walk(generation: Generation, member: int, keyring: Keyring, epoch: int) -> EpochKey:
    """From the member's box over the links."""
    found = generation.boxes.get(member)
    if found is None or found[0] > epoch:
        raise SealError
    came, box = found
    key = keyring.open_key(box)
    for link in generation.links[came - generation.first : epoch - generation.first]:
        key = keyring.follow(key, link)
    return key
