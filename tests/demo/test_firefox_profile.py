"""The prepared profile uses its proxy for everything, runs no scripts and contacts nobody else."""

from __future__ import annotations

import shlex
import shutil
import stat
from pathlib import Path

import pytest

from server.demo.firefox_profile import (
    FirefoxMissingError,
    find_firefox,
    firefox_argv,
    preferences,
    render,
    shell_command,
    write_profile,
)

SOCKS = "127.0.0.1:9150"


def test_tcp_endpoint_becomes_host_and_port() -> None:
    prefs = preferences("127.0.0.1:9150")
    assert prefs["network.proxy.socks"] == "127.0.0.1"
    assert prefs["network.proxy.socks_port"] == 9150


def test_unix_endpoint_becomes_a_file_url() -> None:
    prefs = preferences("unix:/run/a folder/socks")
    assert prefs["network.proxy.socks"] == "file:///run/a%20folder/socks"
    assert prefs["network.proxy.socks_port"] == 0


@pytest.mark.parametrize(
    "endpoint", ["", "9150", ":9150", "127.0.0.1", "127.0.0.1:", "127.0.0.1:x", "unix:relative"]
)
def test_any_other_text_is_not_an_endpoint(endpoint: str) -> None:
    with pytest.raises(ValueError, match="not a SOCKS endpoint"):
        preferences(endpoint)


def test_every_name_and_every_host_goes_to_the_proxy() -> None:
    prefs = preferences(SOCKS)
    assert prefs["network.proxy.type"] == 1
    assert prefs["network.proxy.socks_version"] == 5
    assert prefs["network.proxy.socks5_remote_dns"] is True
    assert prefs["network.proxy.socks_remote_dns"] is True
    assert prefs["network.proxy.no_proxies_on"] == ""
    assert prefs["network.proxy.allow_hijacking_localhost"] is True
    assert prefs["network.proxy.failover_direct"] is False
    assert prefs["network.trr.mode"] == 5


def test_onion_is_opened_over_plain_http_and_counts_as_secure() -> None:
    prefs = preferences(SOCKS)
    assert prefs["network.dns.blockDotOnion"] is False
    assert prefs["dom.securecontext.allowlist_onions"] is True
    upgrades = {name: value for name, value in prefs.items() if "https_" in name}
    assert len(upgrades) >= 5
    assert not any(upgrades.values())


def test_what_safest_switches_off_is_off() -> None:
    prefs = preferences(SOCKS)
    assert not any(value for name, value in prefs.items() if name.startswith("javascript."))
    assert prefs["javascript.enabled"] is False
    assert prefs["svg.disabled"] is True
    assert prefs["mathml.disabled"] is True
    assert prefs["gfx.font_rendering.graphite.enabled"] is False
    assert prefs["gfx.font_rendering.opentype_svg.enabled"] is False


def test_profile_is_uniform_and_leaves_nothing_on_disk() -> None:
    prefs = preferences(SOCKS)
    assert prefs["privacy.resistFingerprinting"] is True
    assert prefs["privacy.resistFingerprinting.letterboxing"] is True
    assert prefs["privacy.firstparty.isolate"] is True
    assert prefs["browser.privatebrowsing.autostart"] is True
    assert prefs["browser.cache.disk.enable"] is False


def test_no_address_of_another_host_is_in_the_profile() -> None:
    texts = [value for value in preferences(SOCKS).values() if isinstance(value, str)]
    assert not [text for text in texts if "//" in text]


def test_rendered_preferences_are_sorted_and_quoted() -> None:
    text = render({"b": True, "a": 'a "quoted" \\ text', "c": 7})
    assert text.splitlines() == [
        'user_pref("a", "a \\"quoted\\" \\\\ text");',
        'user_pref("b", true);',
        'user_pref("c", 7);',
    ]


def test_written_profile_is_private_and_complete(tmp_path: Path) -> None:
    folder = tmp_path / "deep" / "profile"
    write_profile(folder, SOCKS)
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert (folder / "user.js").read_text(encoding="utf-8") == render(preferences(SOCKS))


def test_firefox_starts_beside_one_that_already_runs() -> None:
    argv = firefox_argv(Path("/usr/bin/firefox-esr"), Path("/run/p"), "http://a.onion/")
    assert argv[0] == "env"
    assert argv[-6:] == (
        "/usr/bin/firefox-esr",
        "--no-remote",
        "--new-instance",
        "--profile",
        "/run/p",
        "http://a.onion/",
    )


def test_profile_is_firefox_home_and_the_screen_stays_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / ".Xauthority").touch()
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.delenv("XAUTHORITY", raising=False)
    argv = firefox_argv(Path("/usr/bin/firefox-esr"), Path("/run/p"), "http://a.onion/")
    assert "HOME=/run/p" in argv
    assert f"XAUTHORITY={tmp_path}/.Xauthority" in argv
    assert "--unset=XDG_CACHE_HOME" in argv
    (tmp_path / ".Xauthority").unlink()
    argv = firefox_argv(Path("/usr/bin/firefox-esr"), Path("/run/p"), "http://a.onion/")
    assert not [word for word in argv if word.startswith("XAUTHORITY")]


def test_pasted_command_survives_the_shell() -> None:
    arguments = Path("/opt/my firefox"), Path("/run/a 'b'"), "http://a.onion/?lang=fa&x=1"
    assert tuple(shlex.split(shell_command(*arguments))) == firefox_argv(*arguments)


def test_extended_support_release_is_preferred(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda name: f"/usr/bin/{name}")
    assert find_firefox() == Path("/usr/bin/firefox-esr")


def test_missing_firefox_is_reported_with_a_hint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    with pytest.raises(FirefoxMissingError) as caught:
        find_firefox()
    assert "apt install firefox-esr" in caught.value.hint
