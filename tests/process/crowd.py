"""A thousand conversations, of which only the test keeps a record."""

from __future__ import annotations

from contextlib import closing

from .needles import Needles
from .server_process import ServerProcess
from .witnesses import QuickWitness, marked_headers

CONVERSATIONS = 1_000

ROOM_EVERY = 25
"""Every 25th conversation takes place in a private room; the others in pairs."""


def hold_a_thousand_conversations(server: ServerProcess, needles: Needles) -> None:
    """Hold the conversations; each visitor has an own circuit and presses Panic at the end."""
    headers = marked_headers(needles)
    with closing(QuickWitness(server, needles, headers)) as first:
        token = first.token("/")
    for number in range(CONVERSATIONS):
        one, other = (QuickWitness(server, needles, headers) for _ in range(2))
        with closing(one), closing(other):
            if number % ROOM_EVERY:
                talk_as_two(one, other, token, needles)
            else:
                talk_in_a_room(one, other, needles)
            for visitor in (one, other):
                assert visitor.ask("POST", "/panic").status == 303


def talk_as_two(one: QuickWitness, other: QuickWitness, token: str, needles: Needles) -> None:
    """Match two visitors; one sends a message, and the other reads it."""
    one.ask("POST", "/pair", token=token, intent="talk")
    chat = other.ask("POST", "/pair", token=token, intent="listen").headers["location"]
    own_chat = one.ask("GET", "/wait").headers["location"]
    words = needles.mark("word")
    send_message(one, own_chat, words)
    assert words.encode() in other.ask("GET", f"{chat}/plain").body


def talk_in_a_room(opener: QuickWitness, guest: QuickWitness, needles: Needles) -> None:
    """One opens a room; the other enters with its code and sends a message."""
    title = needles.mark("title")
    opened = opener.ask("POST", "/rooms/new", token=opener.token("/rooms/new"), title=title)
    opened = opener.ask("GET", opened.headers["location"])
    code = opened.body.partition(b"dir=ltr>")[2].partition(b"<br>")[0].decode()
    token = guest.ask("GET", "/rooms").page.form("/invite").fields["token"]
    chat = guest.ask("POST", "/invite", token=token, code=code).headers["location"]
    send_message(guest, chat, needles.mark("word"))
    assert title.encode() in guest.ask("GET", f"{chat}/people").body


def send_message(visitor: QuickWitness, chat: str, words: str) -> None:
    """Send a message with the form of the composer."""
    token = visitor.token(f"{chat}/composer")
    assert visitor.ask("POST", f"{chat}/messages", token=token, text=words).status == 303
