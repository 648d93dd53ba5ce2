"""Everything that can be wrong with a request, for every route of the application."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from server.core.limits import MAX_RAW_BODY_BYTES
from server.demo.text_browser import TextBrowser
from tests.fakes import Browser, ChatPair
from tests.web.appbrowser import make_server

from .needles import Needles
from .server_process import ServerProcess

FORM = b"Content-Type: application/x-www-form-urlencoded\r\n"

FIELDS = ("text", "intent", "topic", "speak", "limits", "view", "after", "every", "several", "lang",
          "seq", "who", "act", "code", "title", "uses", "minutes", "still", "kib")  # fmt: skip

LAST = ("/leave", "/next", "/never", "/panic")
"""Suffixes of the forms that end the conversation."""


@dataclass(frozen=True, slots=True)
class Wrong:
    """One request that cannot be answered as it is."""

    raw: bytes
    is_whole: bool = True
    """If false, its visitor disconnects in the middle of it."""


def routes() -> list[tuple[str, str]]:
    """Return method and path of each route, in the notation of the URL map."""
    rules = make_server().app.url_map.iter_rules()
    return sorted((method, rule.rule) for rule in rules for method in rule.methods or ())


def filled(path: str, word: str) -> str:
    """Return a path of the URL map, with `word` for each of its variables."""
    while "<" in path:
        before, _, rest = path.partition("<")
        path = before + word + rest.partition(">")[2]
    return path


def send(server: ServerProcess, needles: Needles, wrong: Wrong) -> int | None:
    """Send a request on a new circuit; return the status, if there is an answer."""
    with server.open_line() as raw:
        raw.sendall(needles.circuit() + wrong.raw)
        first = raw.recv(2**16) if wrong.is_whole else b""
    return int(first.split(maxsplit=2)[1]) if first else None


def wrongs(method: str, path: str, pair: ChatPair[Browser], word: str) -> Iterator[Wrong]:
    """Yield everything that can be wrong with one route.

    Args:
        method: of the route.
        path: of the route, in the notation of the URL map.
        pair: the first has a valid cookie and a valid id; the other's id is foreign to them.
        word: what the visitor sends wherever something can be sent.
    """
    own, foreign = (talker.path.rpartition("/")[2] for talker in (pair.first, pair.second))
    known = f"Cookie: {pair.first.browser.cookie}\r\n".encode()
    paths = [filled(path, part).encode() for part in (own, foreign, word)]
    lines = [method.encode() + b" " + path for path in paths]
    for line in lines:
        yield from wrong_lines(line, known, word.encode())
    yield from wrong_methods(paths[0], known, word.encode())
    yield from wrong_heads(lines[0], known, word.encode())
    if method == "POST":
        yield from wrong_bodies(lines[0], known, word.encode())


def request(line: bytes, fields: bytes, body: bytes = b"", length: int | None = None) -> bytes:
    """Return a request as bytes. Only its length is correct by default."""
    announced = len(body) if length is None else length
    counted = b"Content-Length: %d\r\n" % announced if announced else b""
    always = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    return line + always + fields + counted + b"\r\n" + body


def wrong_lines(line: bytes, known: bytes, word: bytes) -> Iterator[Wrong]:
    """Yield requests without a session, and with invalid cursors."""
    yield Wrong(request(line + b"?lang=" + word, b"User-Agent: " + word + b"\r\n"))
    for query in (b"after=%s&before=%s&every=%s&write=%s" % ((word,) * 4), b"after=9999&every=1"):
        yield Wrong(request(line + b"?" + query, known))


def wrong_methods(path: bytes, known: bytes, word: bytes) -> Iterator[Wrong]:
    """Yield requests with methods that are not served, and for paths that do not exist."""
    for method in (b"PUT", b"DELETE", b"GET", b"POST", word):
        yield Wrong(request(method + b" " + path + b"/" + word, known))
        yield Wrong(request(method + b" " + path, known + b"X-Asked: " + word + b"\r\n", b""))
    yield Wrong(request(b"GET http://" + word + path, known))
    yield Wrong(request(b"GET " + path + b"%00%ff" + word, known))


def wrong_heads(line: bytes, known: bytes, word: bytes) -> Iterator[Wrong]:
    """Yield requests with invalid cookies and invalid heads."""
    for cookie in (word, b"A" * 43, b'"' + word, b"\xff" + word, word * 200, b"=;;=" + word):
        yield Wrong(request(line, b"Cookie: __Host-s=" + cookie + b"\r\n"))
    for field in (
        word,
        b" " + word,
        b"X-" + word + b": \x00",
        b"X-Long: " + word * 4_000,
        b"Host: " + word + b" " + word,
        b"Content-Length: " + word,
        b"Transfer-Encoding: " + word,
        b"Upgrade: " + word,
    ):
        yield Wrong(request(line, known + field + b"\r\n"))
    yield Wrong(request(line, known).replace(b"HTTP/1.1", b"HTTP/" + word))
    yield Wrong(line + b"?" + word + b" HTTP/1.1\r\nX-Cut: " + word, is_whole=False)


def wrong_bodies(line: bytes, known: bytes, word: bytes) -> Iterator[Wrong]:
    """Yield forms that are foreign, too long, invalid or incomplete."""
    fields, form = known + FORM, b"&".join(name.encode() + b"=" + word for name in FIELDS)
    for body in (
        b"token=" + word + b"&" + form,
        b"text=" + word * 400,
        b"\xff%zz;&&==" + word,
        b"&".join([form] * 9),
    ):
        yield Wrong(request(line, fields, body))
    elsewhere = b"Sec-Fetch-Site: cross-site\r\nOrigin: http://" + word + b"\r\n"
    yield Wrong(request(line, fields + elsewhere, form))
    parts = b"Content-Type: multipart/form-data; boundary=" + word + b"\r\n"
    yield Wrong(request(line, known + parts, b"--" + word + b"\r\n\r\n" + form))
    yield Wrong(request(line, fields, b"text=" + word, length=MAX_RAW_BODY_BYTES + 1))
    chunked = fields + b"Transfer-Encoding: chunked\r\n"
    yield Wrong(request(line, chunked) + b"zz" + word + b"\r\n")
    yield Wrong(request(line, fields, b"text=" + word, length=1_000), is_whole=False)


async def misuse_forms(visitor: TextBrowser, chat: str, word: str) -> list[int]:
    """Fill every form of a member's pages with wrong values; return the statuses."""
    statuses = []
    own = [f"{chat}{page}" for page in ("", "/composer", "/plain", "/people", "/wrong")]
    for page in ("/", "/pair", "/rooms", "/rooms/new", "/mine", *own):
        for form in (await visitor.get(page)).page.forms:
            if not form.action.endswith(LAST):
                fields = {**form.fields, **dict.fromkeys(FIELDS, word * 100)}
                statuses.append((await visitor.post(form.action, fields)).status)
    return statuses


async def misuse_talk(pair: ChatPair[Browser], word: str) -> list[int]:
    """Write too fast, with a used form, and to a partner who has left; return the statuses."""
    first, statuses = pair.first, []
    form = (await first.browser.get(f"{first.path}/composer")).page.form("/messages")
    for number in range(3):
        reply = await first.browser.post(form.action, {**form.fields, "text": f"{word} {number}"})
        statuses.append(reply.status)
    statuses += [(await first.send(f"{word} too fast {number}")).status for number in range(6)]
    await pair.second.press("leave")
    return [*statuses, (await first.send(f"{word} too late")).status]
