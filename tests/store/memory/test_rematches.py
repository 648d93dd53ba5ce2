"""Two sessions meet again by both of their codes, and an expired code is useless."""

from __future__ import annotations

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from server.core.errors import ServerFullError
from server.core.ids import Handle
from server.core.invite_code import CodeKey
from server.core.limits import REMATCH_CODE_S
from server.core.matching.rematch import SIDES
from server.core.room.member import Member
from server.core.room.room import Room
from server.store.memory.rematches import Rematches
from tests.core.people import seat

NOW_S = 1_000.0
ONE, TWO, THREE = Handle(b"one"), Handle(b"two"), Handle(b"three")
KEY_A, KEY_B, KEY_C = CodeKey(b"a"), CodeKey(b"b"), CodeKey(b"c")


def make_pair() -> tuple[Room, Member, Member]:
    room = Room()
    first, second = room.join_pair(seat("a"), seat("b"))
    return room, first, second


def make_rematches(max_codes: int = 20) -> Rematches:
    return Rematches(max_codes=max_codes)


def make_codes() -> tuple[Rematches, Room]:
    """Issue codes A and B to the two members of a pair."""
    rematches, (room, first, second) = make_rematches(), make_pair()
    rematches.issue(room, first, KEY_A, NOW_S)
    rematches.issue(room, second, KEY_B, NOW_S)
    return rematches, room


def valid(rematches: Rematches, now_s: float = NOW_S) -> list[CodeKey]:
    return [key for key in (KEY_A, KEY_B, KEY_C) if rematches.is_good(key, now_s)]


def waiting(rematches: Rematches) -> list[Handle]:
    return [handle for handle in (ONE, TWO, THREE) if rematches.waits(handle)]


def test_code_is_valid_only_when_both_are_issued() -> None:
    rematches, (room, first, second) = make_rematches(), make_pair()
    rematches.issue(room, first, KEY_A, NOW_S)
    assert valid(rematches) == []
    rematches.issue(room, second, KEY_B, NOW_S)
    assert valid(rematches) == [KEY_A, KEY_B]


def test_codes_of_two_pairs_are_independent() -> None:
    rematches = make_rematches()
    for key in (KEY_A, KEY_B):
        room, first, _ = make_pair()
        rematches.issue(room, first, key, NOW_S)
    assert valid(rematches) == []


def test_new_code_of_a_member_replaces_the_old_one() -> None:
    rematches, (room, first, second) = make_rematches(), make_pair()
    rematches.issue(room, first, KEY_A, NOW_S)
    rematches.issue(room, first, KEY_C, NOW_S)
    assert rematches.keys_of({KEY_A, KEY_B, KEY_C}) == {KEY_C}
    assert valid(rematches) == []
    rematches.issue(room, second, KEY_B, NOW_S)
    assert valid(rematches) == [KEY_B, KEY_C]
    assert first.rematch_key == KEY_C


def test_replacing_a_code_ends_the_wait_with_it() -> None:
    rematches, room = make_codes()
    rematches.show(ONE, KEY_A)
    rematches.show(TWO, KEY_B)
    rematches.issue(room, room.members[0], KEY_C, NOW_S)
    assert waiting(rematches) == [TWO]
    assert rematches.partner(TWO) is None


def test_both_codes_expire_a_day_after_the_first() -> None:
    rematches, (room, first, second) = make_rematches(), make_pair()
    rematches.issue(room, first, KEY_A, NOW_S)
    rematches.issue(room, second, KEY_B, NOW_S + 500)
    rematches.issue(room, first, KEY_A, NOW_S + 1_000)
    until_s = NOW_S + REMATCH_CODE_S
    assert rematches.until_s(KEY_B) == until_s
    assert valid(rematches, until_s - 1) == [KEY_A, KEY_B]
    assert valid(rematches, until_s) == []


def test_full_table_issues_no_code_while_all_are_waited_with() -> None:
    rematches = make_rematches(max_codes=2)
    room, first, second = make_pair()
    rematches.issue(room, first, KEY_A, NOW_S)
    rematches.issue(room, second, KEY_B, NOW_S)
    rematches.show(ONE, KEY_A)
    other, member, _ = make_pair()
    with pytest.raises(ServerFullError):
        rematches.issue(other, member, KEY_C, NOW_S)
    assert member.rematch_key is None
    assert rematches.keys_of({KEY_C}) == set()
    rematches.issue(room, first, KEY_C, NOW_S)
    assert valid(rematches) == [KEY_B, KEY_C]
    # Nobody waits any more, so that both give way to a new one.
    assert rematches.issue(other, member, KEY_A, NOW_S) == []
    assert rematches.keys_of({KEY_A, KEY_B, KEY_C}) == {KEY_A}


