"""A bridge line is taken as it was given; half of one, or two in one, is refused with a reason."""

from __future__ import annotations

import pytest

from onion.bridges.line import MAX_CHARS, Bridge, parse_bridge

pytestmark = pytest.mark.checklist(34)

FINGERPRINT = "0123456789ABCDEF0123456789ABCDEF01234567"
CERT = "A" * 70
OBFS4 = f"obfs4 192.0.2.1:443 {FINGERPRINT} cert={CERT} iat-mode=0"
WEBTUNNEL = f"webtunnel [2001:db8::1]:443 {FINGERPRINT} url=https://example.org/path ver=0.0.1"
SNOWFLAKE = (
    f"snowflake 192.0.2.3:80 {FINGERPRINT} fingerprint={FINGERPRINT} url=https://example.org/"
    " fronts=example.org,example.net ice=stun:example.org:3478 utls-imitate=hellorandomizedalpn"
)
PLAIN = f"192.0.2.1:443 {FINGERPRINT}"
GROUPS = " ".join(FINGERPRINT[i : i + 4] for i in range(0, 40, 4))


@pytest.mark.parametrize(
    ("line", "transport", "address"),
    [
        (OBFS4, "obfs4", "192.0.2.1:443"),
        (WEBTUNNEL, "webtunnel", "[2001:db8::1]:443"),
        (SNOWFLAKE, "snowflake", "192.0.2.3:80"),
        (PLAIN, "", "192.0.2.1:443"),
        ("192.0.2.1:443", "", "192.0.2.1:443"),
        ("[2001:db8::1]:9001", "", "[2001:db8::1]:9001"),
        (f"new_one 192.0.2.1:1 {FINGERPRINT} a=b", "new_one", "192.0.2.1:1"),
    ],
)
def test_whole_line_is_taken_as_it_is(line: str, transport: str, address: str) -> None:
    assert parse_bridge(line) == Bridge(line, transport, address)


@pytest.mark.parametrize(
    "text",
    [f"Bridge {OBFS4}", f"bridge  {OBFS4}", f"  {OBFS4}\r\n", OBFS4.replace(" ", "\t"),
     OBFS4.replace(" ", "\N{NO-BREAK SPACE}"), OBFS4.replace("0123", "$0123", 1),
     OBFS4.replace("ABCDEF", "abcdef")],
)  # fmt: skip
def test_form_in_which_it_was_pasted_makes_no_difference(text: str) -> None:
    assert parse_bridge(text).value == OBFS4


def test_fingerprint_in_groups_is_joined() -> None:
    assert parse_bridge(f"192.0.2.1:443 {GROUPS}").value == PLAIN


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "is empty"),
        (" Bridge ", "is empty"),
        ("obfs4", "has no address"),
        ("obfs4 192.0.2.1", "has no ADDRESS:PORT"),
        (f"obfs4 {FINGERPRINT} cert={CERT} iat-mode=0", "has no ADDRESS:PORT"),
        (f"cert={CERT} iat-mode=0", "has no ADDRESS:PORT"),
        ("obfs4 192.0.2.1:0", "has a port"),
        ("obfs4 192.0.2.1:65536", "has a port"),
        ("obfs4 bridge.example.org:443", "not an IP address"),
        ("obfs4 192.0.2.300:443", "not an IP address"),
        ("obfs4 [192.0.2.1]:443", "not an IP address"),
        ("obfs4 [2001:db8::1:443", "has no ADDRESS:PORT"),
        (f"obfs4 192.0.2.1:443 {FINGERPRINT}", "has no cert=…: it was cut off"),
        ("obfs4 192.0.2.1:443", "has no cert=…"),
        (OBFS4.replace(CERT, CERT[:-1]), "has a cert= that is damaged"),
        (OBFS4.replace(CERT, CERT + "A"), "has a cert= that is damaged"),
        (OBFS4.replace(CERT, "!" * 70), "has a cert= that is damaged"),
        (OBFS4.removesuffix(" iat-mode=0"), "has no iat-mode="),
        (OBFS4.replace("iat-mode=0", "iat-mode=7"), "has no iat-mode="),
        (OBFS4.replace("iat-mode=0", "iat-mode="), "not NAME=VALUE"),
        (f"{OBFS4} iat-mode=0", "one twice"),
        (OBFS4.replace(FINGERPRINT, FINGERPRINT[:-1]), "40 hexadecimal digits"),
        (OBFS4.replace(FINGERPRINT, FINGERPRINT + "0"), "40 hexadecimal digits"),
        (PLAIN[:-1], "40 hexadecimal digits"),
        (f"{OBFS4} {OBFS4}", "is it two bridges"),
        (f"{OBFS4} Bridge {OBFS4}", "contains two bridges"),
        (f"{OBFS4}\n{OBFS4}", "is more than one line"),
        (f"obfs4 192.0.2.1:443 {GROUPS} cert={CERT} iat-mode=0", "is it two bridges"),
        (f"192.0.2.1:443 {FINGERPRINT} cert={CERT} iat-mode=0", "the word before the address"),
        (f'"{OBFS4}"', "contains a quotation mark"),
        (f"{OBFS4} # mine", "contains a quotation mark"),
        (OBFS4.replace("c", "\N{CYRILLIC SMALL LETTER ES}"), "contains a character that no"),
        (f"“{OBFS4}”", "contains a character that no bridge line has"),
        (WEBTUNNEL.replace("url=https:", "url=ftp:"), "has no url="),
        (f"webtunnel [2001:db8::1]:443 {FINGERPRINT}", "has no url="),
        ("a" * (MAX_CHARS + 1), "is longer than"),
    ],
)  # fmt: skip
def test_damaged_line_is_refused_with_what_is_wrong(line: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason) as refused:
        parse_bridge(line)
    assert "192.0.2" not in str(refused.value), "an error repeats nothing of a bridge"


def test_older_form_of_obfs4_is_taken() -> None:
    line = f"obfs4 192.0.2.1:443 {FINGERPRINT} node-id=aa public-key=bb iat-mode=0"
    assert parse_bridge(line).transport == "obfs4"
