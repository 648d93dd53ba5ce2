"""The real server as a target, used through its forms as a browser does.

The token of a form is the same for all visitors without a session, so it is fetched once.
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
    """The value of one header of an answer."""
    found = re.search(rb"(?i)^" + name + rb": *([^\r;]*)", head, re.MULTILINE)
    assert found is not None, head
    return found[1].decode()


def token_in(page: bytes, form: re.Pattern[bytes]) -> str:
    """The last group of a form's pattern, in a page."""
    found = form.search(page)
    assert found is not None, page
    return found[found.re.groups].decode()


def form_body(token: str, number: int) -> bytes:
    """A composer's form, filled in."""
    return b"token=%b&text=text+%d" % (token.encode(), number)


class Member:
    """A member of a conversation; a `target.Chatter`."""

    def __init__(self, line: Line, cookie: str, chat: str, after: int) -> None:
        self._line, self._cookie, self._chat = line, cookie, chat
        self._token = ""
        self.stream = get(f"{chat}/live?after={after}", cookie)
        self.composer_request = get(f"{chat}/composer", cookie)

    def post(self, number: int) -> bytes:
        """See `target.Chatter`."""
        assert self._token
        token, self._token = self._token, ""
        return post(f"{self._chat}/messages", self._cookie, form_body(token, number))

    def take(self, head: bytes, body: bytes) -> None:
        """See `target.Chatter`."""
        self._token = token_in(body, COMPOSER)

    def fetch_composer(self) -> None:
        """Fetch the composer, whose token the next post needs."""
        self.take(*self._line.ask(self.composer_request))

    def say(self, number: int) -> None:
        """Post a message, and wait until it is accepted."""
        self.fetch_composer()
        is_accepted(*self._line.ask(self.post(number)))


class ChatTarget:
    """The real server; a `target.Target`."""

    def __init__(self, line: Line) -> None:
        self._line = line
        self._members: dict[str, list[Member]] = {}
        self._numbers = iter(range(1, 10**6))

    def fill(self, room: str, count: int) -> list[bytes]:
        """See `target.Target`."""
        form = self.join_request(room)
        self._members[room] = [self._join(form, after=count + 1) for _ in range(count)]
        self._members[room][0].say(0)
        return [members.stream for members in self._members[room]]

    def posts(self, room: str, count: int) -> list[bytes]:
        """See `target.Target`."""
        # Members post in rotation, also from one call to the next.
        members = self._members[room]
        speakers = list(islice(cycle(members), count))
        self._members[room] = members[count % len(members) :] + members[: count % len(members)]
        for speaker in speakers:
            speaker.fetch_composer()
        return [speaker.post(next(self._numbers)) for speaker in speakers]

    def join_request(self, room: str) -> bytes:
        """See `target.Target`."""
        _, page = self._line.ask(get("/rooms"))
        form = re.compile(JOIN % room.encode())
        return post(f"/rooms/{room}/join", "", f"token={token_in(page, form)}".encode())

    def meet(self, pairs: int) -> list[Member]:
        """See `target.Target`."""
        _, door = self._line.ask(get("/"))
        token = token_in(door, PAIR)
        chatters: list[Member] = []
        for _ in range(pairs):
            first, _ = self._knock(token, "talk")
            second, there = self._knock(token, "listen")
            head, _ = self._line.ask(get("/wait", first))
            here = header(head, b"location")
            # Their streams begin after both joins; the first message follows.
            both = Member(self._line, first, here, 2), Member(self._line, second, there, 2)
            both[0].say(0)
            for chatter in both:
                chatter.fetch_composer()
            chatters += both
        return chatters

    def _join(self, form: bytes, after: int) -> Member:
        head, body = self._line.ask(form)
        is_accepted(head, body)
        return Member(self._line, header(head, b"set-cookie"), header(head, b"location"), after)

    def _knock(self, token: str, intent: str) -> tuple[str, str]:
        head, body = self._line.ask(post("/pair", "", f"token={token}&intent={intent}".encode()))
        is_accepted(head, body)
        return header(head, b"set-cookie"), header(head, b"location")