def test_partner_exists_only_when_both_have_shown() -> None:
    rematches, _ = make_codes()
    assert (rematches.waits(ONE), rematches.partner(ONE)) == (False, None)
    rematches.show(ONE, KEY_A)
    assert (rematches.waits(ONE), rematches.partner(ONE)) == (True, None)
    rematches.show(TWO, KEY_B)
    assert (rematches.partner(ONE), rematches.partner(TWO)) == (TWO, ONE)


def test_code_shown_by_two_counts_for_the_second() -> None:
    rematches, _ = make_codes()
    rematches.show(ONE, KEY_A)
    rematches.show(TWO, KEY_A)
    assert waiting(rematches) == [TWO]
    assert rematches.partner(TWO) is None
    rematches.show(THREE, KEY_B)
    assert (rematches.partner(TWO), rematches.partner(THREE)) == (THREE, TWO)


def test_showing_a_code_twice_is_one_wait() -> None:
    rematches, _ = make_codes()
    rematches.show(ONE, KEY_A)
    rematches.show(ONE, KEY_A)
    assert (waiting(rematches), rematches.partner(ONE)) == ([ONE], None)


def test_holder_of_both_codes_is_not_matched_with_itself() -> None:
    rematches, _ = make_codes()
    rematches.show(ONE, KEY_A)
    rematches.show(ONE, KEY_B)
    assert rematches.partner(ONE) is None
    rematches.show(TWO, KEY_A)
    assert (rematches.partner(ONE), rematches.partner(TWO)) == (TWO, ONE)


def test_released_code_stays_valid() -> None:
    rematches, _ = make_codes()
    rematches.show(ONE, KEY_A)
    rematches.show(TWO, KEY_B)
    rematches.release(ONE)
    rematches.release(THREE)
    assert waiting(rematches) == [TWO]
    assert rematches.partner(TWO) is None
    assert valid(rematches) == [KEY_A, KEY_B]


def test_meeting_uses_up_both_codes() -> None:
    rematches, _ = make_codes()
    rematches.show(ONE, KEY_A)
    rematches.show(TWO, KEY_B)
    rematch, shown = rematches.meet(TWO)
    assert shown == {ONE: KEY_A, TWO: KEY_B}
    assert (valid(rematches), waiting(rematches)) == ([], [])
    rematches.end(rematch)
    assert rematches.keys_of({KEY_A, KEY_B}) == set()


def test_code_revoked_during_a_meeting_stays_revoked() -> None:
    rematches, _ = make_codes()
    rematches.show(ONE, KEY_A)
    rematches.show(TWO, KEY_B)
    rematch, shown = rematches.meet(TWO)
    rematches.revoke({KEY_A})
    rematches.put_back(rematch, shown, ONE)
    assert (valid(rematches), waiting(rematches)) == ([], [])


def test_code_issued_during_a_meeting_is_independent() -> None:
    rematches, room = make_codes()
    rematches.show(ONE, KEY_A)
    rematches.show(TWO, KEY_B)
    rematch, _ = rematches.meet(TWO)
    rematches.issue(room, room.members[0], KEY_C, NOW_S)
    rematches.end(rematch)
    assert rematches.keys_of({KEY_A, KEY_B, KEY_C}) == {KEY_C}


@pytest.mark.parametrize("present", [ONE, TWO, None])
def test_failed_meeting_restores_its_codes(
    present: Handle | None,
) -> None:
    rematches, _ = make_codes()
    rematches.show(ONE, KEY_A)
    rematches.show(TWO, KEY_B)
    rematches.put_back(*rematches.meet(ONE), present)
    assert valid(rematches) == [KEY_A, KEY_B]
    assert valid(rematches, NOW_S + REMATCH_CODE_S) == []
    assert waiting(rematches) == [handle for handle in (ONE, TWO) if handle == present]
    rematches.show(ONE, KEY_A)
    rematches.show(TWO, KEY_B)
    assert (rematches.partner(ONE), rematches.partner(TWO)) == (TWO, ONE)


@pytest.mark.parametrize("leaver", [0, 1])
def test_ended_pair_drops_a_code_without_counterpart(leaver: int) -> None:
    rematches, (room, first, _) = make_rematches(), make_pair()
    rematches.issue(room, first, KEY_A, NOW_S)
    rematches.close(room)
    room.leave(room.members[leaver])
    assert rematches.keys_of({KEY_A}) == set()


