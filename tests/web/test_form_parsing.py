"""A form body is parsed as browsers write it; any other bytes give some fields or none."""

from __future__ import annotations

from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from server.web.edge.forms import MAX_FIELDS, parse_pairs

pairs = st.lists(st.tuples(st.text(min_size=1), st.text()), max_size=9)


@given(pairs)
def test_form_of_a_browser_is_parsed_as_it_was_filled_in(fields: list[tuple[str, str]]) -> None:
    fields = [(name.replace("\ud800", ""), value) for name, value in fields]
    body = urlencode(fields, errors="replace").encode()
    assert parse_pairs(body) == parse_qsl(body.decode(), keep_blank_values=True)


@pytest.mark.parametrize(
    ("body", "parsed"),
    [
        (b"", []),
        (b"&&a=b&", [("a", "b")]),
        (b"a", [("a", "")]),
        (b"a=b=c+d", [("a", "b=c d")]),
        (b"=b", [("", "b")]),
        (b"%61=%C3%a9%", [("a", "\u00e9%")]),
        (b"a=%4&b=%zz%2541", [("a", "%4"), ("b", "%zz%41")]),
        (b"a=\xc3%A9\xff", [("a", "\u00e9\ufffd")]),
        (b"a=%2B%26%3D%00", [("a", "+&=\x00")]),
        (b"a=b\r\n", [("a", "b\r\n")]),
    ],
    ids=repr,
)
def test_odd_body_is_parsed_by_the_rule(body: bytes, parsed: list[tuple[str, str]]) -> None:
    assert parse_pairs(body) == parsed


@pytest.mark.checklist(38)
def test_body_with_too_many_fields_has_none() -> None:
    assert len(parse_pairs(b"&".join([b"a=b"] * MAX_FIELDS))) == MAX_FIELDS
    assert parse_pairs(b"&".join([b"a=b"] * (MAX_FIELDS + 1))) == []


@pytest.mark.checklist(38)
@given(st.binary(max_size=200))
def test_any_bytes_are_parsed(body: bytes) -> None:
    for name, value in parse_pairs(body):
        assert len((name + value).encode()) <= 3 * len(body)
