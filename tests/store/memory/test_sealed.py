"""What the store keeps opens with a member's cookie, and with nothing that the store keeps."""

from __future__ import annotations

import asyncio
import copy
import hashlib
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace

import pytest

from server.core.crypto import epochs
from server.core.crypto.associated_data import AssociatedData, SealError
from server.core.crypto.epochs import SLICE_BOXES
from server.core.crypto.seal import (
    KEY_BYTES,
    LABEL_BOX,
    LABEL_LINK,
    Box,
    EpochKey,
    Keyring,
    unwrap_title,
)
from server.core.errors import KeyLostError, NotAMemberError, RateLimitedError
from server.core.ids import ChatId, Handle, Secret
from server.core.limits import PUBLIC_RENEWAL_S, ROOM_JOIN_EVERY_S
from server.core.room.log import Entry, Kind
from server.core.room.message import Message
from server.core.room.public import PublicRoom
from server.core.room.room import Room
from server.store.memory.inspect import reachable, values_of
from server.store.memory.store import MemoryStore
from tests.fakes import FakeClock
from tests.store.contract.chat import drawn, meet, texts, token
from tests.store.contract.private_rooms import KEY, invitation, seated
from tests.store.contract.rooms import Seat, come, public

CANARY = "lamplight-heron-quartz"
TITLE = "Tea at five"


async def filled_store() -> tuple[MemoryStore, list[Seat]]:
    """Fill a store: a canary in a pair, a public room, a private room and a side chat of that."""
    store = MemoryStore(clock=FakeClock(), rooms=[public("one")])
    pair, _ = await meet(store)
    room, _ = await come(store), await come(store)
    opener = await store.open_session()
    private = opener, await store.open_room(opener, TITLE, invitation())
    guest = await seated(store)
    await store.request_side_chat(*private, 2)
    side_chat = await store.request_side_chat(*guest, 1)
    assert side_chat is not None
    seats = [pair, room, private, (guest[0], side_chat)]
    for seat in seats:
        await store.post(*seat, CANARY, token())
    return store, seats


# What an attacker with a copy of the store can open


def candidates(store: object, extra: tuple[bytes, ...] = ()) -> set[bytes]:
    """List every possible key in a store: each 32-byte slice of each value, and hashes of it."""
    keys = set[bytes]()
    for value in {*values_of(store), *extra}:
        keys.update(value[at : at + KEY_BYTES] for at in range(len(value) - KEY_BYTES + 1))
        keys.add(hashlib.blake2b(value, digest_size=KEY_BYTES).digest())
        for label in (LABEL_BOX, LABEL_LINK):
            keys.add(hashlib.blake2b(value, digest_size=KEY_BYTES, person=label).digest())
    return {key for key in keys if len(key) == KEY_BYTES}


def associated_data(room: Room, entry: Entry) -> AssociatedData:
    return AssociatedData(room.keys.room_id, entry.epoch, entry.seq, entry.sender, entry.kind.value)


def opened(store: MemoryStore, keys: set[bytes]) -> Iterator[str]:
    """Yield all that these keys open in a store: messages, titles, and what opened keys open."""
    kept = reachable(store)
    rooms = [item for item in kept if isinstance(item, Room)]
    boxes = {item for item in kept if isinstance(item, bytes) and len(item) >= 80}
    keys = set(keys)
    for raw in list(keys):
        keyring = Keyring(raw)
        for box in boxes:
            with suppress(SealError):
                keys.add(keyring.open_key(Box(box))._raw)
            with suppress(SealError, UnicodeDecodeError):
                yield keyring.open_title(box)
    for raw in keys:
        for room in rooms:
            yield from messages(room, EpochKey(raw))
        for box in boxes:
            with suppress(SealError, UnicodeDecodeError):
                yield unwrap_title(box, raw)


def messages(room: Room, key: EpochKey) -> Iterator[str]:
    for entry in room.log.read(0, limit=1_000).entries:
        with suppress(SealError):
            yield Message.from_bytes(key.open(associated_data(room, entry), entry.sealed)).text


@pytest.mark.slow  # tries every slice of every stored value as a key
async def test_copy_of_the_store_opens_nothing_without_a_cookie() -> None:
    store, _ = await filled_store()
    assert list(opened(store, candidates(store))) == []
    kept = b"".join(values_of(store))
    assert len(candidates(store)) > 500
    for plaintext in (CANARY.encode(), TITLE.encode(), CANARY.encode("utf-16-le")):
        assert plaintext not in kept


