"""People with secrets, for tests of conversations: who comes, and what they say and can read."""

from __future__ import annotations

import hashlib

from server.core.ids import ChatId, Handle, PublicIdentity, Secret
from server.core.room.log import Kind
from server.core.room.member import Member
from server.core.room.message import OpenEntry
from server.core.room.room import Room

_SECRETS: dict[Handle, Secret] = {}
"""Of everybody who was ever named: the same name has the same secret."""


def secret_of(name: str) -> Secret:
    """The secret of somebody."""
    secret = Secret(hashlib.blake2b(name.encode(), digest_size=32).digest())
    _SECRETS[secret.handle] = secret
    return secret


def imprint_of(name: str) -> PublicIdentity:
    """What is stored of somebody."""
    return secret_of(name).identity


def seat(name: str) -> tuple[PublicIdentity, ChatId]:
    """What somebody brings who comes into a room."""
    return imprint_of(name), ChatId(name)


def settle(room: Room, now_s: float = 0) -> None:
    """Make every change of keys that is due, as a store does before somebody speaks."""
    while (change := room.keys.epochs.begin(now_s)) is not None:
        while not room.keys.epochs.step(change):
            pass
        room.keys.epochs.commit(change, now_s)


def say(room: Room, member: Member, text: str, now_s: float = 0) -> None:
    """Say something."""
    settle(room, now_s)
    room.post(member, _SECRETS[member.handle].keyring, text, now_s)


def opened(room: Room, member: Member, after: int = 0) -> list[OpenEntry]:
    """Everything in the ring, as this member can open it."""
    keyring = _SECRETS[member.handle].keyring
    page = room.log.read(after=after, limit=1_000)
    return [room.keys.open(entry, member.number, keyring) for entry in page.entries]


def texts(room: Room, member: Member) -> list[str | None]:
    """The messages in the ring; `None` for each that does not open for this member."""
    said = [entry for entry in opened(room, member) if entry.kind is Kind.MESSAGE]
    return [entry.message.text if entry.message else None for entry in said]
