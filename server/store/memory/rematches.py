"""Rematches: only the key of a code leads to one."""

from __future__ import annotations

from collections.abc import Hashable

from server.core.ids import Handle
from server.core.invite_code import CodeKey
from server.core.limits import CIRCUIT_REMATCH_CODES, REMATCH_CODE_S
from server.core.matching.rematch import SIDES, Rematch
from server.core.room.member import Member
from server.core.room.room import Room
from server.core.shares import Priority, Shares


class Rematches:
    """Codes that were issued, and the sessions that have shown one and wait.

    Args:
        max_codes: most codes that are valid at once.
    """

    def __init__(self, *, max_codes: int) -> None:
        self._shares: Shares[CodeKey] = Shares(capacity=max_codes, quota=CIRCUIT_REMATCH_CODES)
        self._by_key: dict[CodeKey, Rematch] = {}
        self._held: dict[Handle, CodeKey] = {}

    def issue(
        self,
        room: Room,
        member: Member,
        key: CodeKey,
        now_s: float,
        holder: Hashable | None = None,
    ) -> list[Handle]:
        """Issue a code to a member of a pair; the one before is revoked.

        When there are as many codes as may be, the codes of another pair are revoked for it.

        Args:
            room: the pair.
            member: who has asked for it.
            key: of the code.
            now_s: monotonic seconds.
            holder: for whom it counts, as long as the session exists; nobody else by default.

        Returns:
            The sessions that waited with a code that was revoked.

        Raises:
            ServerFullError: if there are as many as may be, and none gives way.
        """
        waited: list[Handle] = []
        if member.rematch_key not in self._by_key:
            crowded_out = self._shares.to_give_way(holder or key)
            if crowded_out is not None:
                waited += self._revoke(self._by_key[crowded_out])
        rematch = self._of(room)
        if member.rematch_key is not None:
            waited += self._drop_key(member.rematch_key)
        if rematch is None:
            rematch = Rematch(now_s + REMATCH_CODE_S)
        member.rematch_key = key
        rematch.holders[key] = None
        self._by_key[key] = rematch
        self._shares.hold(key, holder or key, Priority.UNUSED)
        self._count_places(rematch)
        return waited

    def move(self, keys: set[CodeKey], holder: Hashable) -> None:
        """Count these codes for another holder: the circuit of their session has changed."""
        for key in keys:
            self._shares.move(key, holder)

    def disown(self, keys: set[CodeKey]) -> None:
        """Count each of these codes for itself: their session is gone, and nothing may show it."""
        for key in keys:
            self._shares.move(key, key)

    def is_good(self, key: CodeKey, now_s: float) -> bool:
        """Whether a code is valid."""
        rematch = self._by_key.get(key)
        return rematch is not None and rematch.is_valid(now_s)

    def show(self, handle: Handle, key: CodeKey) -> list[Handle]:
        """Let a session wait with a valid code.

        Returns:
            The session that waited with the same code, and waits no longer.
        """
        self.release(handle)
        rematch = self._by_key[key]
        before = rematch.holders[key]
        if before is not None:
            del self._held[before]
        rematch.holders[key] = handle
        self._held[handle] = key
        self._count_places(rematch)
        return [] if before is None else [before]

    def waiting(self) -> list[Handle]:
        """The sessions that wait while the holder of the other code waits too."""
        return [handle for handle in self._held if self.partner(handle) is not None]

    def held_by(self) -> list[Handle]:
        """The sessions that have shown a code and wait."""
        return list(self._held)

    def waits(self, handle: Handle) -> bool:
        """Whether a session has shown a code and waits for the holder of the other."""
        return handle in self._held

    def partner(self, handle: Handle) -> Handle | None:
        """The session that waits with the other code, if there is one."""
        key = self._held.get(handle)
        return None if key is None else self._by_key[key].partner_of(key)

    def meet(self, handle: Handle) -> tuple[Rematch, dict[Handle, CodeKey]]:
        """Match the two holders. Their codes are invalid until the match is opened or undone.

        Returns:
            The rematch, and which session had shown which code.
        """
        rematch = self._by_key[self._held[handle]]
        shown = {holder: key for key, holder in rematch.holders.items() if holder is not None}
        for holder in shown:
            self.release(holder)
        rematch.is_matched = True
        self._count_places(rematch)
        return rematch, shown

    def put_back(
        self, rematch: Rematch, shown: dict[Handle, CodeKey], present: Handle | None
    ) -> None:
        """Reopen a rematch that a member did not open; the one who came waits again.

        If its codes were revoked meanwhile, they stay revoked.
        """
        rematch.is_matched = False
        self._count_places(rematch)
        if present is not None and len(rematch.holders) == SIDES:
            self.show(present, shown[present])

    def end(self, rematch: Rematch) -> None:
        """Revoke the codes of a rematch that took place."""
        self._revoke(rematch)

    def release(self, handle: Handle) -> None:
        """Stop the waiting of a session. The code that it has shown stays valid."""
        key = self._held.pop(handle, None)
        if key is not None:
            self._by_key[key].holders[key] = None
            self._count_places(self._by_key[key])

    def rename(self, old: Handle, new: Handle) -> None:
        """Move the waiting of a session to another handle."""
        key = self._held.pop(old, None)
        if key is not None:
            self._held[new] = key
            self._by_key[key].holders[key] = new

    def close(self, room: Room) -> None:
        """Revoke the code of a pair that has ended, if only one member has one."""
        rematch = self._of(room)
        if rematch is not None and len(rematch.holders) == 1:
            self._revoke(rematch)

    def revoke(self, keys: set[CodeKey]) -> list[Handle]:
        """Revoke codes, and their counterparts.

        Returns:
            The sessions that waited with one of them.
        """
        waited: list[Handle] = []
        for key in keys:
            if key in self._by_key:
                waited += self._revoke(self._by_key[key])
        return waited

    def revoke_due(self, now_s: float) -> list[Handle]:
        """Revoke every code that has expired."""
        return self.revoke({key for key, r in self._by_key.items() if now_s >= r.until_s})

    def shown_by(self, handle: Handle) -> set[CodeKey]:
        """The key of the code with which a session waits; empty if it does not."""
        return {self._held[handle]} if handle in self._held else set()

    def until_s(self, key: CodeKey) -> float:
        """Until when an issued code is valid."""
        return self._by_key[key].until_s

    def keys_of(self, keys: set[CodeKey]) -> set[CodeKey]:
        """Those of these keys that are still known."""
        return keys & self._by_key.keys()

    def _of(self, room: Room) -> Rematch | None:
        keys = [member.rematch_key for member in room.members if member.rematch_key is not None]
        found = (self._by_key[key] for key in keys if key in self._by_key)
        return next((rematch for rematch in found if not rematch.is_matched), None)

    def _count_places(self, rematch: Rematch) -> None:
        """Record what the codes of a rematch are used for now."""
        if rematch.is_matched or any(rematch.holders.values()):
            priority = Priority.SEATED
        else:
            priority = Priority.ACTIVE if len(rematch.holders) == SIDES else Priority.UNUSED
        for key in rematch.holders:
            self._shares.rank(key, priority)

    def _revoke(self, rematch: Rematch) -> list[Handle]:
        keys = list(rematch.holders)
        return [holder for key in keys for holder in self._drop_key(key, rematch)]

    def _drop_key(self, key: CodeKey, rematch: Rematch | None = None) -> list[Handle]:
        rematch = rematch or self._by_key.get(key)
        self._by_key.pop(key, None)
        self._shares.release(key)
        holder = rematch.holders.pop(key, None) if rematch is not None else None
        if holder is None:
            return []
        del self._held[holder]
        return [holder]
