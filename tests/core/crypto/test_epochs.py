"""A new member cannot open earlier messages, a former member cannot open later ones."""

from __future__ import annotations

import copy
from itertools import chain

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from server.core.crypto import epochs as epochs_module
from server.core.crypto.associated_data import SealError
from server.core.crypto.epochs import MAX_LINKS, SLICE_BOXES, Epochs
from server.core.crypto.seal import EpochKey, PublicKey
from server.core.limits import PUBLIC_RENEWAL_S
from tests.core.people import secret_of


def make_epochs(*members: int, renewal_s: float = 0) -> Epochs:
    epochs = Epochs(renewal_s)
    for number in members:
        add(epochs, number)
    return epochs


def add(epochs: Epochs, number: int) -> None:
    epochs.add_member(number, secret_of(f"{number}").identity.public_key)


def rekey(epochs: Epochs, now_s: float = 0) -> int:
    """Make the key change that is due, hold a message in its epoch, and return the epoch."""
    while (change := epochs.begin(now_s)) is not None:
        while not epochs.step(change):
            pass
        epochs.commit(change, now_s)
    epochs.hold(epochs.current)
    return epochs.current


def key(epochs: Epochs, number: int, epoch: int) -> EpochKey | None:
    """Return the key of an epoch as a member can open it, or `None`."""
    try:
        return epochs.key(number, secret_of(f"{number}").keyring, epoch)
    except SealError:
        return None


def opens(epochs: Epochs, number: int) -> list[int]:
    """Return the epochs that a member can open."""
    return [epoch for epoch in range(epochs.current + 2) if key(epochs, number, epoch) is not None]


def test_all_present_members_get_the_same_key() -> None:
    epochs = make_epochs(1, 2, 3)
    epoch = rekey(epochs)
    keys = {found._raw for number in (1, 2, 3) if (found := key(epochs, number, epoch))}
    assert len(keys) == 1
    assert key(epochs, 4, epoch) is None


def test_box_does_not_open_with_another_keyring() -> None:
    epochs = make_epochs(1, 2)
    rekey(epochs)
    with pytest.raises(SealError):
        epochs.key(1, secret_of("2").keyring, 1)


def test_newcomer_cannot_open_earlier_epochs() -> None:
    epochs = make_epochs(1, 2)
    before = rekey(epochs)
    add(epochs, 3)
    after = rekey(epochs)
    assert after != before
    assert opens(epochs, 3) == [after]
    assert opens(epochs, 1) == [before, after]


def test_join_costs_two_boxes_whatever_the_room_size() -> None:
    epochs = make_epochs(*range(1, 201))
    rekey(epochs)
    add(epochs, 201)
    change = epochs.begin(0)
    assert change is not None
    assert epochs.step(change)
    assert list(change.boxes) == [201]
    epochs.commit(change, 0)
    assert epochs.box_count == 201
    assert key(epochs, 1, 2) is not None


def test_leaver_cannot_open_later_epochs_with_a_copied_store() -> None:
    epochs = make_epochs(1, 2, 3)
    first = rekey(epochs)
    copied = copy.deepcopy(epochs)
    epochs.remove_member(3)
    second = rekey(epochs)
    add(epochs, 4)
    third = rekey(epochs)
    assert opens(epochs, 3) == []
    # The key from the deleted box must open no current box and no current link.
    old_key = key(copied, 3, first)
    assert old_key is not None
    everything = [box for g in epochs._generations for _, box in g.boxes.values()]
    links = [link for g in epochs._generations for link in g.links]
    for box in chain(everything, links):
        with pytest.raises(SealError):
            old_key.open_link(box)
        with pytest.raises(SealError):
            secret_of("3").keyring.open_key(box)
    assert opens(epochs, 1) == [first, second, third]


def test_joins_and_departures_without_a_message_make_no_epoch() -> None:
    epochs = make_epochs(1)
    for number in range(2, 300):
        add(epochs, number)
        epochs.remove_member(number)
    assert (epochs.current, epochs.box_count) == (0, 0)
    rekey(epochs)
    assert (epochs.current, epochs.box_count) == (1, 1)


def test_join_and_departure_without_a_message_need_no_new_key() -> None:
    epochs = make_epochs(1)
    rekey(epochs)
    add(epochs, 2)
    epochs.remove_member(2)
    assert epochs.begin(0) is None


