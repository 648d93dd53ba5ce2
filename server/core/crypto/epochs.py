"""The key epochs of one conversation: which member can open which messages.

Theory of operation
===================

A join or a departure does not encrypt anything by itself. It only marks the current epoch as
stale: nobody may post under it any more. When the next message is posted, a new epoch is made
first, for the members present at that moment. A loop of joins therefore costs nothing, and no
epoch is made before there is a message for it.

Epochs are grouped into *generations*. The first epoch of a generation has one box per member.
Each later epoch has a link from the epoch before it, and boxes only for the members who joined
since:

    epoch       4 ──link──> 5 ──link──> 6        one generation
    boxes     A, B          C          D
    opens    4, 5, 6       5, 6        6         epochs that each of them can open

A join needs one link and one box instead of hundreds of boxes. A departure needs a new
generation, because the member who left could follow a link. In a public room, where anybody can
join and read, departures start a new generation at most once per `Policy.renewal_s`: a loop of
departures must not stall the server. A newcomer's link is never delayed, and `MAX_LINKS` links
start a new generation as well.

    access       a member can open messages sent after they joined, until their box is deleted,
                 which happens when they leave
    box lifetime a box is kept while the ring holds a message of its generation, or while its
                 generation is the current one

Rules of this file
==================

1. No key is stored. A key exists in an `EpochChange` while its boxes are made, and nowhere else.
2. One step of a change seals at most `SLICE_BOXES` boxes; other tasks run between the steps.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from .associated_data import SealError
from .seal import Box, EpochKey, Keyring, PublicKey

SLICE_BOXES = 32
"""Boxes sealed in one step of the event loop: 2 ms on the machine where one box took 50 µs."""

MAX_LINKS = 32
"""Links in one generation. The first read of the newest epoch has to open all of them."""

MAX_BOXES = 10_000
"""Boxes kept for one conversation: 800 kB, or twenty generations in a room of 500."""


@dataclass(slots=True, eq=False)
class Generation:
    """Consecutive epochs that are connected by links."""

    first: int
    """Number of its first epoch."""

    started_s: float
    boxes: dict[int, tuple[int, Box]]
    """Member number -> the epoch whose key the box holds, and the box."""

    newest_link_key: PublicKey
    """Link key of its newest epoch."""

    links: list[Box] = field(default_factory=list)
    messages: int = 0
    """Messages in the ring that were sealed under one of its epochs."""

    @property
    def last(self) -> int:
        """Number of its newest epoch."""
        return self.first + len(self.links)


@dataclass(slots=True, eq=False)
class EpochChange:
    """A new epoch in preparation: its key, and the boxes sealed so far."""

    extends: Generation | None
    """The generation that gets the new epoch; `None` starts a new generation."""

    key: EpochKey = field(default_factory=EpochKey.new)
    boxes: dict[int, Box] = field(default_factory=dict)
    sealed_to: dict[int, PublicKey] = field(default_factory=dict)
    """Member number -> the public key to which the member's box is sealed."""


