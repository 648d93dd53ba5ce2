"""Test members with secrets: their identities, what they post, and what they can open."""

from __future__ import annotations

import hashlib

from server.core.ids import ChatId, Handle, PublicIdentity, Secret
from server.core.room.log import Kind
from server.core.room.member import Member
from server.core.room.message import OpenEntry
from server.core.room.room import Room

_SECRETS: dict[Handle, Secret] = {}
"""The secret of each name used so far: the same name always has the same secret."""


def secret_of(name: str) -> Secret:
    """Return the secret that belongs to a name."""
    secret = Secret(hashlib.blake2b(name.encode(), digest_size=32).digest())
    _SECRETS[secret.handle] = secret
    return secret


def identity_of(name: str) -> PublicIdentity:
    """Return what is stored of that secret."""
    return secret_of(name).identity


def seat(name: str) -> tuple[PublicIdentity, ChatId]:
    """Return the arguments of `Room.join` for a name."""
    return identity_of(name), ChatId(name)


def rekey(room: Room, now_s: float = 0) -> None:
    """Make every key change that is due, as a store does before a message."""
    while (change := room.keys.epochs.begin(now_s)) is not None:
        while not room.keys.epochs.step(change):
            pass
        room.keys.epochs.commit(change, now_s)


def post(room: Room, member: Member, text: str, now_s: float = 0) -> None:
    """Post a message, after any key change that is due."""
    rekey(room, now_s)
    room.post(member, _SECRETS[member.handle].keyring, text, now_s)


def open_entries(room: Room, member: Member, after: int = 0) -> list[OpenEntry]:
    """Return all entries in the ring, as this member can open them."""
    keyring = _SECRETS[member.handle].keyring
    page = room.log.read(after=after, limit=1_000)
    return [room.keys.open(entry, member.number, keyring) for entry in page.entries]


def texts(room: Room, member: Member) -> list[str | None]:
    """Return the texts in the ring; `None` for each message that does not open for this member."""
    messages = [entry for entry in open_entries(room, member) if entry.kind is Kind.MESSAGE]
    return [entry.message.text if entry.message else None for entry in messages]