@pytest.mark.slow
async def test_cookie_opens_only_what_its_session_may_read() -> None:
    store, seats = await filled_store()
    plaintexts = [sorted(opened(store, candidates(object(), (seat[0]._raw,)))) for seat in seats]
    # The guest's cookie opens the title, the side chat, and the message in the room, because the
    # guest joined before it was posted.
    assert plaintexts == [[CANARY], [CANARY], [TITLE, CANARY, CANARY], [TITLE, CANARY, CANARY]]


async def test_title_opens_with_the_invitation_code() -> None:
    store, _ = await filled_store()
    assert list(opened(store, {bytes(KEY.title_key)})) == [TITLE]


async def test_no_key_outlives_the_last_member() -> None:
    store, seats = await filled_store()
    secrets = {seat[0]._raw for seat in seats}
    for handle in list(store._sessions):
        store._forget(store._sessions[handle])
    kept = reachable(store)
    assert not [item for item in kept if isinstance(item, Room | Entry | EpochKey | Keyring)]
    assert list(opened(store, candidates(store, tuple(secrets)))) == []


async def test_no_key_is_kept_between_two_calls() -> None:
    store, _ = await filled_store()
    assert not [item for item in reachable(store) if isinstance(item, EpochKey | Keyring)]


# A new secret after the last conversation


@pytest.mark.slow
async def test_old_copy_of_the_store_opens_nothing_with_the_new_cookie() -> None:
    store, seats = await filled_store()
    old_copy = copy.deepcopy(store)
    new = []
    for secret in {seat[0] for seat in seats}:
        for chat in await store.list_chats(secret):
            with suppress(NotAMemberError):  # a side chat ends with its room
                await store.leave(secret, chat.chat_id)
        renewed = await store.renew_secret(secret)
        assert renewed is not None
        new.append(renewed._raw)
    assert list(opened(old_copy, candidates(object(), tuple(new)))) == []
    # The old cookies would open it.
    old = tuple(seat[0]._raw for seat in seats)
    assert CANARY in set(opened(old_copy, candidates(object(), old)))


@pytest.mark.slow
async def test_new_store_opens_nothing_with_the_old_cookie() -> None:
    store, (pair, *_) = await filled_store()
    waiting = await store.open_session()
    await store.request_match(waiting, None)
    # Next: the old secret has a new seat, and something is sealed to it before it is renewed.
    await store.request_match(pair[0], None)
    match = await drawn(store, pair[0])
    partner = waiting, (await store.match_state(waiting)).chat_id or ChatId("")
    await store.post(*partner, CANARY, token())
    assert CANARY in set(opened(store, candidates(object(), (pair[0]._raw,))))
    renewed = await store.renew_secret(pair[0])
    assert renewed is not None
    assert list(opened(store, candidates(store, (pair[0]._raw,)))) == []
    assert await texts(store, (renewed, match.chat_id or ChatId(""))) == [CANARY]


async def test_secret_renewed_during_a_key_change_gets_the_next_key() -> None:
    store = MemoryStore(clock=FakeClock(), rooms=[public("one")])
    old = (await meet(store))[0]
    await store.leave(*old)
    mover = old[0], await store.join_room(old[0], "one")
    members = [await come(store) for _ in range(SLICE_BOXES + 2)]
    posting = asyncio.create_task(store.post(*members[0], "first", token()))
    await asyncio.sleep(0)
    renewed = await store.renew_secret(mover[0])
    assert renewed is not None
    await posting
    await store.post(*members[1], "second", token())
    assert await texts(store, (renewed, mover[1])) == ["first", "second"]


# Joining and leaving


async def test_former_member_opens_only_messages_of_their_stay() -> None:
    clock = FakeClock()
    store = MemoryStore(clock=clock)
    opener = await store.open_session()
    own = opener, await store.open_room(opener, TITLE, invitation())
    await store.post(*own, "before", token())
    guest = await seated(store)
    await store.post(*own, "while", token(1, "1"))
    copied = reachable(store)
    boxes = [item for item in copied if isinstance(item, bytes) and len(item) == 80]
    await store.leave(*guest)
    await store.post(*own, "after", token(2, "2"))
    (room,) = [item for item in reachable(store) if isinstance(item, Room)]
    # An attacker with every box that the store ever kept, and the cookie of the guest who left.
    keys = []
    for box in boxes:
        with suppress(SealError):
            keys.append(guest[0].keyring.open_key(Box(box)))
    assert [text for key in keys for text in messages(room, key)] == ["while"]
    assert await texts(store, own) == ["before", "while", "after"]


