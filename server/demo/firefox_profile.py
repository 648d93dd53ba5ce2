"""A prepared Firefox profile that behaves like Tor Browser at its Safest level.

The profile is one file, `user.js`, in an empty folder. It does four things: sends everything
through one SOCKS endpoint with names resolved behind it, switches off what Safest switches
off, suppresses every request and dialogue of a first start, and leaves nothing on the disk.

It is for trying out this chat only, not for browsing: Firefox is not Tor Browser, and a profile
cannot add that browser's patches.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
from collections.abc import Mapping
from pathlib import Path

Preference = bool | int | str

FIREFOX_NAMES = ("firefox-esr", "firefox")
"""Tried in this order: Tor Browser is built from the extended-support release."""

ENVIRONMENT: Mapping[str, str] = {
    # Only with this variable does a release build of Firefox respect `services.settings.server`.
    # Without it, Firefox contacts Mozilla's settings server on every start.
    "MOZ_REMOTE_SETTINGS_DEVTOOLS": "1",
    "MOZ_CRASHREPORTER_DISABLE": "1",
}

CACHE_VARIABLES = ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME")
"""Variables that would move the caches of a Firefox out of its home."""

ONION: Mapping[str, Preference] = {
    "network.dns.blockDotOnion": False,
    # An onion address is a key, so plain http to it is a secure context, as in Tor Browser.
    # Without this preference, Firefox rejects Secure and __Host- cookies.
    "dom.securecontext.allowlist_onions": True,
    "dom.security.https_first": False,
    "dom.security.https_first_for_custom_ports": False,
    "dom.security.https_first_for_local_addresses": False,
    "dom.security.https_first_for_unknown_suffixes": False,
    "dom.security.https_first_pbm": False,
    "dom.security.https_first_schemeless": False,
    "dom.security.https_only_mode": False,
    "dom.security.https_only_mode.upgrade_onion": False,
    "dom.security.https_only_mode_pbm": False,
    "network.http.referer.hideOnionSource": True,
    "network.stricttransportsecurity.preloadlist": False,
    "security.mixed_content.upgrade_display_content": False,
}

PROXY: Mapping[str, Preference] = {
    "network.proxy.type": 1,
    "network.proxy.socks_version": 5,
    "network.proxy.socks_remote_dns": True,
    "network.proxy.socks5_remote_dns": True,
    "network.proxy.no_proxies_on": "",
    "network.proxy.allow_hijacking_localhost": True,
    "network.proxy.testing_localhost_is_secure_when_hijacked": False,
    "network.proxy.allow_bypass": False,
    "network.proxy.failover_direct": False,
    # No name may be resolved, and no connection opened, without the proxy.
    "media.peerconnection.enabled": False,
    "network.dns.disableIPv6": True,
    "network.dns.disablePrefetch": True,
    "network.dns.disablePrefetchFromHTTPS": True,
    "network.dns.native_https_query": False,
    "network.http.altsvc.enabled": False,
    "network.http.http3.enable": False,
    "network.trr.mode": 5,
}

SAFEST: Mapping[str, Preference] = {
    "gfx.font_rendering.graphite.enabled": False,
    "gfx.font_rendering.opentype_svg.enabled": False,
    "javascript.enabled": False,
    "javascript.options.asmjs": False,
    "javascript.options.baselinejit": False,
    "javascript.options.ion": False,
    "javascript.options.native_regexp": False,
    "javascript.options.wasm": False,
    "mathml.disabled": True,
    "svg.disabled": True,
}

UNIFORM: Mapping[str, Preference] = {
    "privacy.firstparty.isolate": True,
    "privacy.resistFingerprinting": True,
    "privacy.resistFingerprinting.letterboxing": True,
    "webgl.disabled": True,
}

NO_TRACES: Mapping[str, Preference] = {
    "browser.cache.disk.enable": False,
    "browser.cache.disk_cache_ssl": False,
    "browser.formfill.enable": False,
    "browser.pagethumbnails.capturing_disabled": True,
    "browser.privatebrowsing.autostart": True,
    "browser.privatebrowsing.forceMediaMemoryCache": True,
    "browser.sessionstore.privacy_level": 2,
    "browser.sessionstore.resume_from_crash": False,
    "permissions.memory_only": True,
    "places.history.enabled": False,
    "security.nocertdb": True,
    "signon.rememberSignons": False,
}

NO_POPUPS: Mapping[str, Preference] = {
    "app.normandy.first_run": False,
    "browser.aboutConfig.showWarning": False,
    "browser.aboutwelcome.enabled": False,
    "browser.contentblocking.introCount": 99,
    "browser.disableResetPrompt": True,
    "browser.engagement.sidebar-button.has-used": True,
    "browser.laterrun.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.preonboarding.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.firstrunSkipsHomepage": True,
    "browser.startup.homepage": "about:blank",
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "browser.tabs.warnOnClose": False,
    "browser.translations.enable": False,
    "browser.uitour.enabled": False,
    "browser.warnOnQuit": False,
    "datareporting.policy.dataSubmissionPolicyBypassNotification": True,
    "startup.homepage_welcome_url": "",
    "startup.homepage_welcome_url.additional": "",
    "termsofuse.bypassNotification": True,
    "trailhead.firstrun.didSeeAboutWelcome": True,
}

NO_REQUESTS: Mapping[str, Preference] = {
    "app.normandy.enabled": False,
    "app.shield.optoutstudies.enabled": False,
    "app.update.auto": False,
    "browser.discovery.enabled": False,
    "browser.ml.enable": False,
    "browser.newtabpage.activity-stream.feeds.system.topstories": False,
    "browser.newtabpage.activity-stream.feeds.topsites": False,
    "browser.newtabpage.activity-stream.telemetry": False,
    "browser.places.speculativeConnect.enabled": False,
    "browser.region.network.url": "",
    "browser.region.update.enabled": False,
    "browser.safebrowsing.blockedURIs.enabled": False,
    "browser.safebrowsing.downloads.enabled": False,
    "browser.safebrowsing.downloads.remote.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.safebrowsing.provider.google4.updateURL": "",
    "browser.safebrowsing.provider.google5.updateURL": "",
    "browser.safebrowsing.provider.mozilla.updateURL": "",
    "browser.search.suggest.enabled": False,
    "browser.search.update": False,
    "browser.send_pings": False,
    "browser.topsites.contile.enabled": False,
    "browser.urlbar.merino.endpointURL": "",
    "browser.urlbar.speculativeConnect.enabled": False,
    "browser.urlbar.suggest.searches": False,
    "datareporting.healthreport.uploadEnabled": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "datareporting.usage.uploadEnabled": False,
    "dom.private-attribution.submission.enabled": False,
    "dom.push.connection.enabled": False,
    "dom.push.enabled": False,
    "extensions.blocklist.enabled": False,
    "extensions.getAddons.cache.enabled": False,
    "extensions.systemAddon.update.enabled": False,
    "extensions.update.enabled": False,
    "geo.enabled": False,
    "geo.provider.network.url": "",
    "identity.fxaccounts.enabled": False,
    "media.eme.enabled": False,
    "media.gmp-gmpopenh264.enabled": False,
    "media.gmp-manager.chromium-update-url": "",
    "media.gmp-manager.updateEnabled": False,
    "media.gmp-manager.url": "data:,",
    "media.gmp-provider.enabled": False,
    "media.gmp-widevinecdm.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.http.speculative-parallel-limit": 0,
    "network.prefetch-next": False,
    "nimbus.rollouts.enabled": False,
    "privacy.trackingprotection.enabled": False,
    "security.OCSP.enabled": 0,
    "security.pki.crlite_mode": 0,
    "security.remote_settings.crlite_filters.enabled": False,
    "security.remote_settings.intermediates.enabled": False,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
    "toolkit.telemetry.server": "data:,",
    "toolkit.telemetry.unified": False,
}


class FirefoxMissingError(Exception):
    """No Firefox is on the path; `hint` names the package to install."""

    hint = "install it with `apt install firefox-esr`"

    def __init__(self) -> None:
        super().__init__("no firefox was found")


def find_firefox() -> Path:
    """Return the Firefox to start.

    Raises:
        FirefoxMissingError: if none of `FIREFOX_NAMES` is on the path.
    """
    for name in FIREFOX_NAMES:
        if found := shutil.which(name):
            return Path(found)
    raise FirefoxMissingError


def preferences(socks: str) -> dict[str, Preference]:
    """Return every preference of the profile, by name.

    Args:
        socks: `127.0.0.1:PORT`, or `unix:` and an absolute path.

    Raises:
        ValueError: if `socks` has neither form.
    """
    return {
        **_socks(socks),
        **PROXY,
        **ONION,
        **SAFEST,
        **UNIFORM,
        **NO_TRACES,
        **NO_POPUPS,
        **NO_REQUESTS,
    }


def _socks(endpoint: str) -> dict[str, Preference]:
    if endpoint.startswith("unix:/"):
        # Firefox takes a Unix socket only as a file URL in the place of the host name.
        url = Path(endpoint.removeprefix("unix:")).as_uri()
        return {"network.proxy.socks": url, "network.proxy.socks_port": 0}
    host, _, port = endpoint.rpartition(":")
    if not host or not port.isascii() or not port.isdecimal():
        raise ValueError(f"not a SOCKS endpoint: {endpoint!r}")
    return {"network.proxy.socks": host, "network.proxy.socks_port": int(port)}


def render(prefs: Mapping[str, Preference]) -> str:
    """Return the text of a `user.js`, in the order of the names."""
    return "".join(
        f"user_pref({json.dumps(name)}, {json.dumps(value)});\n"
        for name, value in sorted(prefs.items())
    )


def write_profile(folder: Path, socks: str) -> None:
    """Make `folder` a profile for the SOCKS endpoint `socks`, readable by its owner only."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    (folder / "user.js").write_text(render(preferences(socks)), encoding="utf-8")


def firefox_argv(firefox: Path, profile: Path, url: str) -> tuple[str, ...]:
    """Return the arguments that open `url` in a separate Firefox.

    Without `--no-remote` and `--new-instance` a running Firefox would open the page in its own
    profile, with its own scripts and its own connection. The profile is also its home: caches
    of fonts and of the desktop go there, whatever the preferences, and are deleted with it.
    """
    unset = (f"--unset={name}" for name in CACHE_VARIABLES)
    settings = (f"{name}={value}" for name, value in _environment(profile).items())
    options = ("--no-remote", "--new-instance", "--profile", str(profile))
    return ("env", *unset, *settings, str(firefox), *options, url)


def _environment(profile: Path) -> dict[str, str]:
    # With another home, the X server's key file would not be found by default.
    key = os.environ.get("XAUTHORITY") or os.path.expanduser("~/.Xauthority")
    return {
        **ENVIRONMENT,
        "HOME": str(profile),
        **({"XAUTHORITY": key} if os.path.exists(key) else {}),
    }


def shell_command(firefox: Path, profile: Path, url: str) -> str:
    """Return the same command as one line to paste into a shell."""
    return shlex.join(firefox_argv(firefox, profile, url))
