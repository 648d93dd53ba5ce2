"""Who joins cannot open what was before; who left cannot open what comes after."""

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


def make_epochs(*people: int, renewal_s: float = 0) -> Epochs:
    epochs = Epochs(renewal_s)
    for number in people:
        come(epochs, number)
    return epochs


def come(epochs: Epochs, number: int) -> None:
    epochs.came(number, secret_of(f"{number}").identity.public_key)


def settle(epochs: Epochs, now_s: float = 0) -> int:
    """Make what is due, and keep a message in it; the epoch of that."""
    while (change := epochs.begin(now_s)) is not None:
        while not epochs.step(change):
            pass
        epochs.commit(change, now_s)
    epochs.hold(epochs.number)
    return epochs.number


def key(epochs: Epochs, number: int, epoch: int) -> EpochKey | None:
    """The key that somebody can come by; `None` if they cannot."""
    try:
        return epochs.key(number, secret_of(f"{number}").keyring, epoch)
    except SealError:
        return None


def opens(epochs: Epochs, number: int) -> list[int]:
    """The epochs that somebody can open."""
    return [epoch for epoch in range(epochs.number + 2) if key(epochs, number, epoch) is not None]


def test_everybody_who_is_there_comes_by_the_same_key() -> None:
    epochs = make_epochs(1, 2, 3)
    epoch = settle(epochs)
    keys = {found._raw for number in (1, 2, 3) if (found := key(epochs, number, epoch))}
    assert len(keys) == 1
    assert key(epochs, 4, epoch) is None


def test_nobody_else_opens_anothers_box() -> None:
    epochs = make_epochs(1, 2)
    settle(epochs)
    with pytest.raises(SealError):
        epochs.key(1, secret_of("2").keyring, 1)


def test_newcomer_opens_nothing_from_before() -> None:
    epochs = make_epochs(1, 2)
    before = settle(epochs)
    come(epochs, 3)
    after = settle(epochs)
    assert after != before
    assert opens(epochs, 3) == [after]
    assert opens(epochs, 1) == [before, after]


def test_newcomer_costs_two_boxes_however_many_are_there() -> None:
    epochs = make_epochs(*range(1, 201))
    settle(epochs)
    come(epochs, 201)
    change = epochs.begin(0)
    assert change is not None
    assert epochs.step(change)
    assert list(change.boxes) == [201]
    epochs.commit(change, 0)
    assert epochs.boxes == 201
    assert key(epochs, 1, 2) is not None


def test_who_left_opens_nothing_of_what_comes_after_also_with_a_copy_from_before() -> None:
    epochs = make_epochs(1, 2, 3)
    first = settle(epochs)
    copied = copy.deepcopy(epochs)
    epochs.gone(3)
    second = settle(epochs)
    come(epochs, 4)
    third = settle(epochs)
    assert opens(epochs, 3) == []
    # With the boxes that were deleted, and every box and link of now.
    old_key = key(copied, 3, first)
    assert old_key is not None
    everything = [box for g in epochs._kept for _, box in g.boxes.values()]
    links = [link for g in epochs._kept for link in g.links]
    for box in chain(everything, links):
        with pytest.raises(SealError):
            old_key.open_link(box)
        with pytest.raises(SealError):
            secret_of("3").keyring.open_key(box)
    assert opens(epochs, 1) == [first, second, third]


def test_change_without_a_word_is_none() -> None:
    epochs = make_epochs(1)
    for number in range(2, 300):
        come(epochs, number)
        epochs.gone(number)
    assert (epochs.number, epochs.boxes) == (0, 0)
    settle(epochs)
    assert (epochs.number, epochs.boxes) == (1, 1)


def test_who_came_and_left_unheard_asks_for_no_new_generation() -> None:
    epochs = make_epochs(1)
    settle(epochs)
    come(epochs, 2)
    epochs.gone(2)
    assert epochs.begin(0) is None


def test_where_anybody_may_read_goings_ask_for_one_new_generation_a_minute() -> None:
    epochs = make_epochs(*range(1, 9), renewal_s=PUBLIC_RENEWAL_S)
    settle(epochs, 100)
    epochs.gone(8)
    assert epochs.begin(100 + PUBLIC_RENEWAL_S - 1) is None
    assert opens(epochs, 8) == []
    change = epochs.begin(100 + PUBLIC_RENEWAL_S)
    assert change is not None
    assert change.after is None


def test_where_anybody_may_read_no_newcomer_waits_for_a_key() -> None:
    epochs = make_epochs(1, 2, renewal_s=PUBLIC_RENEWAL_S)
    before = settle(epochs, 100)
    epochs.gone(2)
    come(epochs, 3)
    after = settle(epochs, 101)
    assert opens(epochs, 3) == [after]
    assert opens(epochs, 1) == [before, after]


@pytest.mark.parametrize("renewal_s", [0, PUBLIC_RENEWAL_S])
def test_links_are_bounded(renewal_s: float) -> None:
    epochs = make_epochs(1, renewal_s=renewal_s)
    for number in range(2, 4 * MAX_LINKS):
        come(epochs, number)
        settle(epochs)
        assert len(epochs._kept[-1].links) <= MAX_LINKS
    assert opens(epochs, 1) == list(range(1, epochs.number + 1))


# Slices


def test_one_slice_seals_so_many_boxes_and_no_more() -> None:
    people = 3 * SLICE_BOXES + 1
    epochs = make_epochs(*range(1, people + 1))
    change = epochs.begin(0)
    assert change is not None
    sealed = []
    while True:
        is_whole = epochs.step(change)
        sealed.append(len(change.boxes))
        if is_whole:
            break
    assert sealed == [SLICE_BOXES, 2 * SLICE_BOXES, 3 * SLICE_BOXES, people]