def test_public_room_gets_one_new_generation_a_minute_at_most() -> None:
    epochs = make_epochs(*range(1, 9), renewal_s=PUBLIC_RENEWAL_S)
    rekey(epochs, 100)
    epochs.remove_member(8)
    assert epochs.begin(100 + PUBLIC_RENEWAL_S - 1) is None
    assert opens(epochs, 8) == []
    change = epochs.begin(100 + PUBLIC_RENEWAL_S)
    assert change is not None
    assert change.extends is None


def test_newcomer_to_a_public_room_gets_a_key_at_once() -> None:
    epochs = make_epochs(1, 2, renewal_s=PUBLIC_RENEWAL_S)
    before = rekey(epochs, 100)
    epochs.remove_member(2)
    add(epochs, 3)
    after = rekey(epochs, 101)
    assert opens(epochs, 3) == [after]
    assert opens(epochs, 1) == [before, after]


@pytest.mark.parametrize("renewal_s", [0, PUBLIC_RENEWAL_S])
def test_links_are_bounded(renewal_s: float) -> None:
    epochs = make_epochs(1, renewal_s=renewal_s)
    for number in range(2, 4 * MAX_LINKS):
        add(epochs, number)
        rekey(epochs)
        assert len(epochs._generations[-1].links) <= MAX_LINKS
    assert opens(epochs, 1) == list(range(1, epochs.current + 1))


# Steps of a change


def test_one_step_seals_at_most_one_slice_of_boxes() -> None:
    people = 3 * SLICE_BOXES + 1
    epochs = make_epochs(*range(1, people + 1))
    change = epochs.begin(0)
    assert change is not None
    sealed = []
    while True:
        is_complete = epochs.step(change)
        sealed.append(len(change.boxes))
        if is_complete:
            break
    assert sealed == [SLICE_BOXES, 2 * SLICE_BOXES, 3 * SLICE_BOXES, people]


def test_join_and_departure_between_two_steps_are_respected() -> None:
    epochs = make_epochs(*range(1, SLICE_BOXES + 3))
    change = epochs.begin(0)
    assert change is not None
    assert not epochs.step(change)
    epochs.remove_member(1)
    add(epochs, 900)
    assert epochs.step(change)
    epochs.commit(change, 0)
    assert 1 in change.boxes
    assert opens(epochs, 1) == []
    assert opens(epochs, 900) == opens(epochs, 2) == [1]
    assert epochs.begin(0) is None


def test_departure_during_a_link_still_starts_a_new_generation() -> None:
    epochs = make_epochs(1, 2)
    rekey(epochs)
    add(epochs, 3)
    change = epochs.begin(0)
    assert change is not None
    epochs.remove_member(2)
    assert epochs.step(change)
    epochs.commit(change, 0)
    again = epochs.begin(0)
    assert again is not None
    assert again.extends is None


# Boxes that are kept


def test_boxes_are_kept_until_the_last_message_of_their_generation() -> None:
    epochs = make_epochs(1, 2, 3)
    first = rekey(epochs)
    epochs.remove_member(3)
    second = rekey(epochs)
    assert epochs.box_count == 4
    epochs.release(first)
    assert epochs.box_count == 2
    assert opens(epochs, 1) == [second]
    epochs.release(second)
    assert epochs.box_count == 2


def test_boxes_of_a_leaver_are_deleted_in_every_generation() -> None:
    epochs = make_epochs(1, 2, 3)
    for leaver in (3, 2):
        rekey(epochs)
        epochs.remove_member(leaver)
    rekey(epochs)
    assert {member for g in epochs._generations for member in g.boxes} == {1}


def test_member_who_moves_opens_the_same_epochs_with_the_new_key_only() -> None:
    epochs = make_epochs(1, 2)
    rekey(epochs)
    add(epochs, 3)
    rekey(epochs)
    epochs.remove_member(3)
    rekey(epochs)
    old, new = secret_of("1").keyring, secret_of("moved")
    epochs.move_member(1, new.identity.public_key, old)
    keys = [epochs.key(1, new.keyring, epoch)._raw for epoch in (1, 2, 3)]
    assert keys == [epochs.key(2, secret_of("2").keyring, epoch)._raw for epoch in (1, 2, 3)]
    assert opens(epochs, 1) == []
    assert opens(epochs, 2) == [1, 2, 3]


def test_member_who_moves_without_the_old_key_opens_later_epochs_only() -> None:
    epochs = make_epochs(1, 2)
    rekey(epochs)
    new = secret_of("moved")
    epochs.move_member(1, new.identity.public_key, None)
    later = rekey(epochs)
    assert later == 2
    assert epochs.key(1, new.keyring, later)._raw
    with pytest.raises(SealError):
        epochs.key(1, new.keyring, 1)
    assert opens(epochs, 1) == []
    assert opens(epochs, 2) == [1, 2]


