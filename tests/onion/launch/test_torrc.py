"""Options become a torrc that tor parses correctly, whatever characters a value contains."""

from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onion.launch.torrc import owned_options, render_setconf, render_torrc, service_options


def test_options_are_rendered_in_order_and_may_repeat() -> None:
    options = [("DirAuthority", "a orport=1"), ("SocksPort", "0"), ("DirAuthority", "b orport=2")]
    assert (
        render_torrc(options) == "DirAuthority a orport=1\nSocksPort 0\nDirAuthority b orport=2\n"
    )


def test_value_that_tor_would_misread_is_quoted() -> None:
    assert render_torrc([("DataDirectory", '/a#b "c" \\')]) == (
        'DataDirectory "/a#b \\"c\\" \\\\"\n'
    )


def test_command_quotes_every_value_and_writes_other_letters_in_octal() -> None:
    options = [("HiddenServiceDir", '/a "b" \\é'), ("HiddenServicePort", "80 unix:/s")]
    assert render_setconf(options) == (
        'SETCONF HiddenServiceDir="/a \\"b\\" \\\\\\303\\251" HiddenServicePort="80 unix:/s"'
    )
    with pytest.raises(ValueError, match="control"):
        render_setconf([("HiddenServiceDir", "/a\r\nSETCONF Log")])


@given(st.text(st.sampled_from('ab1 #"\\\n\r\t\v\f\0\x85\u2028é')))
def test_value_never_starts_a_second_line(value: str) -> None:
    try:
        rendered = render_torrc([("ContactInfo", value)])
    except ValueError:
        assert not value.isprintable()
    else:
        assert len(rendered.splitlines()) == 1


@pytest.mark.parametrize("name", ["", "Socks Port", "SocksPort\nFoo", "#", "%include", "___x", "1"])
def test_invalid_option_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="name"):
        render_torrc([(name, "1")])


def test_service_tor_opens_only_a_control_socket() -> None:
    options = [*owned_options(PurePosixPath("/run/x"), 42), *service_options()]
    assert ("SocksPort", "0") in options
    assert ("ORPort", "0") in options
    assert ("__OwningControllerProcess", "42") in options
    assert not [name for name, _ in options if name in ("ControlPort", "HashedControlPassword")]


def test_no_option_weakens_the_anonymity_of_the_service() -> None:
    names = {name for name, _ in service_options()}
    assert not names & {
        "HiddenServiceSingleHopMode", "HiddenServiceNonAnonymousMode", "VanguardsLiteEnabled",
        "UseEntryGuards", "Tor2webMode",
    }  # fmt: skip


def test_socks_port_for_our_own_visits_is_a_private_socket_for_onions_only() -> None:
    folder = PurePosixPath("/run/a b")
    options = service_options(folder)
    assert dict(options)["SocksPort"] == 'unix:"/run/a b/socks" OnionTrafficOnly'
    assert [name for name, _ in options] == [name for name, _ in service_options()]
    assert "WorldWritable" not in render_torrc(options)