def test_who_comes_and_goes_between_two_slices_is_counted() -> None:
    epochs = make_epochs(*range(1, SLICE_BOXES + 3))
    change = epochs.begin(0)
    assert change is not None
    assert not epochs.step(change)
    epochs.gone(1)
    come(epochs, 900)
    assert epochs.step(change)
    epochs.commit(change, 0)
    assert 1 in change.boxes
    assert opens(epochs, 1) == []
    assert opens(epochs, 900) == opens(epochs, 2) == [1]
    assert epochs.begin(0) is None


def test_who_leaves_while_a_link_is_made_asks_for_a_new_generation_still() -> None:
    epochs = make_epochs(1, 2)
    settle(epochs)
    come(epochs, 3)
    change = epochs.begin(0)
    assert change is not None
    epochs.gone(2)
    assert epochs.step(change)
    epochs.commit(change, 0)
    again = epochs.begin(0)
    assert again is not None
    assert again.after is None


# What is kept


def test_boxes_live_as_long_as_the_last_message_of_their_generation() -> None:
    epochs = make_epochs(1, 2, 3)
    first = settle(epochs)
    epochs.gone(3)
    second = settle(epochs)
    assert epochs.boxes == 4
    epochs.release(first)
    assert epochs.boxes == 2
    assert opens(epochs, 1) == [second]
    epochs.release(second)
    assert epochs.boxes == 2


def test_boxes_of_who_leaves_are_deleted_in_every_epoch() -> None:
    epochs = make_epochs(1, 2, 3)
    for leaver in (3, 2):
        settle(epochs)
        epochs.gone(leaver)
    settle(epochs)
    assert {member for g in epochs._kept for member in g.boxes} == {1}


def test_nothing_is_left_when_it_is_cleared() -> None:
    epochs = make_epochs(1, 2)
    settle(epochs)
    epochs.clear()
    assert (epochs.boxes, epochs._members, epochs._waiting) == (0, {}, {})
    assert opens(epochs, 1) == []


def test_no_key_is_kept() -> None:
    epochs = make_epochs(1, 2)
    epoch = settle(epochs)
    found = key(epochs, 1, epoch)
    assert found is not None
    kept = [g.tip for g in epochs._kept] + [b for g in epochs._kept for _, b in g.boxes.values()]
    assert found._raw not in kept
    assert all(value.find(found._raw) < 0 for value in kept)


def test_boxes_are_bounded_by_letting_the_oldest_epochs_go(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(epochs_module, "MAX_BOXES", 7)
    epochs = make_epochs(1, 2)
    for number in range(10, 14):
        assert epochs.over() is None
        come(epochs, number)
        settle(epochs)
        epochs.gone(number)
    settle(epochs)
    assert epochs.boxes == 10
    assert epochs.over() == epochs._kept[0].last == 1
    epochs.release(1)
    epochs.release(1)
    assert epochs.over() == epochs._kept[0].last
    epochs.let_go(epochs._kept[0].last)
    assert (epochs.boxes, epochs.over()) == (6, None)
    epochs.let_go(epochs.number)
    assert opens(epochs, 1) == [epochs.number]


def test_member_whose_public_key_is_none_keeps_nobody_from_a_key() -> None:
    epochs = make_epochs(1, 2)
    epochs.came(3, PublicKey(bytes(32)))
    epoch = settle(epochs)
    assert opens(epochs, 1) == opens(epochs, 2) == [epoch]
    assert opens(epochs, 3) == []


class OpeningAgreesWithBeingThere(RuleBasedStateMachine):
    """Whoever was there when something was said, and is there still, can open it; nobody else."""

    def __init__(self) -> None:
        super().__init__()
        self.epochs = Epochs()
        self.here: dict[int, int] = {}
        """Member -> how many messages there were when they came."""

        self.said: list[tuple[int, set[int]]] = []
        """The epoch of each message, and who was there."""

        self.dropped = 0
        self.last = 0

    @rule()
    def come(self) -> None:
        """Somebody comes."""
        self.last += 1
        come(self.epochs, self.last)
        self.here[self.last] = len(self.said)

    @precondition(lambda self: len(self.here) > 1)
    @rule(data=st.data())
    def go(self, data: st.DataObject) -> None:
        """Somebody goes; never the last one."""
        who = data.draw(st.sampled_from(sorted(self.here)))
        del self.here[who]
        self.epochs.gone(who)

    @precondition(lambda self: self.here)
    @rule()
    def say(self) -> None:
        """Something is said."""
        self.said.append((settle(self.epochs), set(self.here)))

    @precondition(lambda self: len(self.said) - self.dropped > 0)
    @rule()
    def forget(self) -> None:
        """The ring drops the oldest message."""
        self.epochs.release(self.said[self.dropped][0])
        self.dropped += 1

    @invariant()
    def who_was_there_opens_it_and_nobody_else(self) -> None:
        """For every message in the ring and everybody who ever came."""
        for epoch, heard in self.said[self.dropped :]:
            for number in range(1, self.last + 1):
                may = number in heard and number in self.here
                assert (key(self.epochs, number, epoch) is not None) is may

    @invariant()
    def only_who_is_here_has_boxes(self) -> None:
        """And each has one for each generation at most."""
        for generation in self.epochs._kept:
            assert set(generation.boxes) <= set(self.here)


TestOpeningAgreesWithBeingThere = pytest.mark.slow(OpeningAgreesWithBeingThere.TestCase)
TestOpeningAgreesWithBeingThere.settings = settings(max_examples=25, stateful_step_count=25)
