"""What visitors see of fair shares: a newcomer comes in, and nobody alone meets a limit."""

from __future__ import annotations

from contextlib import suppress

import pytest

from server.core.errors import VisitorError
from server.core.ids import CircuitKey, Secret
from server.core.invite_code import CodeKey, InviteKeys
from server.core.limits import GUESS_BURST, Capacity
from server.core.matching.preferences import Intent, Preferences
from server.demo.text_browser import Reply
from server.store.contract.private_rooms import NewInvitation
from tests.fakes import ChatPair, Talker, join_room, press_intent
from tests.store.contract.chat import draw
from tests.subscriber import FakeSubscriber

from .appbrowser import CIRCUIT_HEADER, AppBrowser, AppServer, make_server
from .test_private import codes_of, enter
from .test_rematch import ask_for_code

LIMITS = frozenset({429, 503})
HOUR_MIN, CIRCUIT_MIN = 60, 5
WRONG = CodeKey(b"w" * 32)


# What a session that gave way sees


async def test_waiting_page_says_that_its_session_gave_way() -> None:
    server = make_server(Capacity(sessions=2))
    one, other = server.browser(circuit="one"), server.browser(circuit="one")
    for browser in (one, other):
        form = (await browser.get("/pair")).page.form("/pair")
        await browser.submit(form, intent="listen")
    async with one.watch("/wait/live") as waiting:
        async with other.watch("/wait/live"):
            await press_intent(server.browser(circuit="two"), "listen")
        assert "url=/wait/over" in await waiting.event()
    text = (await one.get("/wait/over")).page.text
    assert "You no longer wait: your session was forgotten." in text
    assert "when it is full" in text


async def test_conversation_says_that_its_session_may_have_given_way() -> None:
    server = make_server(Capacity(sessions=3))
    first, second = server.browser(circuit="one"), server.browser(circuit="one")
    pair = await ChatPair.meet(first, second)
    await join_room(server.browser(circuit="two"))
    async with pair.second.browser.watch(f"{pair.second.path}/live?after=1") as stream:
        await first.get("/help")
        await join_room(server.browser(circuit="three"))
        assert "url=/over" in await stream.event()
    text = (await pair.second.browser.get("/over")).page.text
    assert "your session was forgotten" in text
    assert "when it is full" in text


# Codes


@pytest.mark.parametrize("wrong", ["1" * 16, "no code at all"])
async def test_wrong_codes_of_new_visitors_on_one_circuit_are_limited(wrong: str) -> None:
    server = make_server()
    opener = server.browser(circuit="opener")
    form = (await opener.get("/rooms/new")).page.form("/rooms/new")
    words, _ = codes_of(await opener.submit(form, title="Tea at five"))
    replies = [await enter(server.browser(circuit="one"), wrong) for _ in range(GUESS_BURST + 1)]
    assert [reply.status for reply in replies] == [404] * GUESS_BURST + [429]
    assert (await enter(server.browser(circuit="one"), words)).status == 429
    assert (await enter(server.browser(circuit="two"), words)).path.startswith("/chat/")


# An hour of one person


class Person(AppBrowser):
    """A browser that counts the limits it meets, and changes its circuit as Tor Browser does."""

    def __init__(self, server: AppServer, name: str) -> None:
        super().__init__(server.app, {"host": server.host})
        self._server = server
        self._name = name
        self.refused: list[tuple[str, str, int]] = []
        self.use_new_circuit(0)

    def use_new_circuit(self, number: int) -> None:
        """Send what follows through another circuit."""
        self._own_headers[CIRCUIT_HEADER] = f"{self._name} {number}"

    async def request(
        self, method: str, path: str, body: bytes = b"", headers: object = None
    ) -> Reply:
        """Send a request, and note if a limit refuses it."""
        assert headers is None
        reply = await super().request(method, path, body)
        self.note(method, path, reply.status)
        return reply

    def note(self, method: str, path: str, status: int) -> None:
        """Note a refusal."""
        if status in LIMITS:
            self.refused.append((method, path, status))

    async def reconnect(self, path: str) -> None:
        """Open a stream in a tab, which breaks soon after."""
        reply = await self.begin(path)
        self.note("GET", path, reply.status)

    @property
    def secret(self) -> Secret:
        """The secret of its session."""
        secret = Secret.from_cookie(self.cookie.partition("=")[2])
        assert secret is not None
        return secret


