"""The circuit is read from the line that tor writes, and from nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.http.proxy_protocol import circuit_id_in

from .listening import GET, answer, listening, proxy_line

LINE = b"PROXY TCP6 fc00:dead:beef:4dad::0:46 ::1 70 80"


@pytest.mark.parametrize(
    ("line", "circuit_id"),
    [
        (LINE, b"0:46"),
        (b"PROXY TCP6 fc00:dead:beef:4dad::ffff:ffff ::1 65535 80", b"ffff:ffff"),
        (b"PROXY TCP6 fc00:dead:beef:4dad::0:0 ::1 1 80", None),
        (b"", None),
        (b"PROXY UNKNOWN", None),
        (b"PROXY TCP4 127.0.0.1 127.0.0.1 70 80", None),
        (b"PROXY TCP6 fc00:dead:beef:4dae::0:46 ::1 70 80", None),
        (b"PROXY TCP6 fc00:dead:beef:4dad::46 ::1 70 80", None),
        (b"PROXY TCP6 fc00:dead:beef:4dad::0:12345 ::1 70 80", None),
        (b"PROXY TCP6 fc00:dead:beef:4dad::0:4g ::1 70 80", None),
        (b"PROXY TCP6 fc00:dead:beef:4dad::0:46 ::2 70 80", None),
        (LINE + b" ", None),
        (b" " + LINE, None),
        (LINE + b"\n", None),
    ],
)
def test_number_of_the_circuit_is_read_from_a_line_of_tor(
    line: bytes, circuit_id: bytes | None
) -> None:
    assert circuit_id_in(line) == circuit_id


async def test_connections_of_one_circuit_have_one_key_and_others_another(tmp_path: Path) -> None:
    async with listening(tmp_path) as served:
        keys = [await served.ask(proxy_line(circuit) + GET) for circuit in ("0:1", "0:1", "0:2")]
        assert keys[0] == keys[1] != keys[2]
        assert None not in keys
        assert all(key is not None and len(key) == 16 for key in keys)


async def test_line_may_come_in_pieces_and_long_before_the_request(tmp_path: Path) -> None:
    async with listening(tmp_path) as served:
        line = proxy_line("0:1")
        key = await served.ask(line + GET)
        assert await served.ask(line[:3], line[3:40], line[40:], GET) == key
        assert await served.ask(*(bytes([byte]) for byte in line + GET)) == key


async def test_no_line_is_believed_without_trust(tmp_path: Path) -> None:
    async with listening(tmp_path, trusts=False) as served:
        assert await served.ask(proxy_line("0:1") + GET) is None
        assert await served.ask(GET) is None


@pytest.mark.parametrize(
    "line", [b"", b"PROXY UNKNOWN\r\n", b"PROXY TCP6 a b 1 2\r\n", proxy_line("0:0")]
)
async def test_missing_or_malformed_line_names_no_circuit(tmp_path: Path, line: bytes) -> None:
    async with listening(tmp_path) as served:
        assert await served.ask(line + GET) is None


async def test_visitor_cannot_name_another_circuit_by_a_line_of_their_own(tmp_path: Path) -> None:
    async with listening(tmp_path) as served:
        victim = await served.ask(proxy_line("0:1") + GET)
        reader = await served.connect(proxy_line("0:2"), proxy_line("0:1"), GET)
        assert await answer(reader) == 400
        assert served.seen == [victim]
        # Nor by one between two requests.
        reader = await served.connect(proxy_line("0:2"), GET, proxy_line("0:1"), GET)
        assert [await answer(reader), await answer(reader)] == [200, 400]
        assert served.seen.count(victim) == 1