async def test_public_room_changes_keys_a_minute_after_a_leave() -> None:
    clock = FakeClock()
    store = MemoryStore(clock=clock, rooms=[public("one")])
    here, leaver = await come(store), await come(store)
    await store.post(*here, "one", token())
    (room,) = [item for item in reachable(store) if isinstance(item, Room)]
    old = room.keys.epochs.key(2, leaver[0].keyring, room.keys.epochs.current)
    await store.leave(*leaver)
    clock.advance(PUBLIC_RENEWAL_S - 1)
    await store.post(*here, "two", token(1, "1"))
    clock.advance(1)
    await store.post(*here, "three", token(2, "2"))
    # A documented limit: with a copy of their box, a former member could read on for a minute.
    assert list(messages(room, old)) == ["one", "two"]


# Entries that were moved or altered


def forge_swap(room: Room, other: Room) -> None:
    first, second = room.log._kept[2], room.log._kept[3]
    room.log._kept[2] = replace(first, sealed=second.sealed)
    room.log._kept[3] = replace(second, sealed=first.sealed)


def forge_move(room: Room, other: Room) -> None:
    room.log._kept[2] = replace(room.log._kept[2], sealed=other.log._kept[2].sealed)


def forge_replay(room: Room, other: Room) -> None:
    old = room.log._kept[2]
    room.log.append(old.kind, old.sender, epoch=old.epoch, sealed=old.sealed)


def forge_sender(room: Room, other: Room) -> None:
    room.log._kept[2] = replace(room.log._kept[2], sender=2)


def forge_epoch(room: Room, other: Room) -> None:
    room.log._kept[2] = replace(room.log._kept[2], epoch=2)


def forge_bit(room: Room, other: Room) -> None:
    sealed = room.log._kept[2].sealed
    room.log._kept[2] = replace(room.log._kept[2], sealed=sealed[:-1] + bytes([sealed[-1] ^ 1]))


@pytest.mark.parametrize(
    ("forge", "read"),
    [
        (forge_swap, [None, None]),
        (forge_move, [None, "two"]),
        (forge_replay, ["one", "two", None]),
        (forge_sender, [None, "two"]),
        (forge_epoch, [None, "two"]),
        (forge_bit, [None, "two"]),
    ],
)
async def test_entry_opens_only_at_its_own_position(
    forge: Callable[[Room, Room], None], read: list[str | None]
) -> None:
    store = MemoryStore(clock=FakeClock())
    first, second = await meet(store)
    other, _ = await meet(store)
    for seat in (first, other):
        await store.post(*seat, "one", token())
        await store.post(*seat, "two", token(1, "1"))
    rooms = [store._sessions[seat[0].handle].seats[seat[1]].room for seat in (first, other)]
    forge(rooms[0], rooms[1])
    for seat in (first, second):
        page = await store.read(*seat, after=0, limit=9)
        posted = [entry for entry in page.entries if entry.kind is Kind.MESSAGE]
        assert [entry.message and entry.message.text for entry in posted] == read


async def test_altered_title_reads_as_empty() -> None:
    store = MemoryStore(clock=FakeClock())
    opener = await store.open_session()
    own = opener, await store.open_room(opener, TITLE, invitation())
    seat = store._sessions[opener.handle].seats[own[1]]
    seat.member.sealed_title = seat.member.sealed_title[::-1]
    assert (await store.view_chat(*own)).title == ""


# Rekeying a large room


async def crowded(people: int) -> tuple[MemoryStore, list[Seat], Room]:
    crowd = PublicRoom("crowd", {"en": "Crowd"}, {}, {})
    store = MemoryStore(clock=(clock := FakeClock()), rooms=[crowd])
    seats = []
    for _ in range(people):
        clock.advance(ROOM_JOIN_EVERY_S)
        seats.append(await come(store, "crowd"))
    (room,) = [item for item in store._rooms if item.policy.public_name == "crowd"]
    return store, seats, room


async def turns_until(done: asyncio.Future[None]) -> int:
    turns = 0
    while not done.done():
        turns += 1
        await asyncio.sleep(0)
    return turns


async def test_rekeying_yields_between_slices() -> None:
    slices = 6
    store, seats, room = await crowded(slices * SLICE_BOXES)
    posting = asyncio.ensure_future(store.post(*seats[0], "words", token()))
    assert await turns_until(posting) >= slices
    assert room.keys.epochs.box_count == len(seats)
    assert await texts(store, seats[-1]) == ["words"]


