"""Keeps the operator's order about who may come in, over every web process, and sees it end.

    close  ─>  each web process is told, the next one at its start; open again when the time is over
    drain  ─>  this web process is told; when nobody talks any more, or the time is over, it is
               replaced. A new web process, whatever the reason for it, ends the drain
    open   ─>  both are cancelled

The order is kept here and in the memory of the web process, and nowhere on disk.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress

from onion import OwnedProcess, ServiceEvent
from server.core.admission.closing import COMMAND, OPEN, Closing
from server.core.admission.order import CLOSED_S, DRAIN_S, check_duration, read_words
from server.core.durations import drawn_between
from server.core.errors import OperatorError
from server.supervisor.report import Report

ANSWER_S = 5.0
"""Limit for an answer of the web process. It tells thousands of conversations before it answers."""

LOOK_S = (1.0, 3.0)
"""Between two looks whether a closing or a drain is over; drawn."""

Fields = dict[str, object]
AskWeb = Callable[[bytes], Awaitable[Mapping[str, object]]]


class AdmissionControl:
    """The order of one service.

    Args:
        ask_web: sends a command to the web process and returns its answer.
        note: receives what the state of the service becomes.
        report: the operator is told when a drain cannot end with a restart.
        clock: monotonic seconds.
        look_s: bounds of the pause between two looks whether a closing or a drain is over.
    """

    def __init__(
        self,
        ask_web: AskWeb,
        note: Callable[[ServiceEvent], None],
        report: Report,
        *,
        clock: Callable[[], float] = time.monotonic,
        look_s: tuple[float, float] = LOOK_S,
    ) -> None:
        self._ask_web, self._note, self._report = ask_web, note, report
        self._clock, self._look_s = clock, look_s
        self._closing = OPEN
        self._changed = asyncio.Event()
        self._has_web = False
        self._check: Callable[[], None] = lambda: None

    async def close(self, for_s: object, words: object = "") -> Fields:
        """Answer `close`: let nobody new in for this time. It replaces an earlier `close`.

        Args:
            for_s: seconds, within `CLOSED_S`.
            words: for visitors; cleaned here. Empty for none.

        Raises:
            OperatorError: if one of them is not valid; nothing is changed then. Or if the web
                process does not answer: the order is kept, and told to the next one.
        """
        seconds = check_duration(for_s, CLOSED_S)
        if not isinstance(words, str):
            raise OperatorError("the words for visitors are no text")
        cleaned = read_words(words) if words else ""
        return await self._order(self._closing.closed(self._clock() + seconds, cleaned))

    async def open(self) -> Fields:
        """Answer `open`: let everybody in, and cancel a drain.

        Raises:
            OperatorError: as `close`.
        """
        return await self._order(OPEN)

    async def drain(self, for_s: object, check: Callable[[], None]) -> Fields:
        """Answer `drain`: replace the web process when nobody talks, after this time at the latest.

        Args:
            for_s: seconds, within `DRAIN_S`.
            check: raises `OperatorError` if a new web process could not start. Called now, and
                again before the old one is ended.

        Raises:
            OperatorError: if that is so, if the time is not valid, or if no web process runs.
        """
        seconds = check_duration(for_s, DRAIN_S)
        check()
        if not self._has_web:
            raise OperatorError(
                "the web process does not run: it is being started already",
                "`sottovoce status` says when it runs",
            )
        self._check = check
        return await self._order(self._closing.draining(self._clock() + seconds))

    def describe(self) -> Fields:
        """Return how long it still lasts, in seconds, rounded up; `None` for what is not."""
        now_s, closing = self._clock(), self._closing
        return {
            "closed_for_s": _left(closing.closed_until_s - now_s),
            "drains_for_s": _left(closing.restarts_in_s(now_s)) if closing.is_draining else None,
        }

    def handed_over(self) -> str:
        """Return the order for a web process that is to start; empty if there is none."""
        now_s = self._clock()
        return self._closing.to_json(now_s) if self._closing.is_closed(now_s) else ""

    def note_web_launched(self) -> None:
        """A web process runs."""
        self._has_web = True

    def note_web_ended(self) -> None:
        """The web process has ended, and every conversation with it: so has a drain."""
        self._has_web = False
        self._set(self._closing.restarted(self._clock()))

    async def watch(self, _child: OwnedProcess) -> str:
        """Return, as the rest of a sentence, when a drain is over; also see a closing end."""
        if self._closing != OPEN:
            # Ordered while it was starting.
            with suppress(OperatorError):
                await self._tell()
        while True:
            self._changed.clear()
            closing, now_s = self._closing, self._clock()
            if closing.is_draining:
                reason = await self._reason_to_end()
                if reason and await self._may_restart():
                    return reason
            elif closing != OPEN and not closing.is_closed(now_s):
                self._set(OPEN)
            # What the handlers order meanwhile sets the event.
            wait_s = None if self._closing == OPEN else drawn_between(*self._look_s)
            with suppress(TimeoutError):
                async with asyncio.timeout(wait_s):
                    await self._changed.wait()

    async def _order(self, closing: Closing) -> Fields:
        was_open = self._closing == OPEN
        self._set(closing)
        self._changed.set()
        if self._has_web:
            await self._tell()
        return {"was_open": was_open, "web_told": self._has_web}

    def _set(self, closing: Closing) -> None:
        self._closing = closing
        if closing.is_draining:
            self._note(ServiceEvent.DRAINED)
        elif closing.is_closed(self._clock()):
            self._note(ServiceEvent.CLOSED)
        else:
            self._note(ServiceEvent.OPENED)

    async def _tell(self) -> None:
        answer = await self._ask(COMMAND + self._closing.to_json(self._clock()).encode())
        if answer.get("done") is not True:
            raise OperatorError("the web process has not done it", _KEPT)

    async def _ask(self, command: bytes) -> Mapping[str, object]:
        try:
            async with asyncio.timeout(ANSWER_S):
                return await self._ask_web(command)
        except (OperatorError, OSError, TimeoutError):
            raise OperatorError("the web process does not answer", _KEPT) from None

    async def _reason_to_end(self) -> str:
        """Return why a drain is over; empty if it is not."""
        if self._closing.restarts_in_s(self._clock()) <= 0:
            return "has come to the end of its drain"
        with suppress(OperatorError):
            if (await self._ask(b"status")).get("drained") is True:
                return "has drained"
        return ""

    async def _may_restart(self) -> bool:
        """Whether a new web process can start; if not, the drain is cancelled."""
        try:
            self._check()
        except OperatorError as error:
            self._report.note(f"the drain is cancelled, and nothing was ended: {error}")
            self._set(self._closing.restarted(self._clock()))
            with suppress(OperatorError):
                await self._tell()
            return False
        return True


_KEPT = "the order is kept: a new web process is told; one that hangs is replaced in half a minute"


def _left(seconds: float) -> int | None:
    """Round up what is left: to 10 seconds below two minutes, else to minutes."""
    if seconds <= 0:
        return None
    step = 10 if seconds <= 120 else 60
    return int(-(-seconds // step)) * step
