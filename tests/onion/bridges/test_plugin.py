"""A ClientTransportPlugin line is parsed; one that would look up a name is refused."""

from __future__ import annotations

import pytest

from onion.bridges.plugin import Plugin, parse_plugin


def test_program_and_its_arguments_are_parsed() -> None:
    plugin = parse_plugin("obfs4,meek_lite exec /usr/bin/x -a b")
    assert plugin == Plugin(("obfs4", "meek_lite"), ("/usr/bin/x", "-a", "b"))
    assert parse_plugin(plugin.value) == plugin


@pytest.mark.parametrize("port", ["socks5 127.0.0.1:9", "socks4 127.0.0.1:9", "socks5 [::1]:9"])
def test_port_of_a_running_program_needs_no_start(port: str) -> None:
    assert parse_plugin(f"obfs4 {port}") == Plugin(("obfs4",))


@pytest.mark.parametrize("value", ["obfs4 socks5 localhost:9", "obfs4 socks5 proxy.example:9"])
def test_name_of_a_host_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="would look up beside the bridge"):
        parse_plugin(value)


@pytest.mark.parametrize(
    "value",
    ["obfs4", "obfs4 exec", "obfs4 /usr/bin/x", "obfs4 socks5", "obfs4 socks5 127.0.0.1:x",
     "obfs4 socks5 127.0.0.1:9 more"],
)  # fmt: skip
def test_half_a_line_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match="is neither NAME exec PROGRAM"):
        parse_plugin(value)
