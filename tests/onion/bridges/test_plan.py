"""Bridges and torrc lines are combined so that tor never goes around a bridge."""

from __future__ import annotations

from pathlib import Path

import pytest

from onion.bridges import plan
from onion.bridges.line import parse_bridge
from onion.bridges.plan import ADDED, NO_SANDBOX, BridgedLines, with_bridges
from onion.bridges.plugin import Plugin
from onion.errors import BridgesUnusableError
from onion.launch.torrc import Option, bridges_of
from onion.launch.user_torrc import read_user_torrc
from onion.tor import Tor

from .test_line import CERT, FINGERPRINT, OBFS4, PLAIN, SNOWFLAKE

pytestmark = pytest.mark.checklist(34, 51)

FOUND = Plugin(("obfs4",), ("/usr/bin/obfs4proxy",))
USE = ("UseBridges", "1")


@pytest.fixture(autouse=True)
def checked(monkeypatch: pytest.MonkeyPatch) -> list[Plugin]:
    """Find a program for each transport without starting it; return those that were checked."""
    plugins: list[Plugin] = []

    async def find(transport: str) -> Plugin:
        return Plugin((transport,), (f"/usr/bin/{transport}-client",))

    async def check(plugin: Plugin) -> None:
        plugins.append(plugin)

    monkeypatch.setattr(plan, "find_plugin", find)
    monkeypatch.setattr(plan, "check_plugin", check)
    return plugins


async def combine(*lines: Option, bridges: tuple[str, ...] = ()) -> BridgedLines:
    return await with_bridges([parse_bridge(line) for line in bridges], lines)


async def refuse(*lines: Option, bridges: tuple[str, ...] = ()) -> str:
    with pytest.raises(BridgesUnusableError) as refused:
        await combine(*lines, bridges=bridges)
    assert refused.value.hint
    return str(refused.value)


async def test_configured_bridge_is_used_without_another_word() -> None:
    found = await combine(
        ("NumCPUs", "1"), bridges=(OBFS4, f"Bridge {PLAIN}".replace(".1:", ".2:"))
    )
    assert found.options == (
        USE,
        ("Bridge", OBFS4),
        ("Bridge", PLAIN.replace(".1:", ".2:")),
        ("ClientTransportPlugin", "obfs4 exec /usr/bin/obfs4-client"),
        ("NumCPUs", "1"),
    )
    assert (found.notes, found.transports, found.has_bridges) == ((), ("obfs4",), True)


@pytest.mark.parametrize("name", ["Bridge", "bridge", "BRIDGE"])
async def test_bridge_line_without_its_use_gets_it_and_a_note(name: str) -> None:
    found = await combine((name, PLAIN))
    assert found.options == (USE, ("Bridge", PLAIN))
    assert found.notes == (ADDED,)


@pytest.mark.parametrize("name", ["UseBridges", "usebridges"])
async def test_use_that_is_written_needs_no_note(name: str) -> None:
    found = await combine(("Bridge", PLAIN), (name, "1"))
    assert (found.options, found.notes) == ((USE, ("Bridge", PLAIN)), ())


@pytest.mark.parametrize("uses", [["0"], ["1", "0"], ["0", "1"]])
async def test_use_that_is_switched_off_beside_a_bridge_is_refused(uses: list[str]) -> None:
    lines = [("UseBridges", value) for value in uses]
    assert "tor would go around the bridge" in await refuse(("Bridge", PLAIN), *lines)
    assert "tor would go around the bridge" in await refuse(*lines, bridges=(OBFS4,))


async def test_use_without_any_bridge_is_refused() -> None:
    assert "without any bridge" in await refuse(USE)


async def test_lines_without_bridges_are_not_changed() -> None:
    lines = (("UseBridges", "0"), ("Sandbox", "1"), ("EntryNodes", "a"))
    assert (await combine(*lines)).options == lines[1:]
    assert await combine() == BridgedLines(())


@pytest.mark.parametrize(
    "line",
    [("UpdateBridgesFromAuthority", "1"), ("EntryNodes", "{de}"), ("NoExec", "1"),
     ("Socks5Proxy", "proxy.example:1080"), ("HTTPSProxy", "proxy"), ("TCPProxy", "haproxy p:1")],
)  # fmt: skip
async def test_option_that_would_go_around_is_refused(line: Option) -> None:
    reason = await refuse(line, bridges=(OBFS4,))
    assert f": {line[0]} does not go together with bridges: " in reason
    assert (await combine(line)).options == (line,), "without bridges it is the operator's choice"


@pytest.mark.parametrize(
    "line",
    [("UpdateBridgesFromAuthority", "0"), ("noexec", "0"), ("Socks5Proxy", "127.0.0.1:1080"),
     ("HTTPSProxy", "[::1]:8080"), ("ExcludeNodes", "{de}")],
)  # fmt: skip
async def test_harmless_option_is_kept(line: Option) -> None:
    assert line in (await combine(line, bridges=(OBFS4,))).options


@pytest.mark.parametrize("name", ["Sandbox", "sandbox"])
async def test_sandbox_is_left_out_only_if_a_program_has_to_be_started(name: str) -> None:
    found = await combine((name, "1"), bridges=(OBFS4,))
    assert found.notes == (NO_SANDBOX,)
    assert name not in dict(found.options)
    assert (name, "1") in (await combine((name, "1"), bridges=(PLAIN,))).options
    assert (await combine((name, "0"), bridges=(OBFS4,))).notes == ()


async def test_plugin_of_the_operator_is_checked_and_kept(checked: list[Plugin]) -> None:
    own = ("ClientTransportPlugin", "obfs4,webtunnel exec /opt/x -a")
    found = await combine(own, bridges=(OBFS4, SNOWFLAKE))
    plugins = [value for name, value in found.options if name == "ClientTransportPlugin"]
    assert plugins == ["snowflake exec /usr/bin/snowflake-client", own[1]]
    assert checked == [Plugin(("obfs4",), ("/opt/x", "-a"))], "webtunnel is not needed"


async def test_same_bridge_twice_is_one() -> None:
    assert (await combine(("Bridge", OBFS4), bridges=(OBFS4,))).options.count(
        ("Bridge", OBFS4)
    ) == 1


async def test_two_bridges_with_one_address_are_refused() -> None:
    other = OBFS4.replace(CERT, "B" * 69 + "A")
    assert "the same address" in await refuse(bridges=(OBFS4, other))


async def test_damaged_line_is_refused_here_too() -> None:
    assert "a line with Bridge has no cert=" in await refuse(
        ("Bridge", f"obfs4 192.0.2.1:1 {FINGERPRINT}")
    )


@pytest.mark.parametrize("lines", [[("Bridge", PLAIN)], [("bridge", PLAIN), ("UseBridges", "0")]])
def test_tor_is_never_launched_around_a_bridge(lines: list[Option], tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="tor would go around it"):
        Tor(Path("/usr/bin/tor"), tmp_path, lines)
    assert bridges_of([*lines[:1], USE]) == [PLAIN]
    assert not bridges_of([USE])


FILE = f"""\N{BYTE ORDER MARK}# mine\r
\r
  bridge   {OBFS4}   # from a friend\r
BRIDGE "{PLAIN.replace(".1:", ".2:")}"\r
numcpus 1\r
"""


async def test_file_of_a_careless_operator_is_used_safely(tmp_path: Path) -> None:
    file = tmp_path / "torrc"
    file.write_bytes(FILE.encode())
    found = await combine(*read_user_torrc(file))
    assert found.options[:2] == (USE, ("Bridge", OBFS4))
    assert found.notes == (ADDED,)
    assert len(bridges_of(found.options)) == 2