class Attacker:
    """Takes as much as it can through a few circuits: sessions, seats, rooms, streams, guesses."""

    def __init__(self, server: AppServer, circuits: int) -> None:
        self._store = server.store
        self._circuits = [CircuitKey(b"attacker %d" % number) for number in range(circuits)]
        self._count = 0

    async def attack(self) -> None:
        """Take one more of everything on each circuit."""
        for circuit in self._circuits:
            for takes in (self._wait, self._sit, self._open, self._guess):
                with suppress(VisitorError):
                    await takes(await self._store.open_session(circuit))

    async def _wait(self, secret: Secret) -> None:
        await self._store.request_match(secret, Preferences(Intent.TALK, frozenset({"never"})))
        await self._store.open_stream(secret, None, FakeSubscriber())

    async def _sit(self, secret: Secret) -> None:
        chat_id = await self._store.join_room(secret, "common")
        await self._store.open_stream(secret, chat_id, FakeSubscriber())

    async def _open(self, secret: Secret) -> None:
        self._count += 1
        key = CodeKey(b"%032d" % self._count)
        new = NewInvitation(InviteKeys(key, key), 20, 3_600)
        await self._store.open_room(secret, "Mine", new)

    async def _guess(self, secret: Secret) -> None:
        for _ in range(GUESS_BURST):
            with suppress(VisitorError):
                await self._store.use_code(secret, InviteKeys(WRONG, WRONG), WRONG)


async def minute_of(person: Person, friend: Person, minute: int) -> None:
    """Do what people do: look around, talk, go on, meet a friend in a room, come back."""
    await person.get("/")
    await person.get("/rooms")
    if minute % 15 == 0:
        await meet_in_a_private_room(person, friend)
    elif minute % 5 == 0:
        room = await join_room(person)
        await room.send(f"hello everybody {minute}")
        await room.texts()
        await room.press("leave")
    else:
        await talk(person, friend, minute)
    # Two more tabs, of which the newest has the stream.
    for tab in ("/help", "/mine"):
        await person.get(tab)


async def talk(person: Person, friend: Person, minute: int) -> None:
    """Look for somebody, talk if there is anybody, and go on: by Next or by Never."""
    await press_intent(person, "talk")
    await press_intent(friend, "listen")
    if (await friend.get("/wait")).path == "/wait":
        await friend.reconnect("/wait/live")
    found = await person.get("/wait")
    if not found.path.startswith("/chat/"):
        await person.reconnect("/wait/live")
        return
    talker: Talker[AppBrowser] = Talker(person, found.path)
    await person.reconnect(f"{talker.path}/live")
    await talker.send(f"how are you {minute}")
    await talker.texts()
    if minute % 4 == 0:
        await ask_for_code(talker)
    await person.reconnect(f"{talker.path}/live?after=1")
    if minute % 7 == 0:
        wrong = await person.get(f"{talker.path}/wrong")
        await person.submit(wrong.page.form("/never"))
    else:
        await talker.press("next")


async def meet_in_a_private_room(person: Person, friend: Person) -> None:
    """Open a private room, let a friend mistype the code and then come in, and leave."""
    form = (await person.get("/rooms/new")).page.form("/rooms/new")
    opened = await person.submit(form, title="Tea at five")
    words, digits = codes_of(opened)
    room = Talker(person, opened.page.links["To the room"])
    await person.reconnect(f"{room.path}/live")
    assert (await enter(friend, f"{words}x")).status == 404
    entered = await enter(friend, digits)
    assert entered.path.startswith("/chat/")
    await room.send("there you are")
    await friend.reconnect(f"{entered.path}/live")
    assert "there you are" in await Talker(friend, entered.path).texts()
    await Talker(friend, entered.path).press("leave")
    await room.press("leave")


@pytest.mark.slow  # an hour of two people and an attacker
async def test_people_alone_on_their_circuits_meet_no_limit_in_an_hour() -> None:
    server = make_server(Capacity(sessions=40, rooms=6, streams=30))
    attacker = Attacker(server, circuits=6)
    person, friend = Person(server, "person"), Person(server, "friend")
    for minute in range(HOUR_MIN):
        for _ in range(2):
            await attacker.attack()
        for browser in (person, friend):
            if minute % CIRCUIT_MIN == 0:
                browser.use_new_circuit(minute)
        await minute_of(person, friend, minute)
        await attacker.attack()
        server.clock.advance(60)
        await server.store.sweep()
        await draw(server.store)
        assert (person.refused, friend.refused) == ([], [])
        assert await server.store.is_known(person.secret)
        assert await server.store.is_known(friend.secret)
    counts = await server.store.counts()
    # The server was full all the time, but for those whom the last sweep has forgotten.
    assert counts.sessions >= 35
