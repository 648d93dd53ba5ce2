"""A separate Firefox process, and the connection to its Marionette port.

A packet is a length in digits, a colon and JSON: a request is `[0, id, command, parameters]`, its
response is `[1, id, error, result]`. Only one command runs at a time.

Scripts are disabled in the pages. For what the protocol itself cannot do, privileged scripts are
used, which that setting does not affect: `chrome` runs one in the browser's window, `content` in
a page or in one of its frames. A frame is named by the `name` of its iframe; `None` is the page
itself.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from server.demo.firefox_profile import ENVIRONMENT, Preference, find_firefox, render

ELEMENT_KEY = "element-6066-11e4-a52e-4f735466cecf"
"""The key of an element reference in the WebDriver standard."""

START_S = 40.0
REPLY_S = 30.0
POLL_S = 0.03

DRIVER_PREFERENCES: Mapping[str, Preference] = {
    # With 0, Firefox chooses a port and writes it to MarionetteActivePort.
    "marionette.port": 0,
}


STYLES_LOADED = """
const styled = win => {
  const links = [...win.document.querySelectorAll("link[rel=stylesheet]")];
  return links.every(link => link.sheet) && (win === win.top || styled(win.parent));
};
return styled(window);
"""


class MarionetteError(Exception):
    """Firefox answered a command with an error; `kind` is its name in the WebDriver standard."""

    def __init__(self, kind: str, message: str) -> None:
        super().__init__(f"{kind}: {message}")
        self.kind = kind


class FirefoxDiedError(Exception):
    """Firefox ended unexpectedly, or did not start."""


class Firefox:
    """A running Firefox with its own profile folder; several can run at the same time.

    The kernel kills it when the *thread* that created it ends (`PR_SET_PDEATHSIG`). So a test run
    that is killed leaves no Firefox behind.

    Args:
        profile: a folder with a `user.js`; by default an empty one is created. In both cases it
            is deleted at the end.
        prefs: override the preferences of the profile.
        display: an X display to show the window on, such as `:99`; by default headless.
    """

    def __init__(
        self,
        profile: Path | None = None,
        *,
        prefs: Mapping[str, Preference] | None = None,
        display: str | None = None,
    ) -> None:
        self.profile = profile or Path(tempfile.mkdtemp(prefix="firefox-"))
        with (self.profile / "user.js").open("a", encoding="utf-8") as file:
            file.write(render({**(prefs or {}), **DRIVER_PREFERENCES}))
        self.process = _start(self.profile, display)
        self._last_id = 0
        try:
            self._socket = socket.create_connection(("127.0.0.1", self._port()), REPLY_S)
        except BaseException:
            self._end()
            raise
        self._stream = self._socket.makefile("rb")
        try:
            self._receive()
            # With "none", no command waits for a load that never ends.
            self.send("WebDriver:NewSession", {"pageLoadStrategy": "none"})
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        exc_type: type[BaseException] | None,
        exc_value: BaseException | None,
        tb: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """End Firefox and delete its profile folder. Calling it again does nothing."""
        if self.process.poll() is None:
            with suppress(MarionetteError, FirefoxDiedError, OSError, ValueError):
                self.send("Marionette:Quit", {"flags": ["eForceQuit"]})
        self._stream.close()
        self._socket.close()
        self._end()

    def send(self, command: str, params: Mapping[str, Any] | None = None) -> Any:  # noqa: ANN401
        """Send one Marionette command and return its value.

        Raises:
            MarionetteError: if Firefox answered with an error.
            FirefoxDiedError: if Firefox has ended.
            TimeoutError: if it did not answer within `REPLY_S`.
        """
        self._last_id += 1
        packet = json.dumps([0, self._last_id, command, params or {}]).encode()
        self._socket.sendall(b"%d:%b" % (len(packet), packet))
        _, _, error, result = self._receive()
        if error:
            raise MarionetteError(error["error"], error["message"])
        return result["value"] if isinstance(result, dict) and "value" in result else result

    def chrome(self, script: str, *args: Any) -> Any:  # noqa: ANN401
        """Run a script in the browser's window, which has `gBrowser` and `Services`."""
        with self.window():
            return self._execute(script, args)

    def content(self, script: str, *args: Any, frame: str | None = None) -> Any:  # noqa: ANN401
        """Run a script in the page or in one of its frames, where page scripts are disabled."""
        self.enter(frame)
        return self._execute(script, args)

    @contextmanager
    def window(self) -> Iterator[None]:
        """Inside the block, send commands to the browser's window instead of the page."""
        self.send("Marionette:SetContext", {"value": "chrome"})
        try:
            yield
        finally:
            self.send("Marionette:SetContext", {"value": "content"})

    def enter(self, frame: str | None) -> None:
        """Send the next commands to the page, or to one of its frames."""
        self.send("WebDriver:SwitchToFrame", {"id": None})
        if frame is not None:
            css = f'iframe[name="{frame}"]'
            found = self.send("WebDriver:FindElement", {"using": "css selector", "value": css})
            self.send("WebDriver:SwitchToFrame", {"element": found[ELEMENT_KEY]})

    def wait_for_styles(self, frame: str | None = None) -> None:
        """Wait until the stylesheets of the frame and of the pages around it are loaded."""
        while not self.content(STYLES_LOADED, frame=frame):
            self.pause()

    def act(self, kind: str, steps: list[dict[str, Any]]) -> None:
        """Perform `key` or `pointer` actions of the WebDriver standard."""
        source = {"id": kind, "type": kind, "actions": steps}
        self.send("WebDriver:PerformActions", {"actions": [source]})

    def _execute(self, script: str, args: tuple[Any, ...]) -> Any:  # noqa: ANN401
        # The sandbox named "system" is privileged in the page's process too.
        params = {"script": script, "args": args, "sandbox": "system", "newSandbox": False}
        return self.send("WebDriver:ExecuteScript", params)

    def pause(self) -> None:
        """Wait a moment, or until Firefox ends.

        Raises:
            FirefoxDiedError: if it has ended.
        """
        try:
            code = self.process.wait(timeout=POLL_S)
        except subprocess.TimeoutExpired:
            return
        raise FirefoxDiedError(f"firefox ended with code {code}")

    def _receive(self) -> Any:  # noqa: ANN401
        length = b""
        while not length.endswith(b":"):
            byte = self._stream.read(1)
            if not byte:
                raise FirefoxDiedError("firefox closed the connection")
            length += byte
        return json.loads(self._stream.read(int(length[:-1])))

    def _port(self) -> int:
        port_file = self.profile / "MarionetteActivePort"
        end = time.monotonic() + START_S
        while time.monotonic() < end:
            # Firefox creates the file a moment before it writes the port.
            with suppress(FileNotFoundError, ValueError):
                return int(port_file.read_text(encoding="ascii"))
            self.pause()
        raise FirefoxDiedError(f"firefox opened no port within {START_S:.0f} s")

    def _end(self) -> None:
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)


def _start(profile: Path, display: str | None) -> subprocess.Popen[bytes]:
    argv = ["setpriv", "--pdeathsig", "KILL", "--", str(find_firefox())]
    argv += ["--no-remote", "--new-instance", "--marionette", "--remote-allow-system-access"]
    argv += ["--profile", str(profile), *([] if display else ["--headless"])]
    # Font and desktop caches go to HOME: with the profile as HOME they are deleted with it.
    env = {**os.environ, **ENVIRONMENT, "HOME": str(profile), "MOZ_CRASHREPORTER_DISABLE": "1"}
    for name in ("XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_RUNTIME_DIR"):
        env.pop(name, None)
    if display:
        env["DISPLAY"] = display
    null = subprocess.DEVNULL
    return subprocess.Popen(argv, env=env, stdin=null, stdout=null, stderr=null)
