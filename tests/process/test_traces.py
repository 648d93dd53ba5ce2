"""The search for traces finds data in every encoding and in every place."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from urllib.parse import quote

import pytest

from server.demo.text_browser import Reply

from .needles import CHUNK_BYTES, Needles
from .traces import Traces, journal_since

pytestmark = pytest.mark.checklist(23)

WORDS = "heron سلام/lamplight"

SPELLED = {
    "as it is": WORDS.encode(),
    "UTF-16": WORDS.encode("utf-16-le"),
    "percent": quote(WORDS).encode(),
    "percent, slash too": quote(WORDS, safe="").encode(),
    "every byte in percent": "".join(f"%{byte:02X}" for byte in WORDS.encode()).encode(),
    "hex": WORDS.encode().hex().encode(),
    "HEX": WORDS.encode().hex().upper().encode(),
    "hex dump": WORDS.encode().hex(" ").encode(),
    "JSON": json.dumps({"text": WORDS}).encode(),
    "repr": repr(WORDS.encode()).encode(),
    "base64": base64.b64encode(WORDS.encode()),
    "base64, one before": base64.b64encode(b"=" + WORDS.encode() + b"&"),
    "base64, two before": base64.b64encode(b"a=" + WORDS.encode() + b"&b=c"),
    "base64 of URLs": base64.urlsafe_b64encode(b"a=?" + WORDS.encode() + b"??>"),
}


@pytest.mark.parametrize("spelling", SPELLED)
def test_every_encoding_is_found(spelling: str) -> None:
    needles = Needles()
    needles.add("word", WORDS)
    needles.mark("other")
    assert needles.found_in(b"x" * 99 + SPELLED[spelling] + b"x" * 99) == {"word"}


@pytest.mark.parametrize("before", [0, CHUNK_BYTES - 9, CHUNK_BYTES, 2 * CHUNK_BYTES - 1])
def test_needle_across_two_chunks_is_found(before: int) -> None:
    needles = Needles()
    assert needles.found_in(b"." * before + needles.mark("word").encode()) == {"word"}


def test_missing_needle_is_not_found() -> None:
    needles = Needles()
    word = needles.mark("word")
    assert needles.found_in(b"") == needles.found_in(word[:-1].encode()) == set()


def test_short_needle_is_rejected() -> None:
    with pytest.raises(ValueError, match="3 characters"):
        Needles().add("word", "fog")


def test_answer_yields_cookie_id_token_names_and_codes() -> None:
    needles, head = Needles(), {"set-cookie": f"__Host-s={'A' * 43}; Path=/", "location": "/wait"}
    body = (
        "<p>You are <bdi>Amber Otter</bdi>, in <bdi>The common room</bdi>."
        "<form action=/chat/abcdefghijkl/mute><input type=hidden name=token value=abcdefghijklmn>"
        "<p><output id=invitation dir=ltr>dewdrop-abacus-zoom-yodel<br>0123-4567-8901-2345</output>"
    )
    needles.learn(Reply("/", 200, head, body.encode()))
    given = {"cookie", "chat id", "token", "name", "code in words", "code in digits"}
    assert needles.counts() == {**dict.fromkeys(given, 1), "cookie": 2}, "as text and as bytes"
    assert needles.found_in(b"secret: " + bytes(32).hex().encode()) == {"cookie"}


def test_new_files_their_names_and_grown_logs_are_searched(tmp_path: Path) -> None:
    folder, logs, needles = tmp_path / "folder", tmp_path / "logs", Needles()
    for path in (folder, logs):
        path.mkdir()
    (logs / "syslog").write_text(needles.mark("before"))
    traces = Traces(folder, logs=[logs])
    assert traces.found(needles) == {}
    with (logs / "syslog").open("a") as log:
        log.write(needles.mark("line"))
    (folder / "below").mkdir()
    named = folder / "below" / needles.mark("file")
    named.touch()
    assert traces.found(needles) == {str(logs / "syslog"): {"line"}, str(named): {"file"}}


def test_rewritten_files_and_logs_are_read_from_the_start(tmp_path: Path) -> None:
    folder, logs, needles = tmp_path / "folder", tmp_path / "logs", Needles()
    for path in (folder, logs):
        path.mkdir()
        (path / "file").write_text("long" * 99)
    traces = Traces(folder, logs=[logs])
    (folder / "file").write_text(needles.mark("word") + "long" * 99)
    (logs / "file").write_text(needles.mark("line"))
    found = traces.found(needles, err=needles.mark("error"))
    assert found == {str(folder / "file"): {"word"}, str(logs / "file"): {"line"}, "err": {"error"}}


def test_journal_is_searched_if_there_is_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "journalctl"
    program.write_text('#!/bin/sh\necho "MESSAGE=got $*"\n')
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=":")
    assert b"MESSAGE=got" in journal_since(5)
    assert b"--since=@5" in journal_since(5)
    monkeypatch.setenv("PATH", str(tmp_path / "nowhere"))
    assert journal_since(5) == b""
