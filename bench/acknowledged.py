"""Pairs who talk through tor without a pause: what was acknowledged, and what the other one got.

Everybody has circuits of their own, and stays on them, as a visitor does whose browser retries. A
form that was not answered is sent again as it is. A message counts as acknowledged when its form
was answered with 303 and the composer after it shows no problem.
"""

from __future__ import annotations

import asyncio
import itertools
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import ParamSpec, TypeVar

import h11

from onion import OnionError
from server.demo.text_browser import Reply, TextBrowser
from tests.fakes import Talker, press_intent

P = ParamSpec("P")
T = TypeVar("T")

TALK_EVERY_S = 2.6
"""Slower than the bucket of one session refills."""

ATTEMPT_S = 10.0
"""After so long without an answer somebody presses the button again."""

SILENT_S = 45.0
"""After so long without a heartbeat the page says that the connection is lost, with a link."""

PAUSE_S = 0.3
ARRIVE_S = 60.0
"""Limit for what was acknowledged to be read by the other one."""

FAILED = (OnionError, OSError, EOFError, LookupError, ValueError, h11.RemoteProtocolError)

PROBLEM = b"data-problem"


async def until_answered(ask: Callable[P, Awaitable[T]], *args: P.args, **kwargs: P.kwargs) -> T:
    """Ask again and again until there is an answer."""
    while True:
        with suppress(*FAILED):
            async with asyncio.timeout(ATTEMPT_S):
                return await ask(*args, **kwargs)
        await asyncio.sleep(PAUSE_S)


@dataclass(slots=True)
class Person:
    """One who writes, and reads what the other one writes."""

    talker: Talker[TextBrowser]
    name: str
    acknowledged: list[tuple[float, str]] = field(default_factory=list)
    """Monotonic seconds and text of each message of their own that was acknowledged."""

    received: Counter[str] = field(default_factory=Counter)
    """How often each text stood in their stream."""

    _cursor: int = 0

    async def write(self) -> None:
        """Write one message after the other, until cancelled."""
        for number in itertools.count():
            began_s = time.monotonic()
            await self._say(f"{self.name} {number}")
            await asyncio.sleep(max(0.0, began_s + TALK_EVERY_S - time.monotonic()))

    async def read(self) -> None:
        """Read the stream, and open it again where it ended, until cancelled."""
        browser, now_s = self.talker.browser, asyncio.get_running_loop().time
        while True:
            path = f"{self.talker.path}/live?after={self._cursor}"
            with suppress(*FAILED):
                async with asyncio.timeout(ATTEMPT_S) as limit, browser.stream(path) as stream:
                    limit.reschedule(now_s() + SILENT_S)
                    async for update in stream.lines():
                        limit.reschedule(now_s() + SILENT_S)
                        for line in update.lines:
                            self._cursor = max(self._cursor, line.seq)
                            self.received[line.text] += not line.event
            await asyncio.sleep(PAUSE_S)

    async def _say(self, text: str) -> None:
        browser, path = self.talker.browser, f"{self.talker.path}/composer"
        while True:
            composer = await until_answered(_page, browser, path)
            form = composer.page.form("/messages")
            fields = {**form.fields, "text": text}
            answer = await until_answered(browser.post, form.action, fields)
            if answer.status == 303:
                after = await until_answered(browser.get, answer.headers["location"])
                if PROBLEM not in after.body:
                    self.acknowledged.append((time.monotonic(), text))
                    return
            await asyncio.sleep(TALK_EVERY_S)


async def _page(browser: TextBrowser, path: str) -> Reply:
    """Get a composer; another page is no answer."""
    reply = await browser.get(path)
    reply.page.form("/messages")
    return reply


class Pairs:
    """Several pairs who talk while the block runs.

    Args:
        visitor: makes a visitor on circuits of their own, by name.
        count: how many pairs.
        prefix: of their names; begins every text.
    """

    def __init__(self, visitor: Callable[[str], TextBrowser], count: int, prefix: str) -> None:
        self._visitor, self._count, self._prefix = visitor, count, prefix
        self.pairs: list[tuple[Person, Person]] = []
        self._compared: Counter[str] = Counter()
        self._tasks: list[asyncio.Task[None]] = []

    async def __aenter__(self) -> Pairs:
        """Match them, and let them talk."""
        for number in range(self._count):
            name = f"{self._prefix}-{number}"
            self.pairs.append(await self._match(f"{name}-a", f"{name}-b"))
        for person in self.people:
            self._tasks += [asyncio.ensure_future(person.write())]
            self._tasks += [asyncio.ensure_future(person.read())]
        return self

    async def __aexit__(self, *_: object) -> None:
        """Stop them where they are."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def people(self) -> list[Person]:
        """Everybody."""
        return [person for pair in self.pairs for person in pair]

    async def wait_talking(self, since_s: float) -> float:
        """Wait until everybody had a message acknowledged after `since_s`; return how long after.

        A message whose answer was on its way at that moment counts.
        """
        while not all(person.acknowledged[-1:] > [(since_s, "")] for person in self.people):
            for task in self._tasks:
                if task.done():
                    task.result()
            await asyncio.sleep(0.05)
        firsts = [next(at for at, _ in p.acknowledged if at > since_s) for p in self.people]
        return max(firsts) - since_s

    async def compare(self) -> tuple[int, int, int]:
        """Compare what was acknowledged with what the others have read; see `ARRIVE_S`.

        Returns:
            How many messages were acknowledged since the last comparison, how many of them did not
            arrive, and how many arrived more than once.
        """
        due = [
            (reader, text)
            for pair in self.pairs
            for writer, reader in (pair, pair[::-1])
            for _, text in writer.acknowledged[self._compared[writer.name] :]
        ]
        self._compared = Counter({p.name: len(p.acknowledged) for p in self.people})
        until_s = time.monotonic() + ARRIVE_S
        while time.monotonic() < until_s:
            if all(reader.received[text] for reader, text in due):
                break
            await asyncio.sleep(0.1)
        counts = [reader.received[text] for reader, text in due]
        return len(due), counts.count(0), sum(count > 1 for count in counts)

    async def _match(self, first: str, second: str) -> tuple[Person, Person]:
        browsers = self._visitor(first), self._visitor(second)
        for browser, intent in zip(browsers, ("talk", "listen"), strict=True):
            await until_answered(press_intent, browser, intent)
        one, other = [await self._path_of_chat(browser) for browser in browsers]
        return (
            Person(Talker(browsers[0], one), first),
            Person(Talker(browsers[1], other), second),
        )

    async def _path_of_chat(self, browser: TextBrowser) -> str:
        while True:
            reply = await until_answered(browser.get, "/wait")
            if reply.path.startswith("/chat/"):
                return reply.path
            await asyncio.sleep(PAUSE_S)