@pytest.mark.parametrize("keeps_old", [True, False])
def test_member_who_moves_between_two_steps_gets_a_key(*, keeps_old: bool) -> None:
    epochs = make_epochs(*range(1, SLICE_BOXES + 3))
    change = epochs.begin(0)
    assert change is not None
    assert not epochs.step(change)
    new, old = secret_of("moved"), secret_of("1").keyring if keeps_old else None
    epochs.move_member(1, new.identity.public_key, old)
    assert epochs.step(change)
    epochs.commit(change, 0)
    later = rekey(epochs)
    assert epochs.key(1, new.keyring, later)._raw
    assert opens(epochs, 1) == []
    assert later in opens(epochs, 2)


def test_clear_deletes_members_and_boxes() -> None:
    epochs = make_epochs(1, 2)
    rekey(epochs)
    epochs.clear()
    assert (epochs.box_count, epochs._members, epochs._members_without_box) == (0, {}, {})
    assert opens(epochs, 1) == []


def test_no_epoch_key_is_stored() -> None:
    epochs = make_epochs(1, 2)
    epoch = rekey(epochs)
    found = key(epochs, 1, epoch)
    assert found is not None
    kept = [g.newest_link_key for g in epochs._generations] + [
        b for g in epochs._generations for _, b in g.boxes.values()
    ]
    assert found._raw not in kept
    assert all(value.find(found._raw) < 0 for value in kept)


def test_box_count_is_bounded_by_dropping_the_oldest_epochs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(epochs_module, "MAX_BOXES", 7)
    epochs = make_epochs(1, 2)
    for number in range(10, 14):
        assert epochs.excess_epoch() is None
        add(epochs, number)
        rekey(epochs)
        epochs.remove_member(number)
    rekey(epochs)
    assert epochs.box_count == 10
    assert epochs.excess_epoch() == epochs._generations[0].last == 1
    epochs.release(1)
    epochs.release(1)
    assert epochs.excess_epoch() == epochs._generations[0].last
    epochs.drop_epochs(epochs._generations[0].last)
    assert (epochs.box_count, epochs.excess_epoch()) == (6, None)
    epochs.drop_epochs(epochs.current)
    assert opens(epochs, 1) == [epochs.current]


def test_invalid_public_key_does_not_block_the_other_members() -> None:
    epochs = make_epochs(1, 2)
    epochs.add_member(3, PublicKey(bytes(32)))
    epoch = rekey(epochs)
    assert opens(epochs, 1) == opens(epochs, 2) == [epoch]
    assert opens(epochs, 3) == []


class AccessAgreesWithMembership(RuleBasedStateMachine):
    """A member can open exactly the messages posted since they joined, until they leave."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs = Epochs()
        self.present: dict[int, int] = {}
        """Member -> number of messages when they joined."""

        self.messages: list[tuple[int, set[int]]] = []
        """The epoch of each message, and the members present."""

        self.dropped = 0
        self.last = 0

    @rule()
    def join(self) -> None:
        """A member joins."""
        self.last += 1
        add(self.epochs, self.last)
        self.present[self.last] = len(self.messages)

    @precondition(lambda self: len(self.present) > 1)
    @rule(data=st.data())
    def leave(self, data: st.DataObject) -> None:
        """A member leaves, but never the last one."""
        member = data.draw(st.sampled_from(sorted(self.present)))
        del self.present[member]
        self.epochs.remove_member(member)

    @precondition(lambda self: self.present)
    @rule()
    def post(self) -> None:
        """A message is posted."""
        self.messages.append((rekey(self.epochs), set(self.present)))

    @precondition(lambda self: len(self.messages) - self.dropped > 0)
    @rule()
    def drop(self) -> None:
        """The ring drops its oldest message."""
        self.epochs.release(self.messages[self.dropped][0])
        self.dropped += 1

    @invariant()
    def only_recipients_who_stayed_can_open(self) -> None:
        """For every message in the ring and every member who ever joined."""
        for epoch, recipients in self.messages[self.dropped :]:
            for number in range(1, self.last + 1):
                may = number in recipients and number in self.present
                assert (key(self.epochs, number, epoch) is not None) is may

    @invariant()
    def only_present_members_have_boxes(self) -> None:
        """And at most one box per generation each."""
        for generation in self.epochs._generations:
            assert set(generation.boxes) <= set(self.present)


TestAccessAgreesWithMembership = pytest.mark.slow(AccessAgreesWithMembership.TestCase)
TestAccessAgreesWithMembership.settings = settings(max_examples=25, stateful_step_count=25)