def test_ended_pair_keeps_both_codes() -> None:
    rematches, room = make_codes()
    for member in room.members:
        rematches.close(room)
        room.leave(member)
    assert valid(rematches) == [KEY_A, KEY_B]


def test_revoking_a_code_revokes_its_counterpart() -> None:
    rematches, _ = make_codes()
    rematches.show(TWO, KEY_B)
    assert rematches.revoke({KEY_A}) == [TWO]
    assert (valid(rematches), waiting(rematches)) == ([], [])
    assert rematches.revoke({KEY_A, KEY_B}) == []


def test_sweep_revokes_expired_codes_only() -> None:
    rematches, _ = make_codes()
    later, member, _ = make_pair()
    rematches.issue(later, member, KEY_C, NOW_S + 1)
    rematches.show(ONE, KEY_A)
    assert rematches.revoke_due(NOW_S + REMATCH_CODE_S - 1) == []
    assert rematches.revoke_due(NOW_S + REMATCH_CODE_S) == [ONE]
    assert rematches.keys_of({KEY_A, KEY_B, KEY_C}) == {KEY_C}


WHO = st.integers(0, 3)


class TablesAgreeWithOneAnother(RuleBasedStateMachine):
    """Two pairs ask for codes, four sessions show them, in every order."""

    def __init__(self) -> None:
        super().__init__()
        self.real = make_rematches()
        self.rooms = [make_pair()[0] for _ in range(2)]
        self.seats = [(room, member) for room in self.rooms for member in room.members]
        self.now_s, self.serial = NOW_S, 0

    @rule(whose=WHO)
    def issue(self, whose: int) -> None:
        """Issue a code to a member, or a new one."""
        room, member = self.seats[whose]
        before, self.serial = member.rematch_key, self.serial + 1
        self.real.issue(room, member, CodeKey(b"%d" % self.serial), self.now_s)
        assert before is None or not self.real.keys_of({before})

    @rule(who=WHO, whose=WHO)
    def show(self, who: int, whose: int) -> None:
        """Let a session show a code, if it is valid."""
        key = self.seats[whose][1].rematch_key
        if key is not None and self.real.is_good(key, self.now_s):
            self.real.show(Handle(b"%d" % who), key)
            assert self.real.waits(Handle(b"%d" % who))

    @rule(who=WHO)
    def release(self, who: int) -> None:
        """Let a session stop waiting."""
        self.real.release(Handle(b"%d" % who))
        assert not self.real.waits(Handle(b"%d" % who))

    @rule(who=WHO, fails=st.booleans(), comes=st.booleans())
    def meet(self, who: int, fails: bool, comes: bool) -> None:
        """Match two sessions that have shown their codes; both open the match, or at most one."""
        handle = Handle(b"%d" % who)
        other = self.real.partner(handle)
        if other is not None:
            assert self.real.partner(other) == handle
            rematch, shown = self.real.meet(handle)
            assert shown.keys() == {handle, other}
            assert not self.real.waits(other)
            if fails:
                self.real.put_back(rematch, shown, other if comes else None)
            else:
                self.real.end(rematch)

    @rule(whose=WHO)
    def revoke(self, whose: int) -> None:
        """Revoke the code of a member."""
        key = self.seats[whose][1].rematch_key
        if key is not None:
            waited = self.real.revoke({key})
            assert not any(map(self.real.waits, waited))

    @rule(room=st.integers(0, 1))
    def close(self, room: int) -> None:
        """End a pair."""
        self.real.close(self.rooms[room])

    @rule(half_days=st.integers(1, 2))
    def sweep(self, half_days: int) -> None:
        """Move the clock forward and run the sweep."""
        self.now_s += half_days * REMATCH_CODE_S / 2
        self.real.revoke_due(self.now_s)

    @invariant()
    def tables_agree(self) -> None:
        """Check that every key maps to its rematch, and every holder to the key it has shown."""
        rematches = {id(rematch): rematch for rematch in self.real._by_key.values()}.values()
        by_key = {key: rematch for rematch in rematches for key in rematch.holders}
        assert self.real._by_key == by_key
        assert all(1 <= len(rematch.holders) <= SIDES for rematch in rematches)
        held = [(h, key) for key, r in by_key.items() if (h := r.holders[key]) is not None]
        assert self.real._held == dict(held)
        assert len(self.real._held) == len(held)


TestTablesAgreeWithOneAnother = pytest.mark.slow(TablesAgreeWithOneAnother.TestCase)
TestTablesAgreeWithOneAnother.settings = settings(max_examples=100)
