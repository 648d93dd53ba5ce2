"""What the operator can ask about a running service: its state, its tor, how full it is.

Nothing here is about a person. What the web process counts comes rounded from it (see
`server/admin.py`), and is checked here once more: an attacker may control that process. Times are
shown as rounded ages. Nothing is written anywhere.
"""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Callable
from pathlib import Path

from onion import (
    Condition,
    OnionError,
    OnionService,
    OwnedProcess,
    ServiceEvent,
    ServiceState,
)
from server.core.errors import OperatorError
from server.core.plain_fields import plain_fields

from .restart import Supervised

ANSWER_S = 2.0
"""Limit for an answer of the web process to a question of the operator."""

MAX_LINE_BYTES = 4096

Fields = dict[str, object]


def rounded_age_s(age_s: float) -> int:
    """Round an age up: to 10 seconds below a minute, to minutes below an hour, then to hours."""
    step = 10 if age_s <= 60 else 60 if age_s <= 3600 else 3600
    return -int(-age_s // step) * step


async def ask_web(admin_socket: Path, command: bytes = b"status") -> Fields:
    """Ask the web process something, by default for its counts.

    Raises:
        OperatorError: if it gives no valid answer.
        OSError: if it does not listen.
    """
    reader, writer = await asyncio.open_unix_connection(str(admin_socket), limit=MAX_LINE_BYTES)
    try:
        writer.write(command + b"\n")
        return plain_fields(dict(json.loads(await reader.readuntil(b"\n"))))
    except (ValueError, TypeError, RecursionError, EOFError, asyncio.LimitOverrunError):
        raise OperatorError("the web process gave no valid answer") from None
    finally:
        writer.close()


async def _answers(service: OnionService | None) -> bool:
    """Whether tor gives a sign of life within the limit."""
    if service is None:
        return False
    try:
        async with asyncio.timeout(ANSWER_S):
            await service.give_sign_of_life()
    except (OnionError, TimeoutError):
        return False
    return True


class ServiceStatus:
    """Keeps the condition of the service, and answers the operator.

    Args:
        address: of the service.
        admin_socket: of the web process.
        clock: monotonic seconds.
    """

    def __init__(
        self, address: str, admin_socket: Path, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._address, self._admin_socket, self._clock = address, admin_socket, clock
        self._condition = Condition()
        self._last_s: dict[ServiceEvent, float] = {}
        self._listeners: list[Callable[[ServiceState], None]] = []
        self.tor: Supervised[OnionService] | None = None
        """Set when it has been started."""

        self.web: Supervised[OwnedProcess] | None = None
        """Set when it has been started."""

    @property
    def state(self) -> ServiceState:
        """The state that is shown."""
        return self._condition.state

    def add_listener(self, listener: Callable[[ServiceState], None]) -> None:
        """Call `listener` with each new state."""
        self._listeners.append(listener)

    def note(self, event: ServiceEvent) -> None:
        """Record what has happened to the service."""
        before = self.state
        self._last_s[event] = self._clock()
        self._condition = self._condition.after(event)
        if self.state is not before:
            for listener in self._listeners:
                listener(self.state)

    async def describe(self) -> Fields:
        """Answer the operator's question."""
        service = self.tor.current if self.tor else None
        tor_answers, counts = await asyncio.gather(_answers(service), self._counts())
        # What stopped a moment ago is replaced only after half a minute. It is said before.
        answers = tor_answers and bool(counts["web_answers"])
        return {
            "state": self.state.value,
            "lets_visitors_in": self.state.lets_visitors_in and answers,
            "onion": self._address,
            "tor_version": service.version if service else None,
            "last_upload_age_s": self._age_s(ServiceEvent.UPLOADED),
            "last_visit_age_s": self._age_s(ServiceEvent.REACHED),
            "tor_restarts": self.tor.restarts if self.tor else 0,
            "web_restarts": self.web.restarts if self.web else 0,
            "proof_of_work_effort": service.effort if service else None,
            "tor_answers": tor_answers,
            **counts,
        }

    async def _counts(self) -> Fields:
        """Ask the web process; if it does not answer, that is the answer."""
        try:
            async with asyncio.timeout(ANSWER_S):
                counts = await ask_web(self._admin_socket)
        except (OperatorError, OSError):
            return {"web_answers": False}
        return {"web_answers": True, **{k: v for k, v in counts.items() if k != "status"}}

    def _age_s(self, event: ServiceEvent) -> int | None:
        last_s = self._last_s.get(event)
        return None if last_s is None else rounded_age_s(self._clock() - last_s)
