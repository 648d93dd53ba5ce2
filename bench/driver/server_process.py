"""The way into the house: through its forms, as a browser sends them.

A form's token is the same for all who have no session yet, so it is fetched once.
"""

from __future__ import annotations

import re
from itertools import cycle, islice

from bench.wire import get, post

from .line import Line, is_accepted

COMPOSER = re.compile(rb"action=(\S*/messages)><input type=hidden name=token value=(\S+?)>")
JOIN = rb"action=/rooms/%b/join><input type=hidden name=token value=(\S+?)>"
PAIR = re.compile(rb"name=token value=(\S+?)>")


def header(head: bytes, name: bytes) -> str:
    """One header of an answer."""
    found = re.search(rb"(?i)^" + name + rb": *([^\r;]*)", head, re.MULTILINE)
    assert found is not None, head
    return found[1].decode()


def token_in(page: bytes, form: re.Pattern[bytes]) -> str:
    """The last group of a form's pattern, in a page."""
    found = form.search(page)
    assert found is not None, page
    return found[found.re.groups].decode()


def said(token: str, number: int) -> bytes:
    """A composer's form, filled in."""
    return b"token=%b&text=text+%d" % (token.encode(), number)


class Seated:
    """Somebody in a conversation; a `way.Chatter`."""

    def __init__(self, line: Line, cookie: str, chat: str, after: int) -> None:
        self._line, self._cookie, self._chat = line, cookie, chat
        self._token = ""
        self.stream = get(f"{chat}/live?after={after}", cookie)
        self.compose = get(f"{chat}/composer", cookie)

    def post(self, number: int) -> bytes:
        """See `way.Chatter`."""
        assert self._token
        token, self._token = self._token, ""
        return post(f"{self._chat}/messages", self._cookie, said(token, number))

    def take(self, head: bytes, body: bytes) -> None:
        """See `way.Chatter`."""
        self._token = token_in(body, COMPOSER)

    def get_ready(self) -> None:
        """Open the composer."""
        self.take(*self._line.ask(self.compose))

    def say(self, number: int) -> None:
        """Speak, and wait until it is accepted."""
        self.get_ready()
        is_accepted(*self._line.ask(self.post(number)))


class ServerProcess:
    """A house; a `way.Way`."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._seated: dict[str, list[Seated]] = {}
        self._numbers = iter(range(1, 10**6))

    def fill(self, room: str, count: int) -> list[bytes]:
        """See `way.Way`."""
        form = self.joining(room)
        self._seated[room] = [self._join(form, after=count + 1) for _ in range(count)]
        self._seated[room][0].say(0)
        return [seated.stream for seated in self._seated[room]]

    def words(self, room: str, count: int) -> list[bytes]:
        """See `way.Way`."""
        # Nobody speaks twice until all have: who spoke last is not the first to speak now.
        seated = self._seated[room]
        speakers = list(islice(cycle(seated), count))
        self._seated[room] = seated[count % len(seated) :] + seated[: count % len(seated)]
        for speaker in speakers:
            speaker.get_ready()
        return [speaker.post(next(self._numbers)) for speaker in speakers]

    def joining(self, room: str) -> bytes:
        """See `way.Way`."""
        _, page = self._line.ask(get("/rooms"))
        form = re.compile(JOIN % room.encode())
        return post(f"/rooms/{room}/join", "", f"token={token_in(page, form)}".encode())

    def meet(self, pairs: int) -> list[Seated]:
        """See `way.Way`."""
        _, door = self._line.ask(get("/"))
        token = token_in(door, PAIR)
        chatters: list[Seated] = []
        for _ in range(pairs):
            first, _ = self._knock(token, "talk")
            second, there = self._knock(token, "listen")
            head, _ = self._line.ask(get("/wait", first))
            here = header(head, b"location")
            # After both have come, and one has spoken.
            both = Seated(self._line, first, here, 2), Seated(self._line, second, there, 2)
            both[0].say(0)
            for chatter in both:
                chatter.get_ready()
            chatters += both
        return chatters

    def _join(self, form: bytes, after: int) -> Seated:
        head, body = self._line.ask(form)
        is_accepted(head, body)
        return Seated(self._line, header(head, b"set-cookie"), header(head, b"location"), after)

    def _knock(self, token: str, intent: str) -> tuple[str, str]:
        head, body = self._line.ask(post("/pair", "", f"token={token}&intent={intent}".encode()))
        is_accepted(head, body)
        return header(head, b"set-cookie"), header(head, b"location")
