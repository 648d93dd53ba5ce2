"""An operator's torrc lines are parsed as tor parses them, and unsafe options are refused."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from onion.errors import UserTorrcError
from onion.launch.program import find_tor
from onion.launch.torrc import Option, render_torrc
from onion.launch.user_torrc import MAX_BYTES, read_user_torrc
from tests.onion.bridges.test_line import OBFS4

BRIDGE = OBFS4


def write_torrc(folder: Path, text: str | bytes) -> Path:
    path = folder / "own.torrc"
    path.write_bytes(text.encode() if isinstance(text, str) else text)
    return path


def refused_file(folder: Path, text: str | bytes) -> UserTorrcError:
    with pytest.raises(UserTorrcError) as refused:
        read_user_torrc(write_torrc(folder, text))
    assert refused.value.hint
    return refused.value


def test_options_are_read_in_order_without_comments(tmp_path: Path) -> None:
    text = f"# my bridges\n\nUseBridges 1\n  Bridge {BRIDGE}  \nbridge\t192.0.2.8:443\n#Bridge x"
    assert read_user_torrc(write_torrc(tmp_path, text)) == [
        ("UseBridges", "1"),
        ("Bridge", BRIDGE),
        ("bridge", "192.0.2.8:443"),
    ]


@pytest.mark.parametrize("text", ["", "\n\n", "# nothing"])
def test_file_without_options_gives_no_options(tmp_path: Path, text: str) -> None:
    assert read_user_torrc(write_torrc(tmp_path, text)) == []


def test_file_with_windows_line_ends_and_a_bom_is_read(tmp_path: Path) -> None:
    text = b"\xef\xbb\xbfUseBridges 1\r\nBridge 192.0.2.8:443\r\n"
    assert read_user_torrc(write_torrc(tmp_path, text)) == [
        ("UseBridges", "1"),
        ("Bridge", "192.0.2.8:443"),
    ]


@pytest.mark.parametrize(
    ("line", "value"),
    [
        ("Nickname a # mine", "a"),
        ("Nickname a#mine", "a"),
        ("Nickname a # mine \\", "a"),
        ('Nickname "a # b"', "a # b"),
        ('Nickname "a" # mine', "a"),
        ('Nickname "a" "quoted"', None),
        (r'Nickname "a \"b\" \\c"', r'a "b" \c'),
        ('Nickname a "b"', 'a "b"'),
        (r"Nickname a\b", r"a\b"),
        ('Nickname"a"', None),
    ],
)
def test_quotes_and_comments_are_parsed(tmp_path: Path, line: str, value: str | None) -> None:
    if value is None:
        refused_file(tmp_path, line)
    else:
        assert read_user_torrc(write_torrc(tmp_path, line)) == [("Nickname", value)]


@pytest.mark.parametrize(
    "name",
    ["UseBridges", "Socks5Proxy", "HTTPSProxy", "TCPProxy",
     "ReachableAddresses", "FascistFirewall", "DirAuthority", "TestingTorNetwork", "Address",
     "ConnectionPadding", "EntryNodes", "ClientUseIPv6", "NumCPUs", "Sandbox"],
)  # fmt: skip
def test_option_that_an_operator_may_need_is_accepted(tmp_path: Path, name: str) -> None:
    assert read_user_torrc(write_torrc(tmp_path, f"{name} 1")) == [(name, "1")]


@pytest.mark.parametrize(
    "name",
    ["SocksPort", "socksport", "ORPort", "ControlPort", "ControlSocket", "HiddenServiceDir",
     "HiddenServiceNonAnonymousMode", "HiddenServiceSingleHopMode", "HashedControlPassword",
     "CookieAuthentication", "CookieAuthFile", "DataDirectory", "Log", "SafeLogging", "DNSPort",
     "TransPort", "HTTPTunnelPort", "MetricsPort", "RunAsDaemon", "VanguardsLiteEnabled",
     "UseEntryGuards", "ControlPortWriteToFile"],
)  # fmt: skip
def test_unsafe_option_is_refused(tmp_path: Path, name: str) -> None:
    refused = refused_file(tmp_path, f"UseBridges 1\n{name} 1\n")
    assert refused.line == 2
    assert str(refused) == f"line 2 of {tmp_path}/own.torrc sets {name}, which is not allowed"


@pytest.mark.checklist(51)
@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("Brid 192.0.2.1:1", "sets Brid: write Bridge"),
        ("UseBridge 1", "sets UseBridge: write UseBridges"),
        ("usebr 0", "sets usebr: write UseBridges"),
        ("Bridges 192.0.2.1:1", "sets Bridges: write Bridge"),
        ("Socks5Pro proxy.example:1", "sets Socks5Pro: write Socks5Proxy"),
        ("Sand 1", "sets Sand: write Sandbox"),
        ("UpdateBridges 1", "sets UpdateBridges: write UpdateBridgesFromAuthority"),
        ("ClientTransport obfs4 exec /x", "sets ClientTransport: write ClientTransportPlugin"),
        ("obfs4 192.0.2.1:1", "write the word Bridge in front"),
        ("UseBridges yes", "sets UseBridges to something else than 1"),
        ("UseBridges 1 Bridge 192.0.2.1:1", "sets UseBridges to something else than 1"),
        ("Bridge obfs4 192.0.2.1:1", "has no cert="),
        ("Bridge 192.0.2.1:1 UseBridges 1", "has a fingerprint that is not 40"),
        ("ClientTransportPlugin obfs4 /usr/bin/x", "is neither NAME exec PROGRAM"),
    ],
)
def test_line_that_leaves_a_bridge_unused_is_refused_at_its_place(
    tmp_path: Path, line: str, reason: str
) -> None:
    refused = refused_file(tmp_path, f"NumCPUs 1\r\n{line}\r\n")
    assert (refused.line, reason in refused.reason) == (2, True), refused.reason


@pytest.mark.parametrize("name", ["ControlPor", "controlp", "HiddenServiceD", "SocksP", "Lo"])
def test_abbreviation_of_a_refused_option_is_refused(tmp_path: Path, name: str) -> None:
    assert "which is not allowed" in str(refused_file(tmp_path, f"{name} 1"))


@pytest.mark.parametrize(
    "name",
    ["%include", "+Bridge", "/Bridge", "__SocksPort", "_x", "7up", "Brid\u0261e", "Bri-dge",
     "\u2028Bridge", "Bridge\x0bControlPort", "\\", '"Bridge"'],
)  # fmt: skip
def test_invalid_option_name_is_refused(tmp_path: Path, name: str) -> None:
    refused = refused_file(tmp_path, f"{name} 1")
    assert refused.reason == "does not begin with the name of a tor option"


@pytest.mark.parametrize("line", ["UseBridges", "UseBridges ", "UseBridges # 1", 'UseBridges ""'])
def test_name_without_a_value_is_refused(tmp_path: Path, line: str) -> None:
    assert refused_file(tmp_path, line).reason == "has a name and no value"


@pytest.mark.parametrize(
    "value", ["a\tb", "a\x00b", "a\rb", "a\x0bb", "a\u2028b", "a\x85b", '"\t"']
)
def test_control_character_in_a_value_is_refused(tmp_path: Path, value: str) -> None:
    assert "control character" in str(refused_file(tmp_path, f"Bridge {value}"))


def test_option_over_two_lines_is_refused(tmp_path: Path) -> None:
    assert "write it on one" in str(refused_file(tmp_path, "Bridge a \\\nControlPort 9051\n"))


@pytest.mark.parametrize("value", ['"a', '"a"b', '"\\x41"', '"a\\'])
def test_malformed_quotes_are_refused(tmp_path: Path, value: str) -> None:
    assert "quotes" in str(refused_file(tmp_path, f"Bridge {value}"))


def test_error_does_not_repeat_the_value(tmp_path: Path) -> None:
    refused = refused_file(tmp_path, "HashedControlPassword 16:SECRET")
    assert "SECRET" not in str(refused) + refused.hint


def test_missing_file_is_reported_without_a_line(tmp_path: Path) -> None:
    with pytest.raises(UserTorrcError) as refused:
        read_user_torrc(tmp_path / "none")
    expected = f"the file {tmp_path}/none cannot be read: no such file or directory"
    assert (str(refused.value), refused.value.line) == (expected, None)


def test_folder_instead_of_a_file_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserTorrcError, match="cannot be read: is a directory"):
        read_user_torrc(tmp_path)


def test_binary_file_is_reported_without_a_line(tmp_path: Path) -> None:
    assert str(refused_file(tmp_path, b"Bridge \xff")).endswith("own.torrc is not text in utf-8")


def test_endless_file_is_read_only_up_to_the_limit() -> None:
    with pytest.raises(UserTorrcError, match=f"longer than {MAX_BYTES // 1024} KiB"):
        read_user_torrc(Path("/dev/zero"))


@pytest.mark.tor
@pytest.mark.slow
def test_tor_parses_the_file_as_we_do(tmp_path: Path) -> None:
    text = (
        "# a comment\n"
        'Nickname   "mixed"# name\n'
        "ContactInfo some body #1\n"
        f"Bridge {BRIDGE} # mine\n"
        r'Socks5ProxyUsername "a \"b\" \\c # d"' + "\n"
        r"Socks5ProxyPassword back\slash" + "\n"
    )
    options = read_user_torrc(write_torrc(tmp_path, text))
    assert len(options) == 5
    options_in_tor = parsed_by_tor(write_torrc(tmp_path, text))
    assert options_in_tor == parsed_by_tor(write_torrc(tmp_path, render_torrc(options)))
    assert ("ContactInfo", "some body") in options_in_tor


def parsed_by_tor(torrc: Path) -> list[Option]:
    argv = [str(find_tor()), "--defaults-torrc", "/dev/null", "-f", str(torrc), "--quiet"]
    done = subprocess.run(
        [*argv, "--dump-config", "short"], capture_output=True, text=True, check=True
    )
    lines = [line.split(" ", 1) for line in done.stdout.splitlines()]
    return [(line[0], line[1]) for line in lines if not line[0].startswith("DataDirectory")]
