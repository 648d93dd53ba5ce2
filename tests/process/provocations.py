"""Invalid requests of every kind, for every route of the application."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
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

ENDING_FORMS = ("/leave", "/next", "/never", "/panic")
"""Suffixes of the forms that end the conversation."""


@dataclass(frozen=True, slots=True)
class InvalidRequest:
    """One request that is wrong in some way."""

    raw: bytes
    is_whole: bool = True
    """False if the visitor disconnects in the middle of the request."""


def routes() -> list[tuple[str, str]]:
    """Return the method and path of each route, in the notation of the URL map."""
    rules = make_server().app.url_map.iter_rules()
    return sorted((method, rule.rule) for rule in rules for method in rule.methods or ())


def fill_path(path: str, word: str) -> str:
    """Return a path of the URL map, with `word` for each of its variables."""
    while "<" in path:
        before, _, rest = path.partition("<")
        path = before + word + rest.partition(">")[2]
    return path


def send(server: ServerProcess, needles: Needles, invalid: InvalidRequest) -> int | None:
    """Send a request on a new circuit; return the status of its answer, if any."""
    first = b""
    # A head that is too long is refused, and its connection closed, before all of it is sent.
    with server.open_connection() as raw, suppress(BrokenPipeError, ConnectionResetError):
        raw.sendall(needles.circuit() + invalid.raw)
        first = raw.recv(2**16) if invalid.is_whole else b""
    return int(first.split(maxsplit=2)[1]) if first else None


def invalid_requests(
    method: str, path: str, pair: ChatPair[Browser], word: str
) -> Iterator[InvalidRequest]:
    """Yield requests of one route that are wrong in every way.

    Args:
        method: of the route.
        path: of the route, in the notation of the URL map.
        pair: the first member sends the requests; the second member's chat id is foreign to them.
        word: sent wherever a request can carry a word.
    """
    own, foreign = (talker.path.rpartition("/")[2] for talker in (pair.first, pair.second))
    known = f"Cookie: {pair.first.browser.cookie}\r\n".encode()
    paths = [fill_path(path, part).encode() for part in (own, foreign, word)]
    lines = [method.encode() + b" " + path for path in paths]
    for line in lines:
        yield from invalid_queries(line, known, word.encode())
    yield from invalid_methods(paths[0], known, word.encode())
    yield from invalid_heads(lines[0], known, word.encode())
    if method == "POST":
        yield from invalid_bodies(lines[0], known, word.encode())


def request(line: bytes, fields: bytes, body: bytes = b"", length: int | None = None) -> bytes:
    """Return a request as bytes; its `Content-Length` is correct unless `length` is given."""
    announced = len(body) if length is None else length
    counted = b"Content-Length: %d\r\n" % announced if announced else b""
    always = b" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n"
    return line + always + fields + counted + b"\r\n" + body


def invalid_queries(line: bytes, known: bytes, word: bytes) -> Iterator[InvalidRequest]:
    """Yield a request without a session, and requests with invalid cursors."""
    yield InvalidRequest(request(line + b"?lang=" + word, b"User-Agent: " + word + b"\r\n"))
    for query in (b"after=%s&before=%s&every=%s&write=%s" % ((word,) * 4), b"after=9999&every=1"):
        yield InvalidRequest(request(line + b"?" + query, known))


def invalid_methods(path: bytes, known: bytes, word: bytes) -> Iterator[InvalidRequest]:
    """Yield requests with methods that are not served, and for paths that do not exist."""
    for method in (b"PUT", b"DELETE", b"GET", b"POST", word):
        yield InvalidRequest(request(method + b" " + path + b"/" + word, known))
        fields = known + b"X-Asked: " + word + b"\r\n"
        yield InvalidRequest(request(method + b" " + path, fields, b""))
    yield InvalidRequest(request(b"GET http://" + word + path, known))
    yield InvalidRequest(request(b"GET " + path + b"%00%ff" + word, known))


def invalid_heads(line: bytes, known: bytes, word: bytes) -> Iterator[InvalidRequest]:
    """Yield requests with invalid cookies and invalid heads."""
    for cookie in (word, b"A" * 43, b'"' + word, b"\xff" + word, word * 200, b"=;;=" + word):
        yield InvalidRequest(request(line, b"Cookie: __Host-s=" + cookie + b"\r\n"))
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
        yield InvalidRequest(request(line, known + field + b"\r\n"))
    yield InvalidRequest(request(line, known).replace(b"HTTP/1.1", b"HTTP/" + word))
    yield InvalidRequest(line + b"?" + word + b" HTTP/1.1\r\nX-Cut: " + word, is_whole=False)


def invalid_bodies(line: bytes, known: bytes, word: bytes) -> Iterator[InvalidRequest]:
    """Yield requests with forms that are foreign, too long, invalid or incomplete."""
    fields, form = known + FORM, b"&".join(name.encode() + b"=" + word for name in FIELDS)
    for body in (
        b"token=" + word + b"&" + form,
        b"text=" + word * 400,
        b"\xff%zz;&&==" + word,
        b"&".join([form] * 9),
    ):
        yield InvalidRequest(request(line, fields, body))
    elsewhere = b"Sec-Fetch-Site: cross-site\r\nOrigin: http://" + word + b"\r\n"
    yield InvalidRequest(request(line, fields + elsewhere, form))
    parts = b"Content-Type: multipart/form-data; boundary=" + word + b"\r\n"
    yield InvalidRequest(request(line, known + parts, b"--" + word + b"\r\n\r\n" + form))
    yield InvalidRequest(request(line, fields, b"text=" + word, length=MAX_RAW_BODY_BYTES + 1))
    chunked = fields + b"Transfer-Encoding: chunked\r\n"
    yield InvalidRequest(request(line, chunked) + b"zz" + word + b"\r\n")
    yield InvalidRequest(request(line, fields, b"text=" + word, length=1_000), is_whole=False)


async def misuse_forms(visitor: TextBrowser, chat: str, word: str) -> list[int]:
    """Submit every form of a member's pages with invalid values; return the statuses."""
    statuses = []
    own = [f"{chat}{page}" for page in ("", "/composer", "/plain", "/people", "/wrong")]
    for page in ("/", "/pair", "/rooms", "/rooms/new", "/mine", *own):
        for form in (await visitor.get(page)).page.forms:
            if not form.action.endswith(ENDING_FORMS):
                fields = {**form.fields, **dict.fromkeys(FIELDS, word * 100)}
                statuses.append((await visitor.post(form.action, fields)).status)
    return statuses


async def misuse_talk(pair: ChatPair[Browser], word: str) -> list[int]:
    """Post too fast, with a used form, and to a member who has left; return the statuses."""
    first, statuses = pair.first, []
    form = (await first.browser.get(f"{first.path}/composer")).page.form("/messages")
    for number in range(3):
        reply = await first.browser.post(form.action, {**form.fields, "text": f"{word} {number}"})
        statuses.append(reply.status)
    statuses += [(await first.send(f"{word} too fast {number}")).status for number in range(6)]
    # The partner has sent nothing: the pace is checked before anybody is told of the end.
    await first.press("leave")
    return [*statuses, (await pair.second.send(f"{word} too late")).status]