async def test_posts_wait_for_rekeying_and_keep_their_order() -> None:
    store, seats, room = await crowded(3 * SLICE_BOXES)
    posts = [
        asyncio.ensure_future(store.post(*seat, f"{number}", token()))
        for number, seat in enumerate(seats[:5])
    ]
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    assert [post.done() for post in posts] == [False] * 5
    newcomer = await come(store, "crowd")
    await store.leave(*seats[-1])
    await asyncio.gather(*posts)
    assert await texts(store, seats[0]) == ["0", "1", "2", "3", "4"]
    assert await texts(store, newcomer) == ["0", "1", "2", "3", "4"]
    assert room.keys.epochs.current == 1


async def test_post_of_a_member_who_left_during_rekeying_is_refused() -> None:
    store, seats, _ = await crowded(3 * SLICE_BOXES)
    posts = [asyncio.ensure_future(store.post(*seat, "x", token())) for seat in seats[:2]]
    await asyncio.sleep(0)
    await store.leave(*seats[0])
    await store.forget_session(seats[1][0])
    for post in posts:
        with pytest.raises(NotAMemberError):
            await post
    assert await texts(store, seats[2]) == []


async def test_cancelled_rekeying_leaves_nothing_behind() -> None:
    store, seats, room = await crowded(3 * SLICE_BOXES)
    posting = asyncio.ensure_future(store.post(*seats[0], "x", token()))
    await asyncio.sleep(0)
    posting.cancel()
    with suppress(asyncio.CancelledError):
        await posting
    assert (room.keys.epochs.box_count, store._rekeying._under_way) == (0, {})
    await store.post(*seats[1], "y", token())
    assert await texts(store, seats[0]) == ["y"]


async def test_room_emptied_during_rekeying_is_deleted() -> None:
    store, seats, room = await crowded(2 * SLICE_BOXES)
    posting = asyncio.ensure_future(store.post(*seats[0], "x", token()))
    await asyncio.sleep(0)
    for seat in seats:
        await store.leave(*seat)
    with pytest.raises(NotAMemberError):
        await posting
    assert room.keys.epochs.box_count == 0


async def test_one_post_per_member_may_wait_for_keys() -> None:
    store, seats, _ = await crowded(3 * SLICE_BOXES)
    posts = [
        asyncio.ensure_future(store.post(*seats[0], f"{n}", token(0, f"{n}"))) for n in range(3)
    ]
    outcomes = await asyncio.gather(*posts, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [
        type(None),
        RateLimitedError,
        RateLimitedError,
    ]
    assert await texts(store, seats[1]) == ["0"]


async def test_tampered_key_fails_the_post_and_keeps_its_token() -> None:
    store = MemoryStore(clock=FakeClock())
    first, second = await meet(store)
    await store.post(*first, "before", token())
    (room,) = store._rooms
    epoch, box = room.keys.epochs._generations[0].boxes[1]
    room.keys.epochs._generations[0].boxes[1] = (epoch, Box(box[::-1]))
    for _ in range(2):
        with pytest.raises(KeyLostError):
            await store.post(*first, "after", token(1, "1"))
    assert await texts(store, second) == ["before"]
    page = await store.read(*first, after=0, limit=9)
    assert [entry.message for entry in page.entries] == [None, None]


async def test_oldest_messages_are_dropped_when_keys_are_too_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(epochs, "MAX_BOXES", 6)
    clock = FakeClock()
    store = MemoryStore(clock=clock, rooms=[public("one")])
    here, there = await come(store), await come(store)
    for number in range(6):
        await store.post(*here, f"{number}", token(number, f"{number}"))
        clock.advance(PUBLIC_RENEWAL_S)
        await store.leave(*await come(store))
        leaver = await come(store)
        await store.post(*there, f"{number}, too", token(number, f"{number}"))
        await store.leave(*leaver)
    (room,) = store._rooms
    assert room.keys.epochs.box_count <= 6
    stored = await texts(store, here)
    assert stored[-1] == "5, too"
    assert "0" not in stored
    assert (await store.read(*here, after=0, limit=99)).missed_count > 0


async def test_unknown_session_triggers_no_rekeying() -> None:
    store, _, room = await crowded(2)
    with pytest.raises(NotAMemberError):
        await store.post(Secret.new(), ChatId("abcdefghijkl"), "x", token())
    assert room.keys.epochs.current == 0


async def test_store_keeps_only_the_public_identity() -> None:
    store = MemoryStore(clock=FakeClock())
    secret = await store.open_session()
    (session,) = store._sessions.values()
    assert session.identity == secret.identity
    assert session.handle == Handle(secret.identity.handle)
