"""A real tor without network access: it is controlled, and its end is noticed and explained."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from base64 import b64encode
from contextlib import suppress
from pathlib import Path

import pytest

from onion.bootstrap import Progress
from onion.control import Control
from onion.defences import defence_options
from onion.errors import (
    BootstrapStalledError,
    ControlClosedError,
    ControlRefusedError,
    OnionError,
    PublishFailedError,
    TorDiedError,
)
from onion.keys import ServiceKey
from onion.launch.memory import left_in_memory, memory_place
from onion.launch.program import find_tor
from onion.launch.torrc import Option, service_options
from onion.service import OnionService
from onion.service_state import ServiceEvent
from onion.spec import ServiceSpec
from onion.tor import Tor

from .launch.test_process import dies_within
from .listening import listening
from .unshared import in_small_filesystem

pytestmark = pytest.mark.tor

OFFLINE: list[Option] = [*service_options(), ("DisableNetwork", "1")]
SPEC = "/nowhere/web.sock"


def make_tor(folder: Path, *more: Option) -> Tor:
    return Tor(find_tor(), folder, [*OFFLINE, *more])


async def test_tor_answers_and_ends_with_its_context(tmp_path: Path) -> None:
    async with make_tor(tmp_path / "tor") as tor:
        assert (await tor.control.getinfo("version")).startswith("0.4.")
        assert await tor.control.getinfo("process/pid") == str(tor.pid)
        assert not tor.is_down
        pid = tor.pid
    assert dies_within(pid, 0)


@pytest.mark.parametrize("name", ["a b", 'quo"te', "back\\slash", "ha#sh", "ünïcode"])
async def test_tor_uses_the_given_folder_whatever_its_name(tmp_path: Path, name: str) -> None:
    async with make_tor(tmp_path / name) as tor:
        assert await tor.control.getinfo("process/pid") == str(tor.pid)
        assert (tmp_path / name / "data" / "lock").exists()


async def test_tor_ends_with_its_control_connection(tmp_path: Path) -> None:
    async with make_tor(tmp_path / "tor") as tor:
        await tor.control.close()
        assert dies_within(tor.pid, 20)


@pytest.mark.checklist(31)
async def test_killed_tor_is_noticed_and_explained(tmp_path: Path) -> None:
    down = asyncio.Event()
    async with Tor(find_tor(), tmp_path / "tor", OFFLINE, on_down=down.set) as tor:
        os.kill(tor.pid, signal.SIGKILL)
        async with asyncio.timeout(30):
            await down.wait()
        with pytest.raises(TorDiedError, match="signal 9"):
            await tor.request("GETINFO version")
        with pytest.raises(ControlClosedError):
            await tor.control.request("GETINFO version")


@pytest.mark.checklist(31)
async def test_command_to_a_tor_that_hangs_fails_after_the_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with make_tor(tmp_path / "tor") as tor:
        monkeypatch.setattr("onion.control.ANSWER_S", 0.05)
        os.kill(tor.pid, signal.SIGSTOP)
        try:
            with pytest.raises(ControlClosedError, match="no answer"):
                await tor.request("GETINFO version")
        finally:
            os.kill(tor.pid, signal.SIGCONT)


@pytest.mark.checklist(31)
async def test_tor_that_hangs_at_its_start_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    silent = asyncio.Event()

    async def never_answer(reader: asyncio.StreamReader, _: asyncio.StreamWriter) -> None:
        await reader.readline()
        await silent.wait()

    monkeypatch.setattr("onion.control.ANSWER_S", 0.05)
    async with listening(tmp_path / "control", never_answer):
        try:
            with pytest.raises(ControlClosedError, match="no answer"):
                await Control.attach(tmp_path / "control")
        finally:
            silent.set()  # else a thread would wait for ever


async def test_folder_of_a_killed_tor_can_be_used_again(tmp_path: Path) -> None:
    async with make_tor(tmp_path / "tor") as tor:
        os.kill(tor.pid, signal.SIGKILL)
    assert (tmp_path / "tor" / "control").exists()
    async with make_tor(tmp_path / "tor") as tor:
        assert await tor.control.getinfo("version")


async def test_reload_replaces_the_options_of_the_reload_before(
    tmp_path: Path,
) -> None:
    reread = asyncio.Event()

    def note(line: str) -> None:
        if "Read configuration file" in line:
            reread.set()

    async with Tor(find_tor(), tmp_path / "tor", OFFLINE, on_line=note) as tor:
        pid = tor.pid
        for more, rate in (([("BandwidthRate", "2500 bytes")], "2500"), ([], str(2**30))):
            reread.clear()
            tor.reload(*more)
            async with asyncio.timeout(30):
                await reread.wait()
            assert await tor.request("GETCONF BandwidthRate") == f"BandwidthRate={rate}"
        assert tor.pid == pid


async def test_reload_of_a_tor_that_has_ended_fails(tmp_path: Path) -> None:
    async with make_tor(tmp_path / "tor") as tor:
        os.kill(tor.pid, signal.SIGKILL)
        with suppress(TorDiedError):
            await tor.wait_for_event(tor.event_count, timeout_s=10)
        with pytest.raises(ControlClosedError):
            tor.reload()


async def test_refused_command_is_reported_without_its_secret(tmp_path: Path) -> None:
    secret = "ED25519-V3:" + b64encode(ServiceKey.generate().reveal()).decode()
    async with make_tor(tmp_path / "tor") as tor:
        for command in (f"ADD_ONION {secret}", f"ADD_ONION {secret[:-8]} Port=80", f"{secret}"):
            with pytest.raises(ControlRefusedError, match="5") as refused:
                await tor.request(command)
            assert secret[20:40] not in str(refused.value)


async def test_concurrent_requests_each_get_their_own_reply(tmp_path: Path) -> None:
    async with make_tor(tmp_path / "tor") as tor:
        keys = ["process/pid", "version", "config-file", "traffic/read"] * 5
        answers = await asyncio.gather(*(tor.control.getinfo(key) for key in keys))
    assert answers[:4] == answers[4:8] == answers[-4:]
    assert len(set(answers[:4])) == 4


async def test_control_socket_without_a_listener_is_reported(tmp_path: Path) -> None:
    with pytest.raises(ControlClosedError, match="nobody listens"):
        await Control.attach(tmp_path / "control")


async def test_socket_of_another_program_is_refused(tmp_path: Path) -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readline()
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")

    async with listening(tmp_path / "control", answer):
        with pytest.raises(ControlRefusedError):
            await Control.attach(tmp_path / "control")


@pytest.mark.checklist(31)
async def test_wrong_cookie_is_refused_without_showing_it(tmp_path: Path) -> None:
    async with make_tor(tmp_path / "tor") as tor:
        cookie = tmp_path / "tor" / "data" / "control_auth_cookie"
        cookie.write_bytes(b"A" * 32)
        with pytest.raises(ControlRefusedError, match="cookie") as refused:
            await Control.attach(tmp_path / "tor" / "control")
        assert "AAAA" not in str(refused.value)
        assert not tor.is_down


async def test_end_of_the_connection_is_reported_once(tmp_path: Path) -> None:
    reported: list[str] = []
    async with make_tor(tmp_path / "tor"):
        control = await Control.attach(
            tmp_path / "tor" / "control", on_closed=lambda: reported.append("closed")
        )
        await control.close()
        await control.close()
        await asyncio.sleep(0)
        assert reported == ["closed"]


@pytest.mark.checklist(31)
async def test_taken_port_is_named_when_tor_cannot_start(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        options = [("SocksPort", f"127.0.0.1:{other.getsockname()[1]}")]
        with pytest.raises(TorDiedError, match="Address already in use") as died:
            async with Tor(find_tor(), tmp_path / "tor", options):
                pass
    assert "another program" in died.value.hint


async def test_folder_that_cannot_be_created_is_reported(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(OnionError, match="cannot write"):
        async with make_tor(tmp_path / "file" / "tor"):
            pass


async def test_cancelled_start_leaves_no_tor(tmp_path: Path) -> None:
    pids: list[int] = []
    started = asyncio.Event()

    def take(line: str) -> None:
        started.set()

    tor = Tor(find_tor(), tmp_path / "tor", OFFLINE, on_line=take)
    starting = asyncio.ensure_future(tor.__aenter__())
    async with asyncio.timeout(30):
        await started.wait()
    pids.append(tor.pid)
    starting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await starting
    assert dies_within(pids[0], 0)


@pytest.mark.checklist(31)
async def test_stalled_bootstrap_is_reported_with_its_percentage(tmp_path: Path) -> None:
    steps: list[Progress] = []
    async with make_tor(tmp_path / "tor") as tor:
        with pytest.raises(BootstrapStalledError, match="stuck at 0%") as stalled:
            await tor.bootstrap(stall_s=0.05, on_progress=steps.append)
    assert "bridges" in stalled.value.hint
    assert [step.percent for step in steps][:1] == [0]


async def test_service_that_cannot_bootstrap_stops_its_tor(tmp_path: Path) -> None:
    folder = tmp_path / 'a #"folder"'
    events: list[ServiceEvent] = []
    service = OnionService(
        ServiceSpec(Path(SPEC)),
        ServiceKey.generate(),
        folder,
        torrc_extra=[("DisableNetwork", "1")],
        on_event=events.append,
        stall_s=0.05,
    )
    assert service.pid is None
    with pytest.raises(BootstrapStalledError):
        async with service:
            pass
    assert service.pid is not None
    assert dies_within(service.pid, 0)
    torrc = (folder / "torrc").read_text()
    socks = (folder / "socks").as_posix().replace('"', '\\\\\\"')
    assert f'SocksPort "unix:\\"{socks}\\" OnionTrafficOnly"\n' in torrc
    for name, value in (*service_options()[1:], *defence_options()):
        assert f"{name} {value}\n" in torrc
    assert not list(folder.glob("service-*")), "the copy of the key is gone"
    assert (events[0], set(events[1:])) == (ServiceEvent.LAUNCHED, {ServiceEvent.LOST})
    async with asyncio.timeout(30):
        await service.wait_down()


async def test_tor_that_does_not_take_our_key_is_ended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def write_half(path: Path, key: ServiceKey) -> None:
        path.write_bytes(key.reveal())

    monkeypatch.setattr("onion.service_folder.write_key", write_half)
    offline = [("DisableNetwork", "1")]
    spec, key = ServiceSpec(Path(SPEC)), ServiceKey.generate()
    service = OnionService(spec, key, tmp_path / "tor", torrc_extra=offline, stall_s=0.05)
    with pytest.raises(PublishFailedError, match="could not read the key"):
        async with service:
            pass
    assert service.pid is not None
    assert dies_within(service.pid, 0)


async def test_sandboxed_tor_takes_a_key_that_is_in_memory_only(tmp_path: Path) -> None:
    seen: list[tuple[list[str], list[Path]]] = []
    spec, key, folder = ServiceSpec(Path(SPEC)), ServiceKey.generate(), tmp_path / "tor"

    def look(event: ServiceEvent) -> None:
        if event is ServiceEvent.LAUNCHED:
            (copy,) = left_in_memory(tmp_path)
            files = [path for path in folder.rglob("*") if path.is_file()]
            parts = (key.reveal()[:32], key.reveal()[32:], key.address.encode()[:56])
            telling = [path for path in files if any(part in path.read_bytes() for part in parts)]
            seen.append((sorted(path.name for path in copy.iterdir()), telling))

    offline = [("DisableNetwork", "1"), ("Sandbox", "1")]
    service = OnionService(
        spec,
        key,
        folder,
        torrc_extra=offline,
        copy_in=memory_place(tmp_path),
        on_event=look,
        stall_s=0.05,
    )
    with pytest.raises(BootstrapStalledError):
        async with service:
            pass
    names = ["hostname", "hs_ed25519_public_key", "hs_ed25519_secret_key"]
    assert seen == [(["authorized_clients", *names], [])]
    assert left_in_memory(tmp_path) == []


FULL = """
import asyncio
from pathlib import Path
from onion import OnionError
from onion.launch.program import find_tor
from onion.tor import Tor
async def main():
    # An existing torrc reserves the space for ours; nothing is left for the files of tor itself.
    folder = Path("{folder}/full")
    (folder / "data").mkdir(mode=0o700, parents=True)
    (folder / "torrc").write_bytes(bytes(4096))
    try:
        (folder / "fill").write_bytes(bytes(10**6))
    except OSError:
        pass
    options = [("SocksPort", "0"), ("DisableNetwork", "1")]
    async with Tor(find_tor(), folder, options):
        print("up")
try:
    asyncio.run(main())
except OnionError as error:
    print(type(error).__name__, error)
"""


@pytest.mark.slow
def test_full_disk_is_reported_with_its_folder(tmp_path: Path) -> None:
    assert in_small_filesystem(tmp_path, FULL) == [
        f"DiskFullError cannot write in {tmp_path}/full: no space left"
    ]