class Epochs:
    """The members of a conversation and the keys sealed to them.

    Args:
        renewal_s: minimum age in seconds before a departure ends a generation.
    """

    __slots__ = (
        "_generations",
        "_last_epoch",
        "_member_left",
        "_members",
        "_members_without_box",
        "_renewal_s",
    )

    def __init__(self, renewal_s: float = 0) -> None:
        self._renewal_s = renewal_s
        self._members: dict[int, PublicKey] = {}
        self._members_without_box: dict[int, PublicKey] = {}
        """Members who have no box in the current generation."""

        self._generations: list[Generation] = []
        """Oldest first. Messages are sealed only under the last one, the current generation."""

        self._last_epoch = 0
        self._member_left = False
        """Whether a member left who had a box in the current generation."""

    @property
    def current(self) -> int:
        """The current epoch; 0 before the first. A number is never reused."""
        return self._last_epoch

    @property
    def box_count(self) -> int:
        """Count of all stored boxes."""
        return sum(len(generation.boxes) for generation in self._generations)

    def box_count_of(self, member: int) -> int:
        """Count the stored boxes that are sealed to this member."""
        return sum(member in generation.boxes for generation in self._generations)

    def add_member(self, member: int, public_key: PublicKey) -> None:
        """Let a member read the messages that are posted from now on."""
        self._members[member] = self._members_without_box[member] = public_key

    def remove_member(self, member: int) -> None:
        """Remove a member who left, and delete every box sealed to them."""
        del self._members[member]
        self._members_without_box.pop(member, None)
        for generation in self._generations:
            had_box = generation.boxes.pop(member, None) is not None
            self._member_left |= had_box and generation is self._generations[-1]

    def move_member(self, member: int, public_key: PublicKey, keyring: Keyring | None) -> None:
        """Let a member read with another private key; about 85 µs for each generation.

        Args:
            member: who is present.
            public_key: of the new private key.
            keyring: of the old private key. Boxes that it does not open are deleted, all of them if
                it is `None`: the member then reads what is posted from now on.
        """
        self._members[member] = public_key
        if member in self._members_without_box:
            self._members_without_box[member] = public_key
        for generation in self._generations:
            found = generation.boxes.pop(member, None)
            if found is None:
                continue
            again = _seal_again(found[1], public_key, keyring)
            if again is not None:
                generation.boxes[member] = (found[0], again)
            elif generation is self._generations[-1]:
                self._members_without_box[member] = public_key

    def begin(self, now_s: float) -> EpochChange | None:
        """Return the change that must be made before the next message, or `None`.

        Args:
            now_s: monotonic seconds.
        """
        current = self._generations[-1] if self._generations else None
        if current is None or self._needs_new_generation(current, now_s):
            return EpochChange(None)
        return EpochChange(current) if self._members_without_box else None

    def _needs_new_generation(self, current: Generation, now_s: float) -> bool:
        if len(current.links) >= MAX_LINKS:
            return True
        return self._member_left and now_s - current.started_s >= self._renewal_s

    def step(self, change: EpochChange) -> bool:
        """Seal one slice of the boxes that a change still lacks.

        Returns:
            Whether every member who is present now has a box with the key.
        """
        wanted = self._members if change.extends is None else self._members_without_box
        missing = [number for number in wanted if number not in change.boxes]
        for number in missing[:SLICE_BOXES]:
            try:
                change.boxes[number] = change.key.box_for(wanted[number])
            except SealError:  # a bad public key must not keep the other members from the key
                change.boxes[number] = Box(b"")
            change.sealed_to[number] = wanted[number]
        return len(missing) <= SLICE_BOXES

    def commit(self, change: EpochChange, now_s: float) -> None:
        """Make the new epoch the current one.

        A member who left since their box was sealed gets none: the box is not stored. A member who
        moved to another key since then gets the next epoch's.

        Args:
            change: the most recent one from `begin`, complete with a box for every member.
            now_s: monotonic seconds.
        """
        self._last_epoch += 1
        boxes = {
            number: (self._last_epoch, box)
            for number, box in change.boxes.items()
            if self._members.get(number) == change.sealed_to[number]
        }
        moved = {n: self._members[n] for n in change.boxes if n in self._members and n not in boxes}
        if change.extends is None:
            self._generations.append(
                Generation(self._last_epoch, now_s, boxes, change.key.link_key)
            )
            self._member_left = False
            self._prune()
        else:
            change.extends.links.append(change.key.box_for(change.extends.newest_link_key))
            change.extends.newest_link_key = change.key.link_key
            change.extends.boxes.update(boxes)
        self._members_without_box = moved

    def excess_epoch(self) -> int | None:
        """Return the last epoch to drop when `MAX_BOXES` is exceeded, or `None`."""
        if self.box_count <= MAX_BOXES or len(self._generations) < 2:
            return None
        return self._generations[0].last

    def drop_epochs(self, last: int) -> None:
        """Delete all boxes of the generations up to this epoch, except the current generation."""
        self._generations[:-1] = [kept for kept in self._generations[:-1] if kept.last > last]

    def key(self, member: int, keyring: Keyring, epoch: int) -> EpochKey:
        """Open the key of an epoch for a member.

        Raises:
            SealError: if the member joined later or has left, or the keyring is not theirs.
        """
        generation = self._generation(epoch)
        if generation is None:
            raise SealError
        return _open_epoch_key(generation, member, keyring, epoch)

    def hold(self, epoch: int) -> None:
        """Count a message of this epoch that the ring now holds."""
        self._add_messages(epoch, 1)

    def release(self, epoch: int) -> None:
        """Uncount a message of this epoch that the ring has dropped."""
        self._add_messages(epoch, -1)
        self._prune()

    def clear(self) -> None:
        """Delete all members and boxes: no sealed message can be opened any more."""
        self._members.clear()
        self._members_without_box.clear()
        self._generations.clear()

    def _add_messages(self, epoch: int, change: int) -> None:
        generation = self._generation(epoch)
        if generation is not None:
            generation.messages += change

    def _generation(self, epoch: int) -> Generation | None:
        """Return the kept generation that contains an epoch; most lookups are for a new one."""
        newest_first = reversed(self._generations)
        return next((kept for kept in newest_first if kept.first <= epoch <= kept.last), None)

    def _prune(self) -> None:
        self._generations[:-1] = [kept for kept in self._generations[:-1] if kept.messages]


def _seal_again(box: Box, public_key: PublicKey, keyring: Keyring | None) -> Box | None:
    if keyring is None:
        return None
    try:
        return keyring.open_key(box).box_for(public_key)
    except SealError:
        return None


def _open_epoch_key(generation: Generation, member: int, keyring: Keyring, epoch: int) -> EpochKey:
    """Open the member's box, then follow the links up to `epoch`."""
    found = generation.boxes.get(member)
    if found is None or found[0] > epoch:
        raise SealError
    box_epoch, box = found
    key = keyring.open_key(box)
    for link in generation.links[box_epoch - generation.first : epoch - generation.first]:
        key = keyring.follow(key, link)
    return key
